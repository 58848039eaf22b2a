"""Readings as CSV of the ingest API, piece by piece: taking it in again changes nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import BytesIO

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from cei_assets.core.readings.held import scope_table, select_held
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.windows import Span

PIECE_ROWS = 50_000
_HEADER = b"site_id,meter_id,timestamp_utc,value,unit\n"
_NEEDS_QUOTES = frozenset(',"\r\n')
# Trailing zeros of the stored scale are no part of the value.
_EXPORT = """
SELECT site_id, meter_id,
       strftime(
           held.interval_start_utc + to_seconds(scope.label_shift_seconds), '%Y-%m-%dT%H:%M:%SZ'
       ) AS timestamp_utc,
       rtrim(rtrim(CAST(held.usage_kwh AS VARCHAR), '0'), '.') AS value,
       'kWh' AS unit
FROM held JOIN scope USING (site_id, meter_id)
WHERE held.interval_start_utc >= scope.window_start_utc
      AND held.interval_start_utc < scope.window_end_utc
ORDER BY held.interval_start_utc, site_id, meter_id
"""


def export_csv(
    connection: duckdb.DuckDBPyConnection,
    *,
    meters: Sequence[Meter],
    as_of: datetime,
    windows: Sequence[Span],
    piece_rows: int = PIECE_ROWS,
) -> Iterator[bytes]:
    """CSV of the intervals of each meter that start in its window, as known at `as_of`.

    Columns site_id, meter_id, timestamp_utc, value, unit; the timestamp marks the end of the
    interval that the meter's own label names, the value has all its decimals. Rows come by
    interval, site and meter, in pieces of about `piece_rows` at most: memory does not grow with
    the windows. Times are naive UTC.
    `connection` has the views of `held.VIEWS` and is used until the last piece is taken.
    """
    if not meters:
        yield _HEADER
        return
    scope = scope_table(meters, windows)
    span = Span(
        start_utc=min(window.start_utc for window in windows),
        end_utc=max(window.end_utc for window in windows),
    )
    held = _with_readings(connection, scope, as_of, span)
    yield _HEADER
    quoting = _quoting(meters)
    for part in _parts(held, meters, piece_rows):
        rows = select_held(connection, _EXPORT, scope=scope, as_of=as_of, span=part)
        if rows.num_rows:
            yield _as_csv(rows, quoting)


def _with_readings(
    connection: duckdb.DuckDBPyConnection, scope: pa.Table, as_of: datetime, span: Span
) -> Span:
    """The part of the span that has readings, so that a wide one is not walked in vain."""
    query = """
    SELECT min(first_utc) AS first_utc, max(last_utc) AS last_utc FROM (
        SELECT min(interval_start_utc) AS first_utc, max(interval_start_utc) AS last_utc
        FROM published
        UNION ALL
        SELECT min(interval_start_utc), max(interval_start_utc) FROM arrived
    )
    """
    (row,) = select_held(connection, query, scope=scope, as_of=as_of, span=span).to_pylist()
    if row["first_utc"] is None:
        return Span(start_utc=span.start_utc, end_utc=span.start_utc)
    last = row["last_utc"] + timedelta(microseconds=1)
    return span.overlap(Span(start_utc=row["first_utc"], end_utc=last))


def _parts(span: Span, meters: Sequence[Meter], piece_rows: int) -> Iterator[Span]:
    """The span in stretches that hold about `piece_rows` intervals at most."""
    rows_per_hour = sum(3600 / meter.interval_seconds for meter in meters)
    length = timedelta(hours=max(1, int(piece_rows / max(rows_per_hour, 1))))
    start = span.start_utc
    while start < span.end_utc:
        end = min(start + length, span.end_utc)
        yield Span(start_utc=start, end_utc=end)
        start = end


def _quoting(meters: Sequence[Meter]) -> str:
    """Arrow quotes every text or none; quotes are for identifiers that cannot do without."""
    named = any(_NEEDS_QUOTES & set(meter.site_id + meter.meter_id) for meter in meters)
    return "needed" if named else "none"


def _as_csv(rows: pa.Table, quoting: str) -> bytes:
    sink = BytesIO()
    options = pa_csv.WriteOptions(include_header=False, quoting_style=quoting)
    pa_csv.write_csv(rows, sink, write_options=options)
    return sink.getvalue()
