"""Files and stored readings for tests of reconciliation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from cei_assets.core.reconciliation.comparison import reconcile
from cei_assets.core.reconciliation.verdict import Reconciliation
from tests.intake_drops import at, in_memory, judged, rows

FIRST = at("2026-01-05T00:00")
HOUR = timedelta(hours=1)
STORED_SCHEMA = pa.schema(
    [
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("interval_start_utc", pa.timestamp("us")),
        ("interval_seconds", pa.int32()),
        ("usage_kwh", pa.decimal128(18, 9)),
    ]
)
SESSION = in_memory()
Readings = Mapping[datetime, Decimal]


def hourly(values: Sequence[str | int | Decimal], *, first: datetime = FIRST) -> Readings:
    """Values of consecutive hours."""
    return {first + n * HOUR: Decimal(value) for n, value in enumerate(values)}


def uneven(count: int, *, first: datetime = FIRST, step: timedelta = HOUR) -> Readings:
    """Values of which no two within days are equal."""
    return {first + n * step: Decimal(7919 * n % 10_007) / 1000 for n in range(count)}


def moved(readings: Readings, by: timedelta) -> Readings:
    """The same values at other times."""
    return {start + by: value for start, value in readings.items()}


def stored(**meters: Readings) -> pa.Table:
    """Stored readings of meters at the site `mill`."""
    return pa.table(
        [
            pa.array(column)
            for column in (
                ["mill" for readings in meters.values() for _ in readings],
                [meter for meter, readings in meters.items() for _ in readings],
            )
        ]
        + [
            pa.array([t for readings in meters.values() for t in readings], pa.timestamp("us")),
            pa.array(
                [900 if meter == "quarter" else 3600 for meter in meters for _ in meters[meter]],
                pa.int32(),
            ),
            pa.array(
                [value for readings in meters.values() for value in readings.values()],
                pa.decimal128(18, 9),
            ),
        ],
        schema=STORED_SCHEMA,
    )


def exported(*others: str, **meters: Readings) -> str:
    """A CSV export of the meters, and other lines below it."""
    return rows(
        *(
            f"mill,{meter},{start.isoformat()}Z,{value},kWh"
            for meter, readings in meters.items()
            for start, value in readings.items()
        ),
        *others,
    )


def reconciled(
    content: str, table: pa.Table, *, tolerance: str = "0", sidecar: str | None = None
) -> Reconciliation:
    """The verdict on an export."""
    return reconcile(
        SESSION,
        verdict=judged(content, sidecar=sidecar),
        stored=table,
        tolerance_kwh=Decimal(tolerance),
    )
