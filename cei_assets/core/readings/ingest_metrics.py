"""How complete the feed of every registered meter is, and what of it was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.readings.held import EXPECTED_SLOT, scope_table, select_held
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.windows import Span, last_hours


@dataclass(frozen=True, kw_only=True)
class MeterFeed:
    """The feed of one meter over its window; times are naive UTC, intervals named by their start.

    `last_interval_utc` and `last_received_at_utc` look at all that was ever received; the counts at
    the window's expected intervals. `completeness_percent` is None where none is expected.
    `error_counts` are the refused rows, by code, that were received in the window.
    """

    site_id: str
    meter_id: str
    window_start_utc: datetime
    window_end_utc: datetime
    last_interval_utc: datetime | None
    last_received_at_utc: datetime | None
    expected_points: int
    received_points: int
    completeness_percent: float | None
    gap_hours: float
    longest_gap_hours: float
    error_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class IngestMetrics:
    """One row for every registered meter of an organization, by site and meter.

    `unassigned_error_counts` are refused rows of the organization that name none of them.
    """

    meters: tuple[MeterFeed, ...]
    unassigned_error_counts: Mapping[str, int]


_FEEDS = f"""
, received AS (
    SELECT DISTINCT site_id, meter_id, {EXPECTED_SLOT} AS slot
    FROM held JOIN scope USING (site_id, meter_id)
    WHERE slot IS NOT NULL
),
-- the end of what is expected stands as if it were received, so that it closes the last run
marks AS (
    FROM received
    UNION ALL
    SELECT site_id, meter_id, expected_points FROM scope
),
runs AS (
    SELECT site_id, meter_id,
           slot - 1 - lag(slot, 1, -1) OVER (PARTITION BY site_id, meter_id ORDER BY slot)
               AS missing
    FROM marks
),
gaps AS (
    SELECT site_id, meter_id, count(*) - 1 AS received_points, max(missing) AS longest
    FROM runs
    GROUP BY site_id, meter_id
)
SELECT scope.site_id, scope.meter_id, scope.window_start_utc, scope.window_end_utc,
       scope.expected_points, gaps.received_points,
       CASE WHEN scope.expected_points > 0
            THEN 100 * gaps.received_points / scope.expected_points END AS completeness_percent,
       (scope.expected_points - gaps.received_points) * scope.interval_seconds / 3600 AS gap_hours,
       gaps.longest * scope.interval_seconds / 3600 AS longest_gap_hours
FROM scope JOIN gaps USING (site_id, meter_id)
ORDER BY scope.site_id, scope.meter_id
"""
_LAST_SEEN = """
WITH seen AS (
    SELECT site_id, meter_id, interval_start_utc, received_at_utc FROM published_readings
    UNION ALL
    SELECT site_id, meter_id, interval_start_utc, previous_received_at_utc
    FROM published_revisions
    UNION ALL
    SELECT site_id, meter_id, interval_start_utc, received_at_utc FROM unbuilt_readings
)
SELECT site_id, meter_id, max(interval_start_utc) AS last_interval_utc,
       max(received_at_utc) AS last_received_at_utc
FROM seen SEMI JOIN scope USING (site_id, meter_id)
WHERE received_at_utc > $since AND received_at_utc <= $as_of
GROUP BY site_id, meter_id
"""
_RECENT = timedelta(days=31)
_EVER = timedelta(days=36_500)
# A row that a foreign token sent is the sender's: the site's owner shall not learn of it.
_ERRORS = f"""
WITH refused AS (
    SELECT code, site_id_text, meter_id_text, organization_id, upload_source, received_at_utc
    FROM published_rejects
    UNION ALL
    SELECT code, site_id_text, meter_id_text, organization_id, upload_source, received_at_utc
    FROM unbuilt_rejects
)
SELECT scope.site_id, scope.meter_id, refused.code, count(*) AS errors
FROM refused
LEFT JOIN scope
    ON trim(refused.site_id_text) = scope.site_id AND trim(refused.meter_id_text) = scope.meter_id
WHERE (refused.organization_id = $organization_id
       OR refused.organization_id IS NULL AND $is_only_organization)
      AND refused.upload_source <> '{UploadSource.TEMPERATURE.value}'
      AND refused.received_at_utc > $since AND refused.received_at_utc <= $as_of
GROUP BY ALL
ORDER BY ALL
"""


def ingest_metrics(
    connection: duckdb.DuckDBPyConnection,
    *,
    organization_id: str,
    meters: Sequence[Meter],
    as_of: datetime,
    window_hours: int,
    is_only_organization: bool,
) -> IngestMetrics:
    """The feeds of `meters`, all of an organization, over the last `window_hours` hours.

    Every meter's window ends with its own last complete interval at `as_of` (naive UTC). Of a
    refused row that names neither sender nor registered site nobody knows whose it is: it counts
    where there is one organization (`is_only_organization`). `connection` has the views of
    `held.VIEWS`.
    """
    windows = [
        last_hours(as_of, hours=window_hours, seconds=meter.interval_seconds, zone=meter.zone)
        for meter in meters
    ]
    span = Span(
        start_utc=min((window.start_utc for window in windows), default=as_of),
        end_utc=max((window.end_utc for window in windows), default=as_of),
    )
    scope = scope_table(meters, windows)
    feeds = select_held(connection, _FEEDS, scope=scope, as_of=as_of, span=span)
    seen = _last_seen(connection, scope, as_of)
    errors = select(
        connection,
        _ERRORS,
        tables={"scope": scope},
        parameters={
            "as_of": as_of,
            "since": as_of - timedelta(hours=window_hours),
            "organization_id": organization_id,
            "is_only_organization": is_only_organization,
        },
    )
    return _joined(feeds, seen, errors)


def _last_seen(connection: duckdb.DuckDBPyConnection, scope: pa.Table, as_of: datetime) -> pa.Table:
    """The last interval and receipt of the meters that ever sent.

    Most have sent lately, which a glance at what was received lately shows; history is read for
    the others. No interval lies far ahead of its receipt, so one that is recent itself is the last.
    """

    def seen_since(meters: pa.Table, since: datetime) -> pa.Table:
        return select(
            connection,
            _LAST_SEEN,
            tables={"scope": meters},
            parameters={"as_of": as_of, "since": since},
        )

    lately = as_of - _RECENT
    recent = seen_since(scope, lately)
    recent = recent.filter(pc.greater(recent["last_interval_utc"], lately + timedelta(days=1)))
    others = scope.join(recent, ["site_id", "meter_id"], join_type="left anti")
    if not others.num_rows:
        return recent
    return pa.concat_tables([recent, seen_since(others, as_of - _EVER)])


def _joined(feeds: pa.Table, seen: pa.Table, errors: pa.Table) -> IngestMetrics:
    """One object a meter, which is what the answer is made of."""
    counts: dict[tuple[str | None, str | None], dict[str, int]] = {}
    for row in errors.to_pylist():
        counts.setdefault((row["site_id"], row["meter_id"]), {})[row["code"]] = row["errors"]
    never: dict[str, datetime | None] = {"last_interval_utc": None, "last_received_at_utc": None}
    last = {(row.pop("site_id"), row.pop("meter_id")): row for row in seen.to_pylist()}
    rows = [(row, (row["site_id"], row["meter_id"])) for row in feeds.to_pylist()]
    return IngestMetrics(
        meters=tuple(
            MeterFeed(**row, **last.get(meter, never), error_counts=counts.get(meter, {}))
            for row, meter in rows
        ),
        unassigned_error_counts=counts.get((None, None), {}),
    )
