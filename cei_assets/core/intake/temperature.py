"""Drops of outdoor temperature: the same files and rows rules as readings, fewer columns."""

from collections.abc import Mapping
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from cei_assets.contracts.fields import FIELDS
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import TEMPERATURES
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.csv_dialect import TEMPERATURE_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.rejects import joined_rejects, malformed_rejects, refused_rows
from cei_assets.core.intake.timestamps import NO_INSTANT, read_moments
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, RowBatch, Verdict

_BOUNDS = FIELDS["temperature_c"]

_OBSERVATIONS = r"""
WITH named AS (
    SELECT *, nullif(trim(site_id), '') AS named_site, nullif(trim(station_id), '') AS named_station,
           CASE WHEN $decimal_mark = ',' THEN replace(trim(temperature_c), ',', '.')
                ELSE trim(temperature_c) END AS number,
           coalesce(regexp_full_match(number, '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?'), false)
               AS is_number,
           CASE WHEN is_number THEN try_cast(number AS DOUBLE) END AS degrees
    FROM observations
),
checked AS (
    SELECT named.*, sites.site_id AS known_site, stations.station_id AS known_station,
           CASE
               WHEN named_site IS NULL AND named_station IS NULL
                   THEN 'site_id and station_id are missing; expected one of them'
               WHEN named_site IS NOT NULL AND (sites.site_id IS NULL OR coalesce(
                       sites.organization_id <> $organization_id, false))
                   THEN 'site_id ''' || left(named.site_id, 100) || ''' is not in the register'
               WHEN named_station IS NOT NULL AND named_site IS NULL AND stations.station_id IS NULL
                   THEN 'station_id ''' || left(named.station_id, 100)
                        || ''' stands at no site of the register'
           END AS site_problem,
           coalesce(sites.organization_id <> $organization_id, false) AS is_foreign,
           CASE
               WHEN named.temperature_c IS NULL OR number = '' THEN 'temperature_c is missing'
               WHEN NOT is_number
                   THEN 'temperature_c ''' || left(temperature_c, 100) || ''' is not a number'
               WHEN degrees IS NULL OR degrees NOT BETWEEN $low AND $high
                   THEN 'temperature_c ' || left(number, 100) || ' is outside '
                        || $low::INTEGER || ' to ' || $high::INTEGER || ' degC'
           END AS value_problem
    FROM named
    LEFT JOIN register_sites AS sites ON sites.site_id = named_site
    LEFT JOIN (SELECT DISTINCT station_id FROM register_sites) AS stations
        ON stations.station_id = named_station
)
SELECT * FROM checked ORDER BY line_number
"""
_REPEATS = """
SELECT *,
       first_value(line_number) OVER same AS first_line,
       first_value(degrees) OVER same AS first_degrees
FROM good
WINDOW same AS (PARTITION BY named_site, named_station, instant ORDER BY line_number)
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
    time is an exact duplicate, another one is refused and the first stays. Raises UnusableFileError
    when the file as a whole cannot be used.
    """
    rows = CsvRows(stream, targets=TEMPERATURE_TARGETS, limits=limits)
    good, rejects, rows_read = [], [], 0
    for batch in rows.batches():
        rows_read += batch.rows.num_rows + batch.malformed.num_rows
        if batch.malformed.num_rows:
            rejects.append(malformed_rejects(malformed=batch.malformed, receipt=receipt))
        if batch.rows.num_rows:
            judged = _judged(connection, batch, rows.decimal_mark, register, receipt, limits)
            is_good = _is_good(judged)
            good.append(judged.filter(pa.array(is_good)))
            if not is_good.all():
                bad = judged.filter(pa.array(~is_good))
                rejects.append(_refused(connection, bad, receipt))
    kept, duplicates, conflicts = _repeats(connection, good)
    if conflicts.num_rows:
        rejects.append(_refused(connection, conflicts, receipt))
    return Verdict(
        rows_read=rows_read,
        rows_exact_duplicate=duplicates,
        temperatures=_temperatures(kept, receipt),
        rejects=joined_rejects(rejects),
        facts=rows.facts,
    )


def _judged(
    connection: duckdb.DuckDBPyConnection,
    batch: RowBatch,
    decimal_mark: str,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> pa.Table:
    count = batch.rows.num_rows
    present = batch.rows.column_names
    names = ("line_number", "site_id", "station_id", "timestamp_utc", "temperature_c")
    columns = {
        name: batch.rows[name] if name in present else pa.nulls(count, pa.string())
        for name in names
    }
    columns = {
        name: column.cast(pa.int64() if name == "line_number" else pa.string())
        for name, column in columns.items()
    }
    rows = pa.table(
        {
            **columns,
            "timestamp_utc_type": pa.nulls(count, pa.string()),
            "received_at_utc": pa.nulls(count, pa.timestamp("us")),
            "resolved_utc": pa.nulls(count, pa.timestamp("us")),
        }
    )
    moments = read_moments(connection, rows=rows, receipt=receipt, limits=limits)
    group = pa.array(moments.group)
    rows = rows.append_column(
        "instant", pa.array(moments.instants, mask=moments.instants == NO_INSTANT).take(group)
    ).append_column("timestamp_problem", moments.problems.take(group))
    return select(
        connection,
        _OBSERVATIONS,
        tables={"observations": rows, "register_sites": register["sites"]},
        parameters={
            "decimal_mark": decimal_mark,
            "organization_id": receipt.organization_id,
            "low": _BOUNDS.ge,
            "high": _BOUNDS.le,
        },
    )


def _is_good(judged: pa.Table) -> np.ndarray:
    return np.logical_and.reduce(
        [
            judged[name].is_null().to_numpy()
            for name in ("site_problem", "timestamp_problem", "value_problem")
        ]
    )


def _repeats(
    connection: duckdb.DuckDBPyConnection, good: list[pa.Table]
) -> tuple[pa.Table | None, int, pa.Table]:
    """Rows that stay, how many repeat them exactly, and rows that contradict them."""
    if not good:
        return None, 0, pa.table({})
    rows = select(connection, _REPEATS, tables={"good": pa.concat_tables(good)})
    is_first = rows["line_number"].to_numpy() == rows["first_line"].to_numpy()
    is_same = rows["degrees"].to_numpy() == rows["first_degrees"].to_numpy()
    conflicts = rows.filter(pa.array(~is_first & ~is_same))
    problem = pa.compute.binary_join_element_wise(
        "place and time stand already on line ",
        conflicts["first_line"].cast(pa.string()),
        " with another temperature; that one stays",
        "",
    )
    return (
        rows.filter(pa.array(is_first)),
        int(np.count_nonzero(~is_first & is_same)),
        conflicts.append_column("key_problem", problem),
    )


def _refused(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, receipt: ReceiptFacts
) -> pa.Table:
    none = pa.nulls(rows.num_rows, pa.string())
    problems = pa.table(
        {
            **{name: rows[name] for name in ("line_number", "site_id", "timestamp_utc")},
            "record_index": pa.nulls(rows.num_rows, pa.int64()),
            "received_at_utc": pa.nulls(rows.num_rows, pa.timestamp("us")),
            "meter_id": none,
            "value": rows["temperature_c"],
            "unit": none,
            "site_problem": rows["site_problem"],
            "is_foreign": rows["is_foreign"],
            "meter_problem": none,
            "unit_problem": none,
            "timestamp_problem": rows["timestamp_problem"],
            "value_problem": rows["value_problem"],
            "key_problem": rows["key_problem"] if "key_problem" in rows.column_names else none,
        }
    )
    return refused_rows(connection, problems=problems, receipt=receipt)


def _temperatures(kept: pa.Table | None, receipt: ReceiptFacts) -> pa.Table:
    schema = arrow_schema(TEMPERATURES)
    if kept is None:
        return schema.empty_table()
    count = kept.num_rows
    columns = {
        "receipt_id": pa.repeat(receipt.receipt_id, count),
        "received_at_utc": pa.repeat(pa.scalar(receipt.received_at_utc, pa.timestamp("us")), count),
        "received_date": pa.repeat(pa.scalar(receipt.received_date, pa.date32()), count),
        "line_number": kept["line_number"],
        "site_id": kept["named_site"],
        "station_id": kept["named_station"],
        "observed_at_utc": kept["instant"].cast(pa.timestamp("us")),
        "temperature_c": kept["degrees"],
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)
