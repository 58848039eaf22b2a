"""The programme's register on disk: read, stored, templates, apart from the readings' register."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.csi import CSI_REGISTER_TABLES
from cei_assets.core.csi.program import CsiRegister
from cei_assets.storage.csi_ledger import rebuild_ledger
from cei_assets.storage.csi_register import (
    CsiRegisterResult,
    load_csi_register,
    store_csi_register,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import load_register, write_register_csv
from cei_assets.storage.register_files import RegisterError
from cei_assets.storage.register_templates import write_templates
from tests.csi_reports import APPLICATION_ID
from tests.csi_uploads import ZONE, store, upload
from tests.small_csi_register import texts, with_cells, write_csi_register
from tests.small_register import texts as readings_texts

YEARS = range(2026, 2027)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(root=tmp_path)


def written(paths: DataPaths, **rows: tuple[str, ...]) -> CsiRegisterResult:
    write_csi_register(paths.register, **rows)
    return load_csi_register(paths.register)


def test_what_is_stored_is_what_the_contract_declares(paths: DataPaths) -> None:
    result = written(paths)
    result.raise_for_errors()
    store_csi_register(paths, result)
    for table in CSI_REGISTER_TABLES:
        stored = pq.read_table(paths.raw_csi_register / f"{table.name}.parquet")
        assert validate_arrow(table, stored) == []
        assert stored.num_rows == result.tables[table.name].num_rows > 0


def test_without_files_empty_tables_are_stored(paths: DataPaths) -> None:
    result = load_csi_register(paths.register)
    assert result.findings == ()
    store_csi_register(paths, result)
    for table in CSI_REGISTER_TABLES:
        stored = pq.read_table(paths.raw_csi_register / f"{table.name}.parquet")
        assert (stored.num_rows, stored.column_names) == (0, list(table.column_names))


def test_an_application_with_accepted_reports_cannot_be_left_out(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-15"), upload("r2", "2013-10-15", application="SCG-00988",
                                                    fails=["R08"]))  # fmt: skip
    rebuild_ledger(paths, register=CsiRegister(), zone=ZONE)
    store_csi_register(paths, written(paths))
    other = written(paths, csi_applications=(with_cells(application_id="SCG-00001"),),
                    csi_replacements=(), csi_late_decisions=())  # fmt: skip
    with pytest.raises(RegisterError, match="no row of SCG-00987, of which") as raised:
        store_csi_register(paths, other)
    assert len(raised.value.findings) == 1
    stored = pq.read_table(paths.raw_csi_register / "applications.parquet")
    assert stored["application_id"].to_pylist() == [APPLICATION_ID]


def test_a_register_with_errors_is_not_stored(paths: DataPaths) -> None:
    store_csi_register(paths, written(paths))
    stored = (paths.raw_csi_register / "applications.parquet").read_bytes()
    broken = written(paths, csi_applications=(with_cells(tank_configuration="3"),))
    assert (broken.tables, broken.fingerprint) == ({}, "")
    with pytest.raises(RegisterError) as raised:
        store_csi_register(paths, broken)
    assert (
        str(raised.value)
        .splitlines()[1]
        .startswith("register/csi_applications.csv:2: tank_configuration: found '3', expected ")
    )
    assert (paths.raw_csi_register / "applications.parquet").read_bytes() == stored


def test_the_fingerprint_follows_the_meaning_and_not_the_spelling(paths: DataPaths) -> None:
    first = written(paths)
    same = written(
        paths,
        csi_applications=(
            with_cells(
                tank_configuration="1-Tank", rate_unit="$/therm", first_data_month="2013-09"
            ),
        ),
    )
    other = written(paths, csi_applications=(with_cells(rate="7.26"),))
    assert first.fingerprint == same.fingerprint
    assert first.fingerprint != other.fingerprint


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_names_are_read_in_the_encodings_of_spreadsheets(paths: DataPaths, encoding: str) -> None:
    write_csi_register(paths.register)
    text = texts()["csi_pdps"].replace("Sun Metrics", "Müller Metrics")
    (paths.register / "csi_pdps.csv").write_bytes(text.encode(encoding))
    result = load_csi_register(paths.register)
    assert not result.has_errors
    assert result.tables["pdps"]["pdp_name"].to_pylist()[0] == "Müller Metrics"
    assert [finding.where for finding in result.findings] == (
        ["register/csi_pdps.csv"] if encoding == "cp1252" else []
    )


def test_the_two_registers_of_a_folder_do_not_judge_each_other(paths: DataPaths) -> None:
    write_register_csv(paths, readings_texts())
    write_csi_register(paths.register)
    alone = load_register(DataPaths(root=paths.root), years=YEARS)
    assert alone.findings == ()
    assert load_csi_register(paths.register).findings == ()
    (paths.register / "csi_aplications.csv").write_text("x\n")
    (paths.register / "csi_pdps.csv").write_bytes(b"\x81\n")
    assert load_register(paths, years=YEARS).fingerprint == alone.fingerprint
    assert load_register(paths, years=YEARS).findings == ()
    assert {finding.where for finding in load_csi_register(paths.register).findings} == {
        "register/csi_aplications.csv",
        "register/csi_pdps.csv",
    }


def test_templates_are_not_in_use_and_their_example_is_a_valid_register(paths: DataPaths) -> None:
    write_templates(paths)
    empty = load_csi_register(paths.register)
    assert (empty.findings, dict(empty.register.applications)) == ((), {})
    example = load_csi_register(paths.register / "EXAMPLE")
    assert [str(finding) for finding in example.findings] == []
    assert all(table.num_rows for table in example.tables.values())
    versions = example.register.applications[APPLICATION_ID]
    assert [version.pdp_id for version in versions] == ["sunmetrics", "heatdata"]
    readme = (paths.register / "README.md").read_text()
    for file in paths.register.glob("csi_*.csv"):
        assert f"## {file.name}" in readme
        header = file.read_text().strip().split(",")
        assert all(f"| {name}" in readme for name in header)
