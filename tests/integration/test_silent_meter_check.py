"""The asset check on silent meters, run by Dagster over a warehouse file."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from cei_assets.defs.checks import CHECKS
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import model_key
from cei_assets.settings import Settings
from tests.example_pilot import write_warehouse

KEY = dg.AssetCheckKey(model_key("fct_gaps"), "silent_meters")


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CEI_DATA_DIR", str(tmp_path))
    path = write_warehouse(Settings().paths.warehouse)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM marts.fct_gaps WHERE is_open")
    return path


def evaluation() -> dg.AssetCheckEvaluation:
    """What Dagster records of the check."""
    checks = [check for check in CHECKS if KEY in check.check_keys]
    definitions = dg.Definitions(
        assets=[dg.AssetSpec(KEY.asset_key)],
        asset_checks=checks,
        jobs=[dg.define_asset_job("look", selection=dg.AssetSelection.checks(*checks))],
        resources={"platform": Platform()},
    )
    result = definitions.resolve_job_def("look").execute_in_process()
    (found,) = result.get_asset_check_evaluations()
    return found


def open_gap(warehouse: Path, hours: int) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "INSERT INTO marts.fct_gaps BY NAME SELECT site_id, meter_id, "
            "max(interval_start_utc) + INTERVAL 1 HOUR AS gap_start_utc, "
            f"gap_start_utc + to_hours({hours}) AS gap_end_utc, gap_start_utc AS gap_start_local, "
            f"{hours} AS missing_intervals, {hours} AS gap_hours, true AS is_open, "
            "true AS is_alarm FROM marts.fct_interval_readings "
            "WHERE site_id = 'plant_01' AND meter_id = 'main' GROUP BY ALL"
        )


def test_a_silent_meter_warns_and_shows_what_was_expected_and_found(warehouse: Path) -> None:
    assert evaluation().passed
    open_gap(warehouse, hours=30)
    found = evaluation()
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert found.metadata["expected"].value == (
        "a reading of every expected meter within the last 24 h"
    )
    assert str(found.metadata["found"].value).startswith("1: plant_01/main: last interval ")
    rows = found.metadata["rows"]
    assert isinstance(rows, dg.TableMetadataValue)
    (row,) = (record.data for record in rows.records)
    assert (row["site_id"], row["meter_id"], row["expected_intervals"]) == ("plant_01", "main", 30)
    assert row["last_interval_utc"]
    assert row["last_received_at_utc"]


def test_how_long_silence_may_last_is_a_setting(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_gap(warehouse, hours=30)
    monkeypatch.setenv("CEI_SILENT_HOURS", "31")
    assert evaluation().passed
