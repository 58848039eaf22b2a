"""The rows of a valid report as an Arrow table, and their sums."""

from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_INTERVALS
from cei_assets.core.csi.cells import Numbers
from cei_assets.core.csi.content import GALLONS_COLUMN, LOG_COLUMNS, Content
from cei_assets.core.csi.finding import CsiSums
from cei_assets.core.csi.months import PST_BEHIND_UTC, month_interval_ends_pst
from cei_assets.core.csi.records import Sheet

_OF_RECEIPT = ("receipt_id", "received_date")
_BIGINT_AS_DECIMAL = pa.decimal128(19, 0)
_WHOLE = arrow_schema(CSI_INTERVALS)
SCHEMA = pa.schema([field for field in _WHOLE if field.name not in _OF_RECEIPT])


def accepted_rows(
    sheet: Sheet, numbers: Numbers, content: Content, *, application_id: str, month: date
) -> pa.Table:
    """Columns of the contract table `csi_intervals` without those of the receipt.

    The sheet holds every interval of the month in order, as the T rules make sure. Empty cells are
    NULL, zero stays zero.
    """
    count = len(sheet.lines)
    ends_pst, ends_utc = _interval_ends(month)
    alarms, messages, events, trends = (_texts(sheet, position) for position in LOG_COLUMNS)
    return pa.table(
        {
            "line_number": pa.array(np.fromiter(sheet.lines, np.int64, count)),
            "application_id": pa.repeat(application_id, count),
            "application_month": pa.repeat(pa.scalar(month, pa.date32()), count),
            "interval_end_pst": ends_pst,
            "interval_end_utc": ends_utc,
            "gallons_text": _texts(sheet, GALLONS_COLUMN),
            "solar_btu": numbers.integers[3],
            "total_btu": numbers.integers[4],
            "backup_gas_therms": numbers.decimals[5],
            "backup_electric_kwh": numbers.decimals[6],
            "backup_propane_therms": numbers.decimals[7],
            "is_catch_up": _flags(content, count),
            "alarms": alarms,
            "system_messages": messages,
            "system_events": events,
            "trends": trends,
        },
        schema=SCHEMA,
    )


def sums_of(numbers: Numbers) -> CsiSums:
    """Sums of columns D to H, exact; None where no cell is filled."""
    return CsiSums(
        solar_btu=_integer_sum(numbers.integers[3]),
        total_btu=_integer_sum(numbers.integers[4]),
        backup_gas_therms=pc.sum(numbers.decimals[5]).as_py(),
        backup_electric_kwh=pc.sum(numbers.decimals[6]).as_py(),
        backup_propane_therms=pc.sum(numbers.decimals[7]).as_py(),
    )


def _integer_sum(values: pa.Array) -> int | None:
    """As decimals: a month of large BIGINT values has a larger sum, and Arrow's would wrap."""
    total = pc.sum(values.cast(_BIGINT_AS_DECIMAL)).as_py()
    return None if total is None else int(total)


def _texts(sheet: Sheet, position: int) -> pa.Array:
    cells = sheet.columns[position]
    if not any(cells):
        return pa.nulls(len(cells), pa.string())
    return pa.array([cell or None for cell in cells], pa.string())


def _flags(content: Content, count: int) -> pa.Array:
    flags = np.zeros(count, dtype=np.bool_)
    flags[list(content.catch_up_rows)] = True
    return pa.array(flags)


@lru_cache(maxsize=64)
def _interval_ends(month: date) -> tuple[pa.Array, pa.Array]:
    """Interval ends in Pacific Standard Time and in UTC."""
    ends = np.array(month_interval_ends_pst(month), dtype="datetime64[us]")
    behind = np.timedelta64(PST_BEHIND_UTC)
    return pa.array(ends), pa.array(ends + behind)
