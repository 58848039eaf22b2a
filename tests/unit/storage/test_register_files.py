"""The register's files: encodings, fingerprints, what is stored, templates, `cei init`."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS, REGISTER_TABLES
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import (
    RegisterError,
    RegisterResult,
    load_register,
    store_register,
    write_integration_mapping,
    write_register_csv,
)
from cei_assets.storage.register_templates import write_templates
from tests.small_register import HEADERS, LINE, MAIN, texts

YEARS = range(2026, 2027)
NAMED = "mill,acme,Mühle Süd,Europe/Rome,IT,TO,,"


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(root=tmp_path)


def written(paths: DataPaths, **rows: tuple[str, ...]) -> RegisterResult:
    write_register_csv(paths, texts(**rows))
    return load_register(paths, years=YEARS)


def encoded(paths: DataPaths, content: bytes) -> RegisterResult:
    write_register_csv(paths, texts())
    (paths.register / "sites.csv").write_bytes(content)
    return load_register(paths, years=YEARS)


SITES = f"{HEADERS['sites']}\n{NAMED}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_without_a_word(paths: DataPaths, encoding: str) -> None:
    result = encoded(paths, SITES.encode(encoding))
    assert result.findings == ()
    assert result.tables["sites"]["site_name"].to_pylist() == ["Mühle Süd"]


def test_windows_1252_is_read_with_a_warning(paths: DataPaths) -> None:
    result = encoded(paths, SITES.encode("cp1252"))
    assert result.tables["sites"]["site_name"].to_pylist() == ["Mühle Süd"]
    (finding,) = result.findings
    assert not finding.is_error
    assert str(finding).startswith("register/sites.csv: warning: found characters that are not UTF")


@pytest.mark.parametrize(
    "content",
    [SITES.replace("ü", "\x81").encode("latin-1"), SITES.encode("utf-16")[:-1]],
    ids=["no character of Windows-1252", "half a character of UTF-16"],
)
def test_characters_that_cannot_be_read_are_refused_not_replaced(
    paths: DataPaths, content: bytes
) -> None:
    result = encoded(paths, content)
    assert result.has_errors
    errors = [finding for finding in result.findings if finding.is_error]
    assert [(finding.where, finding.found) for finding in errors] == [
        ("register/sites.csv", "characters that cannot be read")
    ]
    assert errors[0].line in (2, 3)
    assert result.tables == {}


def test_a_loaded_register_has_every_table_in_its_declared_types(paths: DataPaths) -> None:
    result = written(paths)
    result.raise_for_errors()
    for table in (*REGISTER_TABLES, PUBLIC_HOLIDAYS):
        assert result.tables[table.name].schema.equals(arrow_schema(table)), table.name
    assert date(2026, 4, 25) in result.tables["public_holidays"]["local_date"].to_pylist()


def test_errors_are_raised_all_at_once_and_nothing_is_loaded(paths: DataPaths) -> None:
    result = written(
        paths,
        sites=("mill,acme,Mill,,IT,TO,,",),
        meters=(MAIN.replace("3600", "7000"), LINE),
    )
    assert (result.tables, result.fingerprint) == ({}, "")
    with pytest.raises(RegisterError) as raised:
        result.raise_for_errors()
    lines = str(raised.value).splitlines()
    assert lines[0] == "the register has 2 errors:"
    assert lines[1].startswith("register/sites.csv:2: timezone: found an empty cell, expected a")
    assert lines[2].startswith("register/meters.csv:2: interval_seconds: found '7000', expected ")


def test_a_register_with_errors_does_not_replace_the_stored_one(paths: DataPaths) -> None:
    store_register(paths, written(paths))
    stored = (paths.raw_register / "meters.parquet").read_bytes()
    broken = written(paths, meters=(LINE,))
    with pytest.raises(RegisterError):
        store_register(paths, broken)
    assert (paths.raw_register / "meters.parquet").read_bytes() == stored


def test_stored_prices_are_exact_decimals(paths: DataPaths) -> None:
    store_register(paths, written(paths, tariffs=("mill,2026-01-01,,EUR,0.123456,0,24,0,6",)))
    table = pq.read_table(paths.raw_register / "tariffs.parquet")
    assert table["price_per_kwh"].to_pylist() == [Decimal("0.123456")]
    with duckdb.connect() as connection:
        file = str(paths.raw_register / "tariffs.parquet")
        types = connection.execute(
            "select typeof(price_per_kwh) from read_parquet($file)", {"file": file}
        ).fetchall()
    assert types == [("DECIMAL(12,6)",)]


def test_the_fingerprint_follows_the_rows_and_not_the_form_of_the_file(paths: DataPaths) -> None:
    first = written(paths)
    write_register_csv(
        paths,
        {
            "meters": "\n".join([HEADERS["meters"], LINE, MAIN]).replace(",", ";"),
            "tariffs": texts()["tariffs"].replace("0.2,", "0.2000,"),
        },
    )
    same = load_register(paths, years=YEARS)
    assert same.fingerprint == first.fingerprint
    other = written(paths, meters=(MAIN, LINE.replace("900", "1800")))
    assert other.fingerprint != first.fingerprint
    changed = {
        name
        for name, digest in other.table_fingerprints.items()
        if digest != first.table_fingerprints[name]
    }
    assert changed == {"meters"}


def test_the_integration_mapping_shows_what_to_send(paths: DataPaths) -> None:
    file = write_integration_mapping(paths, written(paths).tables)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select meter_id, unit, example_timestamp_utc from read_csv($file, all_varchar = true)",
            {"file": str(file)},
        ).fetchall()
    # 08:00 in Rome in winter is 07:00 UTC; the quarter-hour meter stamps the interval's end.
    assert rows == [
        ("main", "kWh", "2026-01-01T07:00:00Z"),
        ("line", "kWh", "2026-01-01T07:15:00Z"),
    ]


def test_templates_are_headers_a_readme_and_an_example(paths: DataPaths) -> None:
    files = {file.relative_to(paths.register).as_posix() for file in write_templates(paths)}
    csi_names = ("csi_applications", "csi_pdps", "csi_replacements", "csi_late_decisions")
    names = {f"{table.name}.csv" for table in REGISTER_TABLES}
    names |= {f"{name}.csv" for name in (*csi_names, "cds_meters")}
    examples = {f"EXAMPLE/{name}" for name in names}
    assert files == names | examples | {"README.md", "cds_servers.toml"}
    for table in REGISTER_TABLES:
        text = (paths.register / f"{table.name}.csv").read_text()
        assert text == ",".join(table.column_names) + "\n"
    readme = (paths.register / "README.md").read_text()
    for table in REGISTER_TABLES:
        assert all(f"| {column.name}" in readme for column in table.columns)


def test_templates_never_overwrite(paths: DataPaths) -> None:
    mine = paths.register / "sites.csv"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert mine not in write_templates(paths)
    assert mine.read_text() == "mine"
    assert write_templates(paths) == []


def test_the_filled_templates_are_a_valid_register(paths: DataPaths) -> None:
    write_templates(paths)
    for file in (paths.register / "EXAMPLE").iterdir():
        file.replace(paths.register / file.name)
    result = load_register(paths, years=YEARS)
    assert [str(finding) for finding in result.findings] == []
    assert all(result.tables[table.name].num_rows for table in REGISTER_TABLES)


def test_empty_templates_say_that_rows_are_missing_and_nothing_else_is_wrong(
    paths: DataPaths,
) -> None:
    write_templates(paths)
    errors = [finding for finding in load_register(paths).findings if finding.is_error]
    assert [(finding.where, finding.found) for finding in errors] == [
        (f"register/{name}.csv", "no rows") for name in ("organizations", "sites", "meters")
    ]


def test_cei_init_makes_a_data_folder_and_leaves_what_is_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = cei_init(data)
    assert first.returncode == 0, first.stdout + first.stderr
    assert (data / "landing" / "csv_drop").is_dir()
    assert (data / "register" / "EXAMPLE" / "meters.csv").is_file()
    assert "register" in first.stdout
    (data / "register" / "sites.csv").write_text("mine")
    second = cei_init(data)
    assert second.returncode == 0, second.stdout + second.stderr
    assert (data / "register" / "sites.csv").read_text() == "mine"
    assert "wrote" not in second.stdout


def cei_init(data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from cei_assets.cli.app import main; main()",
            "init",
            "--data-dir",
            str(data),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
