"""Timestamps as text to instants: ISO 8601 with an offset, or local time in a named zone."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.coded import coded, distinct

Integers = npt.NDArray[np.int64]
NO_INSTANT = np.iinfo(np.int64).min

_ISO_8601 = (
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:[.,]\d{1,6}0*)?)?"
    r"([Zz]|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?"
)
_USUAL = r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"

# DuckDB's own cast to TIMESTAMPTZ also takes 'infinity', zone names and 24:00, hence the shapes.
_INSTANTS = f"""
WITH trimmed AS (
    SELECT *, CASE WHEN timestamp_utc_type IS NULL THEN trim(timestamp_utc) END AS written
    FROM moments
),
parts AS (
    SELECT *,
           regexp_full_match(written, '{_USUAL}') AS is_usual,
           CASE WHEN NOT is_usual THEN regexp_extract(
               written, '^{_ISO_8601}$', ['day', 'minute', 'second', 'zone']
           ) END AS part
    FROM trimmed
),
clocks AS (
    SELECT *,
           CASE
               WHEN is_usual THEN try_cast(written AS TIMESTAMP)
               WHEN part.day <> '' THEN try_cast(
                   part.day || ' ' || part.minute
                   || CASE WHEN part.second = '' THEN ':00' ELSE replace(part.second, ',', '.') END
                   AS TIMESTAMP
               )
           END AS clock,
           CASE WHEN is_usual THEN 'Z' ELSE upper(part.zone) END AS zone
    FROM parts
),
shifted AS (
    SELECT *,
           CASE
               WHEN zone = '' THEN NULL
               WHEN zone = 'Z' THEN 0
               ELSE (CASE WHEN zone[1] = '-' THEN -60 ELSE 60 END)
                    * (zone[2:3]::INTEGER * 60 + coalesce(try_cast(right(zone, 2) AS INTEGER), 0)
                       * (length(zone) > 3)::INTEGER)
           END AS offset_seconds
    FROM clocks
)
SELECT moment,
       epoch_us(clock) AS clock_us,
       offset_seconds,
       CASE
           WHEN timestamp_utc_type IS NOT NULL
               THEN 'timestamp_utc is ' || timestamp_utc_type || ', not text'
           WHEN written IS NULL THEN 'timestamp_utc is missing'
           WHEN written = '' THEN 'timestamp_utc is blank'
           WHEN clock IS NULL
               THEN 'timestamp_utc ''' || left(timestamp_utc, 100)
                    || ''' is not ISO 8601 such as 2026-01-31T13:00:00Z'
       END AS problem,
       'timestamp_utc ''' || left(timestamp_utc, 100)
           || ''' has no offset; append Z for UTC, or +01:00, or name the zone of the file'
           AS no_offset
FROM shifted
ORDER BY moment
"""


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The instants of `n` rows: `group` (n,) numbers the distinct texts of `problems`.

    `instant` (n,) counts microseconds of UTC since 1970 and is NO_INSTANT where the text gives
    none; `problems` says why not, null where it does. `is_local` (n,) marks rows whose text has no
    offset and is not yet resolved; their `instant` reads the local clock.
    """

    group: Integers
    instant: Integers
    is_local: npt.NDArray[np.bool_]
    problems: pa.Array


def read_moments(
    connection: duckdb.DuckDBPyConnection, *, rows: pa.Table, has_timezone: bool
) -> Moments:
    """Instants of the rows' `timestamp_utc`; without `has_timezone` an offset is required."""
    names = ("timestamp_utc", "timestamp_utc_type")
    found = distinct([coded(rows[name]) for name in names])
    texts = rows.select(names).take(found.example)
    moments = pa.table(
        {
            **{name: texts[name].cast(pa.string()) for name in names},
            "moment": np.arange(len(found.example)),
        }
    )
    read = select(connection, _INSTANTS, tables={"moments": moments})
    clock = _integers(read["clock_us"], NO_INSTANT)
    offset = _integers(read["offset_seconds"], NO_INSTANT)
    lacks_offset = (clock != NO_INSTANT) & (offset == NO_INSTANT)
    has_both = (clock != NO_INSTANT) & (offset != NO_INSTANT)
    instant = np.where(has_both, clock - np.where(has_both, offset, 0) * 1_000_000, NO_INSTANT)
    problems = read["problem"].combine_chunks()
    if has_timezone:
        instant = np.where(lacks_offset, clock, instant)
    else:
        problems = pa.compute.if_else(
            pa.array(lacks_offset), read["no_offset"].combine_chunks(), problems
        )
        lacks_offset = np.zeros(len(lacks_offset), bool)
    group = found.group
    return Moments(
        group=group, instant=instant[group], is_local=lacks_offset[group], problems=problems
    )


def _integers(column: pa.ChunkedArray, missing: int) -> Integers:
    return column.cast(pa.int64()).fill_null(missing).to_numpy()
