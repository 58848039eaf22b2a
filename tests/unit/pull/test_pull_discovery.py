"""Which addresses of metadata are used; the way through a server is in the integration tests."""

import pytest
from pydantic import SecretStr

from cei_assets.pull.discovery import _checked
from cei_assets.pull.problem import BodyError
from cei_assets.pull.servers import CdsServer, ServerEntry

URL = "https://u.example/m.json"


def server(metadata_url: str = URL) -> CdsServer:
    entry = ServerEntry(metadata_url=metadata_url, client_id="c")
    return CdsServer(name="u", entry=entry, secret=SecretStr("x"))


def test_an_address_of_another_host_is_used_since_metadata_name_it() -> None:
    assert _checked("https://sandbox.example/a", server=server()) == "https://sandbox.example/a"


@pytest.mark.parametrize(
    "url",
    [
        "http://u.example/a",
        "https://127.0.0.1/a",
        "http://localhost:8080/a",
        "http://[::1]/a",
        "https://someone:x@u.example/a",
        "ftp://u.example/a",
        "/a",
        "",
        None,
        7,
    ],
)
def test_an_address_that_a_secret_must_not_go_to_is_refused(url: object) -> None:
    with pytest.raises(BodyError):
        _checked(url, server=server())


def test_a_server_on_this_machine_may_name_addresses_on_it() -> None:
    here = server("http://127.0.0.1:8000/m.json")
    assert _checked("http://127.0.0.1:8000/a", server=here) == "http://127.0.0.1:8000/a"
