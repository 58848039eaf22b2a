"""The mapping of CDS meters on disk: read, stored, templates, apart from the readings' register."""

import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.cds_hand_over import CDS_METERS, CDS_REGISTER_TABLES
from cei_assets.core.cds.register import CDS_METERS_FILE
from cei_assets.pull.servers import load_server
from cei_assets.storage.cds_register import (
    CdsRegisterResult,
    load_cds_register,
    store_cds_register,
)
from cei_assets.storage.cds_register_templates import SERVERS_FILE
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import load_register, write_register_csv
from cei_assets.storage.register_files import RegisterError
from cei_assets.storage.register_templates import write_templates
from tests.small_register import texts

HEADER = ",".join(CDS_METERS_FILE.column_names)
MAPPED = "riverside,meter_device,M-1,mill,line,forward,,"


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(root=tmp_path)
    write_register_csv(found, texts())
    return found


def _loaded(paths: DataPaths, *lines: str) -> CdsRegisterResult:
    text = "".join(f"{line}\n" for line in (HEADER, *lines))
    write_register_csv(paths, {CDS_METERS.name: text})
    return load_cds_register(paths, register=load_register(paths))


def test_what_is_stored_is_what_the_contract_declares(paths: DataPaths) -> None:
    result = _loaded(paths, MAPPED)
    store_cds_register(paths, result)
    for table in CDS_REGISTER_TABLES:
        stored = pq.read_table(paths.raw_cds_register / f"{table.name}.parquet")
        assert validate_arrow(table, stored) == []
        assert stored.num_rows == result.tables[table.name].num_rows > 0


def test_without_the_file_nothing_is_mapped(paths: DataPaths) -> None:
    result = load_cds_register(paths, register=load_register(paths))
    assert result.findings == ()
    assert result.tables[CDS_METERS.name].num_rows == 0


def test_the_register_of_readings_does_not_know_the_file(paths: DataPaths) -> None:
    before = load_register(paths)
    _loaded(paths, "nonsense")
    after = load_register(paths)
    assert after.findings == before.findings
    assert after.fingerprint == before.fingerprint


def test_a_mapping_with_errors_is_not_stored(paths: DataPaths) -> None:
    store_cds_register(paths, _loaded(paths, MAPPED))
    broken = _loaded(paths, "riverside,meter_device,M-1,mill,unknown,forward,,")
    with pytest.raises(RegisterError, match=r"register/cds_meters.csv:2: meter_id: found"):
        store_cds_register(paths, broken)
    stored = pq.read_table(paths.raw_cds_register / "cds_meters.parquet")
    assert stored["meter_id"].to_pylist() == ["line"]


def test_errors_of_the_register_come_first(paths: DataPaths) -> None:
    (paths.register / "meters.csv").unlink()
    register = load_register(paths)
    result = load_cds_register(paths, register=register)
    assert (result.has_errors, result.findings) == (True, register.findings)


def test_the_fingerprint_is_that_of_the_rows(paths: DataPaths) -> None:
    other = "riverside,account,A-1,mill,main,net,2026-01-01,"
    first = _loaded(paths, MAPPED, other).fingerprint
    assert _loaded(paths, other, MAPPED).fingerprint == first
    semicolons = [line.replace(",", ";") for line in (HEADER, MAPPED, other)]
    (paths.register / "cds_meters.csv").write_text("\n".join(semicolons), encoding="utf-16")
    assert load_cds_register(paths, register=load_register(paths)).fingerprint == first
    assert _loaded(paths, MAPPED).fingerprint != first


def test_the_fingerprint_follows_what_is_taken_from_the_register(paths: DataPaths) -> None:
    first = _loaded(paths, MAPPED).fingerprint
    write_register_csv(paths, texts(emission_factors=["IT,,2026,0.3,published"]))
    assert _loaded(paths, MAPPED).fingerprint != first


def test_the_example_of_the_templates_is_valid(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    write_templates(paths)
    (paths.register / "EXAMPLE").rename(tmp_path / "example")
    example = DataPaths(root=tmp_path / "filled")
    example.root.mkdir()
    (tmp_path / "example").rename(example.register)
    result = load_cds_register(example, register=load_register(example))
    assert result.findings == ()
    assert result.tables[CDS_METERS.name].num_rows == 3


def test_the_template_of_servers_names_none_and_shows_a_valid_entry(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    write_templates(paths)
    file = paths.register / SERVERS_FILE
    assert tomllib.loads(file.read_text()) == {}
    lines = file.read_text().splitlines()
    entry = lines[lines.index("# [example-utility]") :]
    file.write_text("\n".join(line.removeprefix("# ") for line in entry))
    variables = {"CEI_CDS_EXAMPLE_UTILITY_SECRET": "s"}
    assert load_server(file, "example-utility", environment=variables).entry.scopes
    assert "CEI_CDS_EXAMPLE_UTILITY_SECRET" in "\n".join(lines)
