"""Timestamps as text to instants: ISO 8601 with an offset, or local time in a named zone."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.coded import coded, distinct
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, UnusableFileError

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NO_INSTANT = int(np.iinfo(np.int64).min)
MICROSECONDS = 1_000_000
MOMENT_COLUMNS = ("timestamp_utc", "timestamp_utc_type", "received_at_utc", "resolved_utc")

_ISO_8601 = (
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:[.,]\d{1,6}0*)?)?"
    r"([Zz]|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?"
)
_USUAL = r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"

# DuckDB's own cast to TIMESTAMPTZ also takes 'infinity', zone names and 24:00, hence the shapes.
_CLOCKS = f"""
WITH trimmed AS (
    SELECT *, CASE WHEN timestamp_utc_type IS NULL THEN trim(timestamp_utc) END AS written,
           'timestamp_utc ''' || left(timestamp_utc, 100) || '''' AS named
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
               WHEN zone = 'Z' THEN 0
               WHEN zone <> '' THEN (CASE WHEN zone[1] = '-' THEN -60 ELSE 60 END) * (
                   zone[2:3]::INTEGER * 60
                   + CASE WHEN length(zone) > 3 THEN right(zone, 2)::INTEGER ELSE 0 END
               )
           END AS offset_seconds
    FROM clocks
),
"""
# A local time is tried with the offsets of a day before and a day after: both fit in the repeated
# hour of autumn, none in the hour that spring leaves out.
_NAMED_ZONE = """
candidates AS (
    SELECT *,
           zone = '' AND clock IS NOT NULL AND resolved_utc IS NULL AS is_local,
           clock - (timezone($timezone, timezone('UTC', clock - INTERVAL 1 DAY))
                    - (clock - INTERVAL 1 DAY)) AS with_earlier_offset,
           clock - (timezone($timezone, timezone('UTC', clock + INTERVAL 1 DAY))
                    - (clock + INTERVAL 1 DAY)) AS with_later_offset,
           timezone($timezone, timezone('UTC', with_earlier_offset)) = clock AS earlier_fits,
           timezone($timezone, timezone('UTC', with_later_offset)) = clock AS later_fits
    FROM shifted
),
placed AS (
    SELECT *,
           CASE
               WHEN resolved_utc IS NOT NULL THEN resolved_utc
               WHEN is_local AND earlier_fits THEN with_earlier_offset
               WHEN is_local AND later_fits THEN with_later_offset
               WHEN is_local THEN NULL
               ELSE clock - to_seconds(offset_seconds)
           END AS instant,
           CASE WHEN is_local AND earlier_fits AND later_fits
                     AND with_earlier_offset <> with_later_offset
                THEN with_later_offset END AS second_instant,
           CASE
               WHEN is_local AND NOT earlier_fits AND NOT later_fits
                   THEN named || ' does not exist in ' || $timezone
                        || ': the clock is put forward over it'
               WHEN second_instant IS NOT NULL
                   THEN named || ' is ambiguous in ' || $timezone || ': the clock is put back over '
                        || 'it, and the file does not have it exactly twice for the meter; '
                        || 'append the offset'
           END AS zone_problem
    FROM candidates
)
"""
_NO_ZONE = """
placed AS (
    SELECT *,
           clock - to_seconds(offset_seconds) AS instant,
           NULL::TIMESTAMP AS second_instant,
           CASE WHEN clock IS NOT NULL AND zone = ''
                THEN named || ' has no offset; append Z for UTC, or +01:00, or name the zone of '
                     || 'the file in its sidecar' END AS zone_problem
    FROM shifted
)
"""
_VERDICTS = """
SELECT epoch_us(instant) AS instant_us,
       epoch_us(second_instant) AS second_us,
       nullif(concat_ws('; ',
           CASE
               WHEN timestamp_utc_type IS NOT NULL
                   THEN 'timestamp_utc is ' || timestamp_utc_type || ', not text'
               WHEN written IS NULL THEN 'timestamp_utc is missing'
               WHEN written = '' THEN 'timestamp_utc is blank'
               WHEN clock IS NULL THEN named || ' is not ISO 8601 such as 2026-01-31T13:00:00Z'
               ELSE zone_problem
           END,
           CASE WHEN instant > coalesce(received_at_utc, $received) + to_seconds($max_future)
                THEN named || ' lies more than ' || $max_future::VARCHAR
                     || ' s after the receipt' END,
           CASE WHEN instant < coalesce(received_at_utc, $received) - to_days($max_age)
                THEN named || ' is older than ' || $max_age::VARCHAR || ' days' END
       ), '') AS problem
FROM placed
ORDER BY moment
"""


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The instants of `n` rows, told once per distinct text: `group` (n,) numbers these.

    `instants` counts microseconds of UTC since 1970, NO_INSTANT where the text gives none;
    `seconds` is the later instant of a local time that the clock shows twice, else NO_INSTANT;
    `problems` says what is wrong, null where nothing is.
    """

    group: Integers
    instants: Integers
    seconds: Integers
    problems: pa.Array

    @property
    def is_ambiguous(self) -> Flags:
        """Rows whose local time the clock shows twice."""
        flags: Flags = (self.seconds != NO_INSTANT)[self.group]
        return flags

    def take(self, rows: Integers) -> "Moments":
        """The moments of the chosen rows."""
        return replace(self, group=self.group[rows])

    @property
    def is_valid(self) -> Flags:
        """Rows whose timestamp is an instant within the limits."""
        flags: Flags = self.problems.is_null().to_numpy(zero_copy_only=False)[self.group]
        return flags


def read_moments(
    connection: duckdb.DuckDBPyConnection, *, rows: pa.Table, receipt: ReceiptFacts, limits: Limits
) -> Moments:
    """Instants of rows with the columns `MOMENT_COLUMNS`; all of code INVALID_TIMESTAMP but grids.

    A text without an offset is a local time of `receipt.timezone` when that is named. A row's own
    `received_at_utc` is its clock, else the receipt's; `resolved_utc` settles a local time that
    the clock shows twice. Raises UnusableFileError for a zone that DuckDB does not know.
    """
    found = distinct([coded(rows[name]) for name in MOMENT_COLUMNS])
    texts = rows.select(MOMENT_COLUMNS).take(found.example)
    kinds = (pa.string(), pa.string(), pa.timestamp("us"), pa.timestamp("us"))
    moments = pa.table(
        {
            **{
                name: texts[name].cast(kind)
                for name, kind in zip(MOMENT_COLUMNS, kinds, strict=True)
            },
            "moment": np.arange(len(found.example)),
        }
    )
    parameters: dict[str, object] = {
        "received": receipt.received_at_utc,
        "max_future": limits.max_future_seconds,
        "max_age": limits.max_age_days,
    }
    if receipt.timezone is not None:
        _refuse_unknown_zone(connection, receipt.timezone)
        parameters["timezone"] = receipt.timezone
    placing = _NO_ZONE if receipt.timezone is None else _NAMED_ZONE
    read = select(
        connection,
        _CLOCKS + placing + _VERDICTS,
        tables={"moments": moments},
        parameters=parameters,
    )
    return Moments(
        group=found.group,
        instants=_integers(read["instant_us"]),
        seconds=_integers(read["second_us"]),
        problems=read["problem"].combine_chunks(),
    )


def resolved_by_order(*, place: Integers, moments: Moments, is_backwards: bool) -> pa.Array:
    """Instants of rows whose local time the clock shows twice, all rows of a file together.

    A place that shows such a time exactly twice means the earlier instant first, or last in a file
    that runs backwards; null where it does not.
    """
    clock = moments.instants[moments.group]
    order = np.lexsort((clock, place))
    key = np.stack([place[order], clock[order]])
    is_first = np.r_[True, np.any(key[:, 1:] != key[:, :-1], axis=0)]
    sizes = np.diff(np.r_[np.flatnonzero(is_first), len(order)])
    is_pair, instant = np.empty(len(order), bool), np.empty(len(order), np.int64)
    is_pair[order] = np.repeat(sizes == 2, sizes)
    is_earlier = is_first != is_backwards
    instant[order] = np.where(is_earlier, clock[order], moments.seconds[moments.group[order]])
    return pa.array(instant, mask=~is_pair).cast(pa.timestamp("us"))


def runs_backwards(*, place: Integers, instant: Integers) -> bool:
    """Whether rows in the file's order mostly go from a place's newest instant to its oldest."""
    order = np.argsort(place, kind="stable")
    step = np.diff(instant[order])
    step = step[np.diff(place[order]) == 0]
    return bool(np.count_nonzero(step < 0) > np.count_nonzero(step > 0))


def _refuse_unknown_zone(connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
    known = connection.execute(
        "SELECT count(*) FROM pg_timezone_names() WHERE name = $name", {"name": timezone}
    ).fetchone()
    if known is None or known[0] == 0:
        raise UnusableFileError(
            f"the timezone {timezone!r} is no IANA zone such as Europe/Rome",
            column_name="timestamp_utc",
        )


def _integers(column: pa.ChunkedArray) -> Integers:
    numbers: Integers = column.cast(pa.int64()).fill_null(NO_INSTANT).to_numpy()
    return numbers
