"""A meter's energy by hour or by local day, every bucket of the window present."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import duckdb
import pyarrow as pa

from cei_assets.core.readings.held import EXPECTED_SLOT, scope_table, select_held
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.windows import (
    HOUR_SECONDS,
    Span,
    hours_of,
    last_days,
    last_hours,
    local_date,
)


class Resolution(StrEnum):
    """Length of a bucket."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class Series:
    """A meter's buckets in order; times are naive UTC.

    `buckets` has columns start_utc, end_utc, local_date, usage_kwh DECIMAL(38,9), points,
    expected_points, coverage. As in the marts `fct_usage_hourly` and `fct_usage_daily`, `usage_kwh`
    sums what was received, `coverage` (0 to 1, null where nothing is expected) says how much of the
    bucket that is; `usage_kwh` is null where nothing was received.
    """

    site_id: str
    meter_id: str
    resolution: Resolution
    window_start_utc: datetime
    window_end_utc: datetime
    buckets: pa.Table


_BUCKETS = pa.schema(
    [
        ("start_utc", pa.timestamp("us")),
        ("end_utc", pa.timestamp("us")),
        ("local_date", pa.date32()),
        ("expected_points", pa.int64()),
    ]
)
_SERIES = f"""
, placed AS (
    SELECT buckets.start_utc, held.usage_kwh,
           {EXPECTED_SLOT} AS slot
    FROM held
    JOIN scope USING (site_id, meter_id)
    ASOF JOIN buckets ON held.interval_start_utc >= buckets.start_utc
),
summed AS (
    SELECT start_utc, sum(usage_kwh) AS usage_kwh, count(*) AS points,
           count(DISTINCT slot) AS received_points
    FROM placed
    GROUP BY start_utc
)
SELECT buckets.start_utc, buckets.end_utc, buckets.local_date, summed.usage_kwh,
       coalesce(summed.points, 0) AS points, buckets.expected_points,
       CASE WHEN buckets.expected_points > 0
            THEN coalesce(summed.received_points, 0) / buckets.expected_points END AS coverage
FROM buckets LEFT JOIN summed USING (start_utc)
ORDER BY start_utc
"""


def hourly_series(
    connection: duckdb.DuckDBPyConnection, *, meter: Meter, as_of: datetime, hours: int
) -> Series:
    """The last `hours` complete hours of the site's clock, known at `as_of` (naive UTC).

    In zones off the full hour these start off the full hour of UTC, on the grid that holds at the
    window's end. `connection` has the views of `held.VIEWS`.
    """
    zone = meter.zone
    window = last_hours(as_of, hours=hours, seconds=HOUR_SECONDS, zone=zone)
    spans = hours_of(window)
    dates = [local_date(span.start_utc, zone=zone) for span in spans]
    return _series(connection, meter, as_of, Resolution.HOUR, spans, dates)


def daily_series(
    connection: duckdb.DuckDBPyConnection, *, meter: Meter, as_of: datetime, days: int
) -> Series:
    """The last `days` complete days of the site, of 23, 24 or 25 hours, known at `as_of`.

    `as_of` is naive UTC; `connection` has the views of `held.VIEWS`.
    """
    local_days = last_days(as_of, days=days, zone=meter.zone)
    spans = [day.span for day in local_days]
    return _series(
        connection, meter, as_of, Resolution.DAY, spans, [day.local_date for day in local_days]
    )


def _series(
    connection: duckdb.DuckDBPyConnection,
    meter: Meter,
    as_of: datetime,
    resolution: Resolution,
    spans: Sequence[Span],
    dates: Sequence[date],
) -> Series:
    window = Span(start_utc=spans[0].start_utc, end_utc=spans[-1].end_utc)
    expected = meter.expected
    counts = [span.overlap(expected).interval_count(meter.interval_seconds) for span in spans]
    buckets = pa.table(
        {
            "start_utc": [span.start_utc for span in spans],
            "end_utc": [span.end_utc for span in spans],
            "local_date": list(dates),
            "expected_points": counts,
        },
        schema=_BUCKETS,
    )
    rows = select_held(
        connection,
        _SERIES,
        scope=scope_table([meter], [window]),
        as_of=as_of,
        span=window,
        tables={"buckets": buckets},
    )
    return Series(
        site_id=meter.site_id,
        meter_id=meter.meter_id,
        resolution=resolution,
        window_start_utc=window.start_utc,
        window_end_utc=window.end_utc,
        buckets=rows,
    )
