"""The rows of a file that moved in time, meter by meter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from cei_assets.core.intake.accepted import nano_values
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.reconciliation.shifts import (
    MIN_EVIDENCE,
    Integers,
    Series,
    Stretch,
    shifted_stretches,
)
from cei_assets.core.reconciliation.verdict import ShiftedStretch

_SERIES = """
SELECT chosen.number, epoch(interval_start_utc)::BIGINT AS start, usage_kwh
FROM rows JOIN chosen USING (site_id, meter_id, interval_seconds)
ORDER BY chosen.number, start, line_number
"""
MOVED_SCHEMA = pa.schema(
    [
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("interval_start_utc", pa.timestamp("us")),
        ("moved_start_utc", pa.timestamp("us")),
        ("shift_seconds", pa.int64()),
    ]
)
_METER = ("site_id", "meter_id", "interval_seconds")
_NO_SERIES = Series(start=np.empty(0, np.int64), nano_kwh=np.empty(0, np.int64))
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as all our tables


@dataclass(frozen=True, kw_only=True)
class MovedRows:
    """Shifted stretches of one meter; `moved` (`MOVED_SCHEMA`) lists their rows that match."""

    shifts: tuple[ShiftedStretch, ...]
    moved: pa.Table


def moved_rows(
    connection: duckdb.DuckDBPyConnection,
    *,
    file: pa.Table,
    stored: pa.Table,
    totals: Sequence[Mapping[str, Any]],
    tolerance_kwh: Decimal,
) -> dict[int, MovedRows]:
    """Stretches by the meter's place in `totals`, for the meters with rows enough that differ."""
    chosen = [
        {"number": number, **{name: row[name] for name in _METER}}
        for number, row in enumerate(totals)
        if row["rows_different"] + row["rows_missing"] >= MIN_EVIDENCE
    ]
    if not chosen:
        return {}
    meters = pa.Table.from_pylist(chosen)
    file_side = _series(connection, file, meters)
    stored_side = _series(connection, stored, meters)
    nano = int(tolerance_kwh * 1_000_000_000)
    found = {}
    for row in chosen:
        number = row["number"]
        series = file_side[number]
        stretches = shifted_stretches(
            file=series,
            stored=stored_side.get(number, _NO_SERIES),
            interval_seconds=row["interval_seconds"],
            tolerance_nano=nano,
        )
        if stretches:
            found[number] = MovedRows(
                shifts=tuple(_told(series, stretch) for stretch in stretches),
                moved=pa.concat_tables(_moved(series, stretch, row) for stretch in stretches),
            )
    return found


def _series(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, meters: pa.Table
) -> dict[int, Series]:
    """The chosen meters' series by number; of several rows for an interval the last one."""
    if "line_number" not in rows.column_names:
        rows = rows.append_column("line_number", pa.nulls(rows.num_rows, pa.int64()))
    sorted_rows = select(connection, _SERIES, tables={"rows": rows, "chosen": meters})
    number = sorted_rows["number"].to_numpy()
    start = sorted_rows["start"].to_numpy()
    nano = np.concatenate(
        [np.empty(0, np.int64), *(nano_values(part) for part in sorted_rows["usage_kwh"].chunks)]
    )
    is_last = np.ones(len(start), bool)
    is_last[:-1] = (number[1:] != number[:-1]) | (start[1:] != start[:-1])
    number, start, nano = number[is_last], start[is_last], nano[is_last]
    present, firsts = np.unique(number, return_index=True)
    ends = np.r_[firsts, len(number)][1:]
    return {
        int(meter): Series(start=start[first:end], nano_kwh=nano[first:end])
        for meter, first, end in zip(present, firsts, ends, strict=True)
    }


def _told(series: Series, stretch: Stretch) -> ShiftedStretch:
    return ShiftedStretch(
        first_start_utc=_EPOCH + timedelta(seconds=int(series.start[stretch.first])),
        last_start_utc=_EPOCH + timedelta(seconds=int(series.start[stretch.last])),
        shift_seconds=stretch.shift_seconds,
        rows_in_file=stretch.last - stretch.first + 1,
        rows_matched=len(stretch.matched),
    )


def _moved(series: Series, stretch: Stretch, meter: Mapping[str, Any]) -> pa.Table:
    start = series.start[stretch.matched]
    count = len(start)
    return pa.Table.from_arrays(
        [
            pa.repeat(meter["site_id"], count),
            pa.repeat(meter["meter_id"], count),
            _timestamps(start),
            _timestamps(start + stretch.shift_seconds),
            pa.repeat(pa.scalar(stretch.shift_seconds, pa.int64()), count),
        ],
        schema=MOVED_SCHEMA,
    )


def _timestamps(seconds: Integers) -> pa.Array:
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us"))
