"""Compares the readings of a file with the stored ones, interval by interval."""

from datetime import timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import READINGS
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.verdict import Verdict
from cei_assets.core.reconciliation.moved_rows import MOVED_SCHEMA, moved_rows
from cei_assets.core.reconciliation.shifts import MAX_HOURS
from cei_assets.core.reconciliation.verdict import MeterReconciliation, Reconciliation

# Of several rows that a file has for an interval the last one holds, as it would once stored.
_COMPARED = """
WITH file_side AS (
    SELECT site_id, meter_id, interval_start_utc, interval_seconds,
           arg_max(usage_kwh, line_number) AS file_kwh, max(line_number) AS line_number
    FROM file_rows
    GROUP BY ALL
),
spans AS (
    SELECT site_id, meter_id,
           min(interval_start_utc) AS first_start_utc, max(interval_start_utc) AS last_start_utc,
           any_value(interval_seconds) AS interval_seconds, count(*) AS rows_in_file,
           sum(file_kwh)::DECIMAL(38, 9) AS kwh_in_file
    FROM file_side
    GROUP BY ALL
),
stored_side AS (
    SELECT site_id, meter_id, interval_start_utc, stored_rows.interval_seconds,
           usage_kwh AS stored_kwh
    FROM stored_rows JOIN spans USING (site_id, meter_id)
    WHERE interval_start_utc BETWEEN first_start_utc AND last_start_utc
),
compared AS (
    SELECT *,
           CASE
               WHEN stored_kwh IS NULL THEN 'missing'
               WHEN file_kwh IS NULL THEN 'extra'
               WHEN abs(file_kwh - stored_kwh) > $tolerance::DECIMAL(18, 9) THEN 'different'
               ELSE 'equal'
           END AS finding
    FROM file_side FULL JOIN stored_side
        USING (site_id, meter_id, interval_start_utc, interval_seconds)
)
"""
_TOTALS = f"""
{_COMPARED}
SELECT spans.*,
       count_if(finding = 'equal')::BIGINT AS rows_equal,
       count_if(finding = 'different')::BIGINT AS rows_different,
       count_if(finding = 'missing')::BIGINT AS rows_missing,
       count_if(finding = 'extra')::BIGINT AS rows_extra,
       coalesce(sum(stored_kwh), 0)::DECIMAL(38, 9) AS kwh_stored
FROM spans JOIN compared USING (site_id, meter_id)
GROUP BY ALL
ORDER BY site_id, meter_id
"""
_DIFFERENCES = f"""
{_COMPARED},
moved_onto AS (
    SELECT site_id, meter_id, moved_start_utc AS interval_start_utc,
           min(shift_seconds) AS shift_seconds
    FROM moved
    GROUP BY ALL
)
SELECT finding, site_id, meter_id, interval_start_utc, interval_seconds, line_number,
       file_kwh, stored_kwh,
       (coalesce(file_kwh, 0) - coalesce(stored_kwh, 0))::DECIMAL(18, 9) AS difference_kwh,
       CASE WHEN finding = 'extra' THEN moved_onto.shift_seconds ELSE moved.shift_seconds END
           AS shift_seconds
FROM compared
LEFT JOIN moved USING (site_id, meter_id, interval_start_utc)
LEFT JOIN moved_onto USING (site_id, meter_id, interval_start_utc)
WHERE finding <> 'equal'
ORDER BY site_id, meter_id, interval_start_utc, interval_seconds, finding
"""
STORED_MARGIN = timedelta(hours=MAX_HOURS)
"""How far beyond a meter's rows in the file stored ones are looked at for rows that moved."""


def reconcile(
    connection: duckdb.DuckDBPyConnection,
    *,
    verdict: Verdict,
    stored: pa.Table,
    tolerance_kwh: Decimal = Decimal(0),
) -> Reconciliation:
    """The accepted rows of a judged file against `stored`.

    `stored` has site_id, meter_id, interval_start_utc (naive UTC), interval_seconds and usage_kwh
    DECIMAL(18,9), one row an interval, for the windows of `stored_windows`. Only rows between a
    meter's first and last row in the file count; the margin serves rows that moved. A value is
    different when it is more than `tolerance_kwh` away.

    `differences` has finding (missing, extra or different), site_id, meter_id, interval_start_utc,
    interval_seconds, line_number (null for extra), file_kwh, stored_kwh, difference_kwh (file minus
    stored, a side without a row counting 0) and shift_seconds, the move of the stretch that
    explains the row. `connection` keeps nothing.
    """
    file = _file_rows(verdict)
    sides = {"file_rows": file, "stored_rows": stored}
    tolerance = {"tolerance": tolerance_kwh}
    totals = select(connection, _TOTALS, tables=sides, parameters=tolerance).to_pylist()
    found = moved_rows(
        connection, file=file, stored=stored, totals=totals, tolerance_kwh=tolerance_kwh
    )
    moved = pa.concat_tables(
        [MOVED_SCHEMA.empty_table(), *(meter.moved for meter in found.values())]
    )
    differences = select(
        connection, _DIFFERENCES, tables={**sides, "moved": moved}, parameters=tolerance
    )
    meters = tuple(
        MeterReconciliation(**row, shifts=found[number].shifts if number in found else ())
        for number, row in enumerate(totals)
    )
    return Reconciliation(
        rows_read=verdict.rows_read,
        rows_refused=verdict.rows_rejected,
        rows_repeated=verdict.rows_exact_duplicate
        + file.num_rows
        - sum(meter.rows_in_file for meter in meters),
        meters=meters,
        differences=differences,
    )


def stored_windows(verdict: Verdict) -> pa.Table:
    """What of the stored readings `reconcile` looks at.

    One row a meter of the file: site_id, meter_id, from_utc and until_utc, both included.
    """
    spans = (
        _file_rows(verdict)
        .group_by(["site_id", "meter_id"])
        .aggregate([("interval_start_utc", "min"), ("interval_start_utc", "max")])
    )
    margin = pa.scalar(STORED_MARGIN, pa.duration("us"))
    return pa.table(
        {
            "site_id": spans["site_id"],
            "meter_id": spans["meter_id"],
            "from_utc": pc.subtract(spans["interval_start_utc_min"], margin),
            "until_utc": pc.add(spans["interval_start_utc_max"], margin),
        }
    )


def _file_rows(verdict: Verdict) -> pa.Table:
    if verdict.readings is None:
        return arrow_schema(READINGS).empty_table()
    return verdict.readings.table()
