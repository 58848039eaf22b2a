"""The value that held for every interval at a moment, from published and unbuilt readings.

The connection has the temporary views of `VIEWS`; time zone UTC. A published interval has its
current version in `published_readings` and every earlier one as the previous of a row in
`published_revisions`, so the version that held at a moment is one row of either.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.windows import Span

UNBUILT_READINGS = pa.schema(
    [
        ("organization_id", pa.string()),
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("interval_start_utc", pa.timestamp("us")),
        ("interval_seconds", pa.int32()),
        ("usage_kwh", pa.decimal128(18, 9)),
        ("received_at_utc", pa.timestamp("us")),
        ("arrival", pa.string()),
        ("line_number", pa.int64()),
    ]
)
"""Readings that are accepted and not published; among those received at one instant, the order is
that of `arrival`, then line."""

UNBUILT_REJECTS = pa.schema(
    [
        ("upload_source", pa.string()),
        ("original_filename", pa.string()),
        ("arrival", pa.string()),
        ("received_at_utc", pa.timestamp("us")),
        ("organization_id", pa.string()),
        ("code", pa.string()),
        ("site_id_text", pa.string()),
        ("meter_id_text", pa.string()),
    ]
)
"""Refused rows of files that are not published."""

VIEWS = {
    "published_readings": "the mart fct_interval_readings",
    "published_revisions": "the mart fct_revisions",
    "published_rejects": "the mart fct_rejects",
    "unbuilt_readings": "rows of UNBUILT_READINGS",
    "unbuilt_rejects": "rows of UNBUILT_REJECTS whose file is not in the mart fct_uploads",
}

_SCOPE_SCHEMA = pa.schema(
    [
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("interval_seconds", pa.int32()),
        ("label_shift_seconds", pa.int32()),
        ("window_start_utc", pa.timestamp("us")),
        ("window_end_utc", pa.timestamp("us")),
        ("expected_start_utc", pa.timestamp("us")),
        ("expected_end_utc", pa.timestamp("us")),
        ("expected_points", pa.int64()),
    ]
)

_IN_RANGE = "interval_start_utc >= $first AND interval_start_utc < $end"

HELD = f"""
published AS (
    SELECT site_id, meter_id, interval_start_utc, usage_kwh, received_at_utc
    FROM published_readings SEMI JOIN scope USING (site_id, meter_id)
    WHERE received_at_utc <= $as_of AND {_IN_RANGE}
    UNION ALL
    SELECT site_id, meter_id, interval_start_utc, previous_usage_kwh, previous_received_at_utc
    FROM published_revisions SEMI JOIN scope USING (site_id, meter_id)
    WHERE previous_received_at_utc <= $as_of AND received_at_utc > $as_of AND {_IN_RANGE}
),
arrived AS (
    SELECT site_id, meter_id, interval_start_utc,
           arg_max(
               struct_pack(usage_kwh, received_at_utc),
               struct_pack(received_at_utc, arrival, line_number)
           ) AS latest
    FROM unbuilt_readings SEMI JOIN scope USING (site_id, meter_id)
    WHERE received_at_utc <= $as_of AND {_IN_RANGE}
    GROUP BY site_id, meter_id, interval_start_utc
),
held AS (
    SELECT site_id, meter_id, interval_start_utc,
           CASE
               WHEN published.received_at_utc IS NULL
                    OR latest.received_at_utc >= published.received_at_utc
                   THEN latest.usage_kwh
               ELSE published.usage_kwh
           END AS usage_kwh
    FROM published FULL JOIN arrived USING (site_id, meter_id, interval_start_utc)
)
"""
"""Common table expressions that end with `held`: what held at `$as_of` for the intervals that start
from `$first` to before `$end`, of the meters in the table `scope`."""

EXPECTED_SLOT = """
CASE WHEN held.interval_start_utc >= scope.expected_start_utc
          AND held.interval_start_utc < scope.expected_end_utc
     THEN datediff('second', scope.expected_start_utc, held.interval_start_utc)
          // scope.interval_seconds
END"""
"""Number of the expected interval that a held one is, null for none.

Counting distinct ones keeps what is received within what is expected, also on the day on which a
clock moves by half an hour and while a meter's new interval is not built yet.
"""


def scope_table(meters: Sequence[Meter], windows: Sequence[Span]) -> pa.Table:
    """The meters of a question, each with its window, and how much of that is expected."""
    expected = [
        window.overlap(meter.expected) for meter, window in zip(meters, windows, strict=True)
    ]
    columns: Mapping[str, Sequence[object]] = {
        "site_id": [meter.site_id for meter in meters],
        "meter_id": [meter.meter_id for meter in meters],
        "interval_seconds": [meter.interval_seconds for meter in meters],
        "label_shift_seconds": [int(meter.label_shift.total_seconds()) for meter in meters],
        "window_start_utc": [window.start_utc for window in windows],
        "window_end_utc": [window.end_utc for window in windows],
        "expected_start_utc": [span.start_utc for span in expected],
        "expected_end_utc": [span.end_utc for span in expected],
        "expected_points": [
            span.interval_count(meter.interval_seconds)
            for meter, span in zip(meters, expected, strict=True)
        ],
    }
    return pa.table(dict(columns), schema=_SCOPE_SCHEMA)


def select_held(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    scope: pa.Table,
    as_of: datetime,
    span: Span,
    tables: Mapping[str, pa.Table] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> pa.Table:
    """Rows of a query that follows `HELD`, for the intervals of `span` as known at `as_of`."""
    return select(
        connection,
        f"WITH {HELD} {query}",
        tables={"scope": scope, **(tables or {})},
        parameters={
            "as_of": as_of,
            "first": span.start_utc,
            "end": span.end_utc,
            **(parameters or {}),
        },
    )
