"""Drops of outdoor temperature: the file and row rules of readings, other columns."""

from collections.abc import Mapping
from typing import BinaryIO

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.fields import FIELDS
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import TEMPERATURES
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.coded import coded, distinct
from cei_assets.core.intake.csv_dialect import TEMPERATURE_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.rejects import joined_rejects, malformed_rejects, refused_rows
from cei_assets.core.intake.timestamps import (
    MOMENT_COLUMNS,
    NO_INSTANT,
    Moments,
    read_moments,
    resolved_by_order,
    runs_backwards,
)
from cei_assets.core.intake.verdict import (
    Limits,
    ReceiptFacts,
    Verdict,
)

_BOUNDS = FIELDS["temperature_c"]
_COLUMNS: dict[str, pa.DataType] = {
    "line_number": pa.int64(),
    "site_id": pa.string(),
    "station_id": pa.string(),
    "timestamp_utc": pa.string(),
    "timestamp_utc_type": pa.string(),
    "received_at_utc": pa.timestamp("us"),
    "resolved_utc": pa.timestamp("us"),
    "temperature_c": pa.string(),
}

_OBSERVATIONS = r"""
WITH named AS (
    SELECT *,
           nullif(trim(site_id), '') AS site_name,
           nullif(trim(station_id), '') AS station_name,
           CASE WHEN $decimal_mark = ',' THEN replace(trim(temperature_c), ',', '.')
                ELSE trim(temperature_c) END AS number,
           coalesce(regexp_full_match(number, '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?'), false)
               AS is_number,
           CASE WHEN is_number THEN try_cast(number AS DOUBLE) END AS degrees
    FROM observations
),
found AS (
    SELECT named.*, sites.site_id AS known_site, stations.station_id AS known_station,
           coalesce(sites.organization_id <> $organization_id, false) AS is_foreign,
           coalesce($organization_id, sites.organization_id) AS organization_id,
           coalesce(named.site_name, named.station_name) || chr(0)
               || (named.site_name IS NULL)::VARCHAR || instant::VARCHAR AS place_and_time
    FROM named
    LEFT JOIN register_sites AS sites ON sites.site_id = named.site_name
    LEFT JOIN (SELECT DISTINCT station_id FROM register_sites) AS stations
        ON stations.station_id = station_name
),
checked AS (
    SELECT *,
           CASE
               WHEN site_name IS NULL AND station_name IS NULL
                   THEN 'site_id and station_id are missing; expected one of them'
               WHEN site_name IS NOT NULL AND (known_site IS NULL OR is_foreign)
                   THEN 'site_id ''' || left(site_id, 100) || ''' is not in the register'
               WHEN site_name IS NULL AND known_station IS NULL
                   THEN 'station_id ''' || left(station_id, 100)
                        || ''' stands at no site of the register'
           END AS site_problem,
           CASE
               WHEN number IS NULL OR number = '' THEN 'temperature_c is missing'
               WHEN NOT is_number
                   THEN 'temperature_c ''' || left(temperature_c, 100) || ''' is not a number'
               WHEN degrees IS NULL OR degrees NOT BETWEEN $low AND $high
                   THEN 'temperature_c ' || left(number, 100) || ' is outside '
                        || $low::VARCHAR || ' to ' || $high::VARCHAR || ' degC'
           END AS value_problem
    FROM found
),
compared AS (
    SELECT *,
           site_problem IS NULL AND timestamp_problem IS NULL AND value_problem IS NULL AS is_good,
           CASE WHEN is_good THEN first_value(line_number) OVER same END AS first_line,
           CASE WHEN is_good THEN first_value(degrees) OVER same END AS first_degrees
    FROM checked
    WINDOW same AS (PARTITION BY is_good, place_and_time ORDER BY line_number)
)
SELECT *,
       is_good AND first_line <> line_number AND first_degrees = degrees AS is_duplicate,
       CASE WHEN is_good AND first_line <> line_number AND first_degrees <> degrees
            THEN 'place and time stand already on line ' || first_line::VARCHAR
                 || ' with another temperature; that one stays' END AS key_problem,
       is_good AND first_line = line_number AS is_kept
FROM compared
ORDER BY line_number
"""


def judge_temperatures(
    stream: BinaryIO,
    connection: duckdb.DuckDBPyConnection,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> Verdict:
    """Judges a temperature drop: site_id or station_id, timestamp_utc, temperature_c.

    Temperatures are instants, not intervals: there is no grid. The same value again for a place and
    time is an exact duplicate, another one is refused and the first stays. The file is held in
    memory whole: a station's year of hours is 9,000 rows. Raises UnusableFileError when the file as
    a whole cannot be used.
    """
    source = CsvRows(stream, targets=TEMPERATURE_TARGETS, limits=limits)
    batches = list(source.batches())
    malformed = [batch.malformed for batch in batches if batch.malformed.num_rows]
    rejects = [malformed_rejects(malformed=part, receipt=receipt) for part in malformed]
    rows = pa.concat_tables([_complete(batch.rows) for batch in batches] or [_complete(_NO_ROWS)])
    judged = _judged(connection, rows, source.decimal_mark, register, receipt, limits)
    is_kept, is_duplicate = _flags(judged["is_kept"]), _flags(judged["is_duplicate"])
    refused = judged.filter(pa.array(~(is_kept | is_duplicate)))
    if refused.num_rows:
        rejects.append(_refused(connection, refused, receipt))
    return Verdict(
        rows_read=rows.num_rows + sum(part.num_rows for part in malformed),
        rows_exact_duplicate=int(np.count_nonzero(is_duplicate)),
        temperatures=_temperatures(judged.filter(pa.array(is_kept)), receipt),
        rejects=joined_rejects(rejects),
        facts=source.facts,
    )


_NO_ROWS = pa.table({"line_number": pa.array([], pa.int64())})


def _complete(rows: pa.Table) -> pa.Table:
    """The rows with every column of `_COLUMNS`."""
    return pa.table(
        {
            name: rows[name].cast(kind)
            if name in rows.column_names
            else pa.nulls(rows.num_rows, kind)
            for name, kind in _COLUMNS.items()
        }
    )


def _judged(
    connection: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    decimal_mark: str,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> pa.Table:
    moments = _moments(connection, rows, receipt, limits)
    group = pa.array(moments.group)
    instants = pa.array(moments.instants, mask=moments.instants == NO_INSTANT)
    observations = rows.select(
        ["line_number", "site_id", "station_id", "timestamp_utc", "temperature_c"]
    )
    observations = observations.append_column("instant", instants.take(group))
    observations = observations.append_column("timestamp_problem", moments.problems.take(group))
    return select(
        connection,
        _OBSERVATIONS,
        tables={"observations": observations, "register_sites": register["sites"]},
        parameters={
            "decimal_mark": decimal_mark,
            "organization_id": receipt.organization_id,
            "low": _BOUNDS.ge,
            "high": _BOUNDS.le,
        },
    )


def _moments(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, receipt: ReceiptFacts, limits: Limits
) -> Moments:
    """Instants of all rows; a repeated local hour is settled by order within its place."""
    moments = read_moments(connection, rows=rows, receipt=receipt, limits=limits)
    if not (ambiguous := moments.is_ambiguous).any():
        return moments
    place = distinct([coded(rows["site_id"]), coded(rows["station_id"])]).group
    at, others = np.flatnonzero(ambiguous), np.flatnonzero(~ambiguous & moments.is_valid)
    found = resolved_by_order(
        place=place[at],
        moments=moments.take(at),
        is_backwards=runs_backwards(
            place=place[others], instant=moments.instants[moments.group[others]]
        ),
    )
    resolved = np.full(rows.num_rows, NO_INSTANT)
    resolved[at] = found.cast(pa.int64()).fill_null(NO_INSTANT).to_numpy()
    column = pa.array(resolved, mask=resolved == NO_INSTANT).cast(pa.timestamp("us"))
    settled = rows.set_column(rows.column_names.index("resolved_utc"), "resolved_utc", column)
    return read_moments(
        connection, rows=settled.select(MOMENT_COLUMNS), receipt=receipt, limits=limits
    )


def _flags(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    flags: npt.NDArray[np.bool_] = pc.fill_null(column, False).to_numpy()
    return flags


def _refused(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, receipt: ReceiptFacts
) -> pa.Table:
    none = pa.nulls(rows.num_rows, pa.string())
    same = (
        "line_number", "organization_id", "site_id", "timestamp_utc", "site_problem", "is_foreign",
        "timestamp_problem", "value_problem", "key_problem",
    )  # fmt: skip
    problems = pa.table(
        {
            **{name: rows[name] for name in same},
            "record_index": pa.nulls(rows.num_rows, pa.int64()),
            "received_at_utc": pa.nulls(rows.num_rows, pa.timestamp("us")),
            "meter_id": none,
            "value": rows["temperature_c"],
            "unit": none,
            "meter_problem": none,
            "unit_problem": none,
        }
    )
    return refused_rows(
        connection, problems=problems, receipt=receipt, value_column="temperature_c"
    )


def _temperatures(kept: pa.Table, receipt: ReceiptFacts) -> pa.Table:
    schema = arrow_schema(TEMPERATURES)
    count = kept.num_rows
    columns = {
        "receipt_id": pa.repeat(receipt.receipt_id, count),
        "received_at_utc": pa.repeat(pa.scalar(receipt.received_at_utc, pa.timestamp("us")), count),
        "received_date": pa.repeat(pa.scalar(receipt.received_date, pa.date32()), count),
        "line_number": kept["line_number"],
        "site_id": kept["site_name"],
        "station_id": kept["station_name"],
        "observed_at_utc": kept["instant"].cast(pa.timestamp("us")),
        "temperature_c": kept["degrees"],
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)
