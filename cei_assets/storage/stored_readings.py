"""Readings that are stored, published or on their way there, of given meters and times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from cei_assets.core.intake.arrow_sql import select
from cei_assets.settings import Settings
from cei_assets.storage.reading_back.session import ReadingBack
from cei_assets.storage.register import load_register

_READINGS = """
WITH published AS (
    SELECT readings.site_id, readings.meter_id, interval_start_utc, interval_seconds, usage_kwh,
           received_at_utc
    FROM published_readings AS readings JOIN windows
        ON windows.site_id = readings.site_id AND windows.meter_id = readings.meter_id
        AND interval_start_utc BETWEEN from_utc AND until_utc
),
arrived AS (
    SELECT readings.site_id, readings.meter_id, interval_start_utc,
           arg_max(
               struct_pack(interval_seconds, usage_kwh, received_at_utc),
               struct_pack(received_at_utc, arrival, line_number)
           ) AS latest
    FROM unbuilt_readings AS readings JOIN windows
        ON windows.site_id = readings.site_id AND windows.meter_id = readings.meter_id
        AND interval_start_utc BETWEEN from_utc AND until_utc
    GROUP BY readings.site_id, readings.meter_id, interval_start_utc
),
held AS (
    SELECT site_id, meter_id, interval_start_utc,
           CASE
               WHEN published.received_at_utc IS NULL
                    OR latest.received_at_utc >= published.received_at_utc
                   THEN latest
               ELSE struct_pack(
                   interval_seconds := published.interval_seconds,
                   usage_kwh := published.usage_kwh,
                   received_at_utc := published.received_at_utc
               )
           END AS reading
    FROM published FULL JOIN arrived USING (site_id, meter_id, interval_start_utc)
)
SELECT site_id, meter_id, interval_start_utc, reading.interval_seconds, reading.usage_kwh
FROM held
"""


@dataclass(frozen=True, kw_only=True)
class StoredReadings:
    """The value that holds for every interval, and when the published ones were published.

    `readings` has site_id, meter_id, interval_start_utc, interval_seconds and usage_kwh, one row an
    interval, in no order. `published_at_utc` is naive UTC, None while nothing is published.
    """

    readings: pa.Table
    published_at_utc: datetime | None


def stored_readings(
    settings: Settings, *, windows: pa.Table, journals: Sequence[tuple[Path, int]] = ()
) -> StoredReadings:
    """The readings within `windows`: site_id, meter_id, from_utc, until_utc, both ends included.

    Beside the published ones those that were accepted since; `journals` as `ReadingBack.opened`
    takes them. Raises RegisterError for a register with errors.
    """
    paths = settings.paths
    back = ReadingBack(paths=paths, limits=settings.limits, session=settings.session)
    with back.opened(
        register=load_register(paths),
        journals=journals,
        now=settings.wall_clock(),
        settle_seconds=settings.settle_seconds,
    ) as connection:
        published_at = _modified(paths.published)
        readings = select(connection, _READINGS, tables={"windows": windows})
    return StoredReadings(readings=readings, published_at_utc=published_at)


def _modified(path: Path) -> datetime | None:
    """When the file was written, naive UTC with whole seconds; None for one that is not there."""
    try:
        seconds = path.stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(int(seconds), tz=UTC).replace(tzinfo=None)
