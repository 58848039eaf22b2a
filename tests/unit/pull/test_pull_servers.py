from pathlib import Path

import pytest

from cei_assets.pull.problem import ServersFileError
from cei_assets.pull.servers import EXAMPLE, load_server, secret_variable

SECRET = "hush-hush"  # noqa: S105  # of these tests only
ENVIRONMENT = {"CEI_CDS_EXAMPLE_UTILITY_SECRET": SECRET}
URL = '"https://u.example/m.json"'


def refused(folder: Path, text: str | bytes, *, name: str = "x") -> str:
    file = folder / "cds_servers.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ServersFileError) as caught:
        load_server(file, name, environment={"CEI_CDS_X_SECRET": SECRET})
    assert SECRET not in str(caught.value)
    assert "cds_servers.toml" in str(caught.value)
    return str(caught.value)


def test_the_example_of_every_error_is_an_entry_that_works(tmp_path: Path) -> None:
    file = tmp_path / "cds_servers.toml"
    file.write_text(EXAMPLE)
    server = load_server(file, "example-utility", environment=ENVIRONMENT)
    assert server.entry.scopes == ("cds_query_usage_1",)
    assert server.secret.get_secret_value() == SECRET


def test_a_server_does_not_show_its_secret(tmp_path: Path) -> None:
    file = tmp_path / "cds_servers.toml"
    file.write_text(EXAMPLE)
    server = load_server(file, "example-utility", environment=ENVIRONMENT)
    assert SECRET not in f"{server!r} {server} {vars(server)} {server.entry.model_dump_json()}"


def test_a_missing_secret_names_its_variable(tmp_path: Path) -> None:
    file = tmp_path / "cds_servers.toml"
    file.write_text(EXAMPLE)
    with pytest.raises(ServersFileError, match="CEI_CDS_EXAMPLE_UTILITY_SECRET"):
        load_server(file, "example-utility", environment={"CEI_CDS_EXAMPLE_UTILITY_SECRET": " "})


def test_a_missing_file_shows_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(ServersFileError, match=r"metadata_url = "):
        load_server(tmp_path / "cds_servers.toml", "x", environment={})


def test_a_missing_server_names_the_known(tmp_path: Path) -> None:
    assert "known: a, b" in refused(tmp_path, "[b]\n[a]\n")


def test_a_secret_in_the_file_is_refused_without_repeating_it(tmp_path: Path) -> None:
    entry = f'[x]\nmetadata_url = {URL}\nclient_id = "c"\nclient_secret = "{SECRET}"\n'
    assert "CEI_CDS_X_SECRET" in refused(tmp_path, entry)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('client_id = "c"', "metadata_url: Field required"),
        (f"metadata_url = {URL}", "client_id: Field required"),
        ('metadata_url = "http://u.example/m"\nclient_id = "c"', "expected https"),
        ('metadata_url = "https://a:hush-hush@u.example/"\nclient_id = "c"', "user or password"),
        ('metadata_url = "u.example"\nclient_id = "c"', "expected an address"),
        (f'metadata_url = {URL}\nclient_id = "c"\nscope = "a"', "scope: Extra inputs"),
        (f'metadata_url = {URL}\nclient_id = "c"\nobjects = ["usage"]', "usage_segments"),
        (f'metadata_url = {URL}\nclient_id = "c"\ntimezone = "Rome"', "IANA zone"),
        (f'metadata_url = {URL}\nclient_id = "c"\ngrants = ["g"]', "grants need grant_scope"),
        (f'metadata_url = {URL}\nclient_id = "c"\nids_per_request = 0', "ids_per_request"),
        (
            f'metadata_url = {URL}\nclient_id = "c"\nendpoints = {{ k = "http://u.example" }}',
            "endpoints: expected https",
        ),
    ],
)
def test_mistakes_of_an_entry_are_named(tmp_path: Path, entry: str, says: str) -> None:
    assert says in refused(tmp_path, f"[x]\n{entry}\n")


def test_a_file_that_is_no_toml_names_the_line(tmp_path: Path) -> None:
    assert "line 2" in refused(tmp_path, "[x]\nclient_id = \n")


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    assert "UTF-8" in refused(tmp_path, b'[x]\nclient_id = "\xff"\n')


def test_a_value_in_place_of_an_entry_is_told(tmp_path: Path) -> None:
    assert "not a table" in refused(tmp_path, "x = 5\n")


def test_names_are_such_that_variables_cannot_meet(tmp_path: Path) -> None:
    assert "rename" in refused(tmp_path, '["X_1"]\n', name="X_1")
    assert secret_variable("north-grid-2") == "CEI_CDS_NORTH_GRID_2_SECRET"
