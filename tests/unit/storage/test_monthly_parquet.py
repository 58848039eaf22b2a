"""Monthly files: a month is there whole or as it was."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import AVOIDABLE_HOURS
from cei_assets.storage.monthly_parquet import MonthlyWriter, ensure_empty_months, month_file

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def hours(month: date, count: int, kwh: float = 1.0) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "site_id": "rome",
                "meter_id": "main",
                "rule": "night_load",
                "hour_start_utc": datetime(month.year, month.month, 2, hour),  # noqa: DTZ001 - naive UTC
                "usage_month": month,
                "counted_kwh": kwh,
                "counted_low_kwh": 0.0,
                "counted_high_kwh": kwh,
            }
            for hour in range(count)
        ],
        schema=arrow_schema(AVOIDABLE_HOURS),
    )


def rows(folder: Path, month: date) -> int:
    found: int = pq.read_table(month_file(folder, month), partitioning=None).num_rows
    return found


def test_batches_are_sorted_into_their_months(tmp_path: Path) -> None:
    with MonthlyWriter(AVOIDABLE_HOURS, folder=tmp_path, months=[JANUARY, FEBRUARY]) as writer:
        writer.write(pa.concat_tables([hours(JANUARY, 3), hours(FEBRUARY, 2)]))
        writer.write(hours(FEBRUARY, 1))
    assert (rows(tmp_path, JANUARY), rows(tmp_path, FEBRUARY)) == (3, 3)


def test_month_without_rows_gets_a_typed_empty_file(tmp_path: Path) -> None:
    with MonthlyWriter(AVOIDABLE_HOURS, folder=tmp_path, months=[JANUARY]):
        pass
    file = month_file(tmp_path, JANUARY)
    assert pq.read_schema(file).names == list(AVOIDABLE_HOURS.column_names)
    assert rows(tmp_path, JANUARY) == 0


def test_month_is_replaced_not_added_to(tmp_path: Path) -> None:
    for count in (5, 2):
        with MonthlyWriter(AVOIDABLE_HOURS, folder=tmp_path, months=[JANUARY]) as writer:
            writer.write(hours(JANUARY, count))
    assert rows(tmp_path, JANUARY) == 2


def write_and_fail(folder: Path) -> None:
    with MonthlyWriter(AVOIDABLE_HOURS, folder=folder, months=[JANUARY, FEBRUARY]) as writer:
        writer.write(hours(JANUARY, 1))
        raise ZeroDivisionError


def test_error_leaves_every_month_as_it_was(tmp_path: Path) -> None:
    with MonthlyWriter(AVOIDABLE_HOURS, folder=tmp_path, months=[JANUARY]) as writer:
        writer.write(hours(JANUARY, 5))
    with pytest.raises(ZeroDivisionError):
        write_and_fail(tmp_path)
    assert rows(tmp_path, JANUARY) == 5
    assert not month_file(tmp_path, FEBRUARY).exists()
    assert [path.name for path in month_file(tmp_path, JANUARY).parent.iterdir()] == [
        "part.parquet"
    ]


def test_row_of_another_month_is_refused_by_name(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"2026, 2, 1.*expected.*2026, 1, 1"),
        MonthlyWriter(AVOIDABLE_HOURS, folder=tmp_path, months=[JANUARY]) as writer,
    ):
        writer.write(hours(FEBRUARY, 1))


def test_empty_month_file_is_written_once(tmp_path: Path) -> None:
    ensure_empty_months(AVOIDABLE_HOURS, folder=tmp_path)
    first = [(path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*.parquet")]
    ensure_empty_months(AVOIDABLE_HOURS, folder=tmp_path)
    assert [(path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*.parquet")] == first
    assert len(first) == 1
