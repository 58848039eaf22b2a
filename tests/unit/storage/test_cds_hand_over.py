"""What CDS hands over to the readings: month files, days that changed, and kills in between."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_hand_over import CDS_READINGS
from cei_assets.storage import cds_hand_over as module
from cei_assets.storage.build_state import BuildPlan, finish_build, prepare_build
from cei_assets.storage.cds_hand_over import hand_over, touched_months
from cei_assets.storage.paths import DataPaths

AS_OF = datetime(2026, 3, 5, tzinfo=UTC)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(root=tmp_path)
    found.warehouse.parent.mkdir()
    found.warehouse.touch()
    return found


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE SCHEMA intermediate")
        yield connection


def reading(day: date, hour: int = 0, usage: str = "1.5", **other: object) -> dict[str, Any]:
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
    usual: dict[str, Any] = {
        "site_id": "rome",
        "meter_id": "grid",
        "interval_start_utc": start,
        "interval_seconds": 3600,
        "local_date": day,
        "usage_month": day.replace(day=1),
        "usage_kwh": Decimal(usage),
        "reading_quality": "valid",
        "flow_direction": "forward",
        "receipt_id": "r1",
        "line_number": hour,
        "received_at_utc": datetime(2026, 3, 1),  # noqa: DTZ001 - naive UTC
        "received_date": date(2026, 3, 1),
        "organization_id": "acme",
    }
    return usual | other


def hold(warehouse: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """The warehouse's readings, as a build leaves them."""
    data = pa.Table.from_pylist(rows, schema=arrow_schema(CDS_READINGS))
    warehouse.register("given", data)
    warehouse.execute("CREATE OR REPLACE TABLE intermediate.int_cds_readings AS FROM given")


def handed(paths: DataPaths) -> list[dict[str, Any]]:
    """Rows that were handed over."""
    files = sorted(paths.cds("cds_readings").glob("usage_month=2*/*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def prepared(paths: DataPaths) -> BuildPlan:
    return prepare_build(paths, as_of=AS_OF, register_fingerprint="r", project_fingerprint="p")


def told(paths: DataPaths) -> list[date]:
    days = pq.read_table(paths.build / "cds_days.parquet", partitioning=None)
    return [row["local_date"] for row in days.to_pylist()]


def test_readings_lie_by_month_and_their_days_are_told(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = [reading(date(2026, 1, 31)), reading(date(2026, 2, 1)), reading(date(2026, 2, 1), 1)]
    hold(warehouse, rows)
    done = hand_over(paths, warehouse)
    assert (done.days, done.months, done.emptied) == (2, (JANUARY, FEBRUARY), ())
    assert handed(paths) == rows
    finish_build(paths, prepared(paths))
    assert told(paths) == [date(2026, 1, 31), date(2026, 2, 1)]
    finish_build(paths, prepared(paths))
    assert told(paths) == [], "they were built"


def test_only_what_changed_is_told_and_written(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = [reading(date(2026, 1, day), hour) for day in (1, 2, 3) for hour in (0, 1)]
    february = [reading(date(2026, 2, 1))]
    hold(warehouse, rows + february)
    hand_over(paths, warehouse)
    finish_build(paths, prepared(paths))
    rows[0]["usage_kwh"] = Decimal(9)  # another value
    rows[2]["receipt_id"] = "r2"  # the same value of a newer version
    del rows[5]  # an interval that vanished
    untouched = paths.cds("cds_readings") / "usage_month=2026-02-01" / "part.parquet"
    before = untouched.stat().st_mtime_ns
    hold(warehouse, rows + february)
    done = hand_over(paths, warehouse)
    assert (done.days, done.months) == (3, (JANUARY,))
    assert handed(paths) == rows + february
    assert untouched.stat().st_mtime_ns == before
    prepared(paths)
    assert told(paths) == [date(2026, 1, day) for day in (1, 2, 3)]
    assert hand_over(paths, warehouse).days == 0


def test_equal_values_that_change_places_are_a_change(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    day = date(2026, 1, 1)
    hold(warehouse, [reading(day, 0, "1"), reading(day, 1, "2")])
    hand_over(paths, warehouse)
    hold(warehouse, [reading(day, 0, "2"), reading(day, 1, "1")])
    assert hand_over(paths, warehouse).days == 1


def test_a_month_that_lost_all_rows_loses_its_file(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    hold(warehouse, [reading(date(2026, 1, 31)), reading(date(2026, 2, 1))])
    hand_over(paths, warehouse)
    finish_build(paths, prepared(paths))
    hold(warehouse, [reading(date(2026, 1, 31))])
    done = hand_over(paths, warehouse)
    assert (done.months, done.emptied) == ((FEBRUARY,), (FEBRUARY,))
    assert not (paths.cds("cds_readings") / "usage_month=2026-02-01").exists()
    prepared(paths)
    assert told(paths) == [date(2026, 2, 1)]


def test_given_months_are_the_only_ones_that_are_looked_at(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = [reading(date(2026, 1, 31)), reading(date(2026, 2, 1))]
    hold(warehouse, rows)
    assert hand_over(paths, warehouse, months=[FEBRUARY]).months == (FEBRUARY,)
    assert hand_over(paths, warehouse, months=[]).months == ()
    assert hand_over(paths, warehouse, months=None).months == (JANUARY,)


def test_months_that_a_build_touched_are_those_of_its_days(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("CREATE TABLE intermediate.int_cds_days_touched (utc_date DATE)")
    assert touched_months(warehouse) == []
    warehouse.execute("INSERT INTO intermediate.int_cds_days_touched VALUES ('2026-01-15')")
    assert touched_months(warehouse) == [JANUARY]
    warehouse.execute("INSERT INTO intermediate.int_cds_days_touched VALUES ('2026-01-31')")
    assert touched_months(warehouse) == [JANUARY, FEBRUARY], "it is February already somewhere"


def test_a_kill_before_the_files_are_there_loses_no_day(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    hold(warehouse, [reading(date(2026, 1, 1)), reading(date(2026, 2, 1))])
    with monkeypatch.context() as patched:
        patched.setattr(module, "_write_month", killed)
        with pytest.raises(KeyboardInterrupt):
            hand_over(paths, warehouse)
    # A build of the readings in between makes the days anew from what is there: nothing.
    finish_build(paths, prepared(paths))
    assert handed(paths) == []
    assert hand_over(paths, warehouse).days == 2
    prepared(paths)
    assert told(paths) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_a_kill_between_two_months_leaves_the_days_of_both_marked(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = module._write_month  # the step before which the process dies
    written: list[date] = []

    def dies_second(
        paths: DataPaths, connection: duckdb.DuckDBPyConnection, month: date, *, rows: str
    ) -> bool:
        if written:
            raise KeyboardInterrupt
        written.append(month)
        return write(paths, connection, month, rows=rows)

    hold(warehouse, [reading(date(2026, 1, 1)), reading(date(2026, 2, 1))])
    with monkeypatch.context() as patched:
        patched.setattr(module, "_write_month", dies_second)
        with pytest.raises(KeyboardInterrupt):
            hand_over(paths, warehouse)
    assert {row["local_date"] for row in handed(paths)} == {date(2026, 1, 1)}
    assert hand_over(paths, warehouse).months == (FEBRUARY,)
    prepared(paths)
    assert told(paths) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_days_noted_while_a_build_is_under_way_wait_for_the_next(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    hold(warehouse, [reading(date(2026, 1, 1))])
    hand_over(paths, warehouse)
    plan = prepared(paths)
    hold(warehouse, [reading(date(2026, 1, 1)), reading(date(2026, 1, 2))])
    hand_over(paths, warehouse)
    finish_build(paths, plan)
    prepared(paths)
    assert told(paths) == [date(2026, 1, 2)]


def test_a_full_refresh_makes_all_days_anew(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    hold(warehouse, [reading(date(2026, 1, 1), hour) for hour in range(3)])
    hand_over(paths, warehouse)
    finish_build(paths, prepared(paths))
    prepared(paths)
    assert told(paths) == []
    paths.warehouse.unlink()
    assert prepared(paths).is_full_refresh
    assert told(paths) == [date(2026, 1, 1)]
