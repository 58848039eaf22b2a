"""What a meter used over a window, and how much of the window that covers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

from cei_assets.core.readings.held import EXPECTED_SLOT, scope_table, select_held
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.windows import last_hours


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A meter's window; times are naive UTC, intervals named by their start.

    `total_kwh` sums the `points` that were received and is None without any: missing is not zero.
    `completeness_percent` is the share of the expected points that were received, None where none
    is expected. Points outside the expected days count in the total and not in it.
    """

    site_id: str
    meter_id: str
    interval_seconds: int
    window_start_utc: datetime
    window_end_utc: datetime
    total_kwh: Decimal | None
    points: int
    expected_points: int
    completeness_percent: float | None
    first_interval_utc: datetime | None
    last_interval_utc: datetime | None


_SUMMARY = f"""
SELECT sum(held.usage_kwh) AS total_kwh,
       count(*) AS points,
       count(DISTINCT {EXPECTED_SLOT}) AS received_points,
       min(held.interval_start_utc) AS first_interval_utc,
       max(held.interval_start_utc) AS last_interval_utc
FROM held JOIN scope USING (site_id, meter_id)
"""


def summarise(
    connection: duckdb.DuckDBPyConnection, *, meter: Meter, as_of: datetime, window_hours: int
) -> Summary:
    """The last `window_hours` hours of whole intervals of a meter as known at `as_of`.

    `connection` has the views of `held.VIEWS`; `as_of` is naive UTC.
    """
    window = last_hours(as_of, hours=window_hours, seconds=meter.interval_seconds, zone=meter.zone)
    scope = scope_table([meter], [window])
    (row,) = select_held(connection, _SUMMARY, scope=scope, as_of=as_of, span=window).to_pylist()
    expected_points = scope["expected_points"][0].as_py()
    received_points = row.pop("received_points")
    return Summary(
        site_id=meter.site_id,
        meter_id=meter.meter_id,
        interval_seconds=meter.interval_seconds,
        window_start_utc=window.start_utc,
        window_end_utc=window.end_utc,
        expected_points=expected_points,
        completeness_percent=100 * received_points / expected_points if expected_points else None,
        **row,
    )
