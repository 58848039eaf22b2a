"""What the CDS tables hand over to the readings: month files, and the meter days that changed.

Days are noted before a file is replaced: a kill in between leaves a day that is made anew once
more from the same rows, never one that is made no more.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_hand_over import CDS_DAYS, CDS_READINGS
from cei_assets.storage.atomic import sync_folder, write_parquet
from cei_assets.storage.monthly_parquet import FIRST_MONTH, ensure_empty_months, month_file
from cei_assets.storage.paths import DataPaths

MODEL = "intermediate.int_cds_readings"
"""The warehouse's readings of mapped meters that hold."""
TOUCHED_MODEL = "intermediate.int_cds_days_touched"
"""Days of UTC on which the last build can have changed the readings."""
_ASIDE = "handed_over_now"
_BATCH_ROWS = 100_000
_COLUMNS = ", ".join(CDS_READINGS.column_names)
_HASHED = ", ".join(name for name in CDS_READINGS.column_names if name != "usage_month")
# A day is compared by the number of its rows and two sums over their digests.
_DAYS = f"""
    SELECT
        usage_month, site_id, meter_id, local_date,
        count(*) AS row_count,
        bit_xor(hash({_HASHED})) AS mixed,
        sum(hash({_HASHED})::hugeint) AS summed
    FROM {{rows}}
    GROUP BY ALL
"""
_CHANGED = """
    SELECT DISTINCT usage_month, site_id, meter_id, local_date
    FROM ({now}) AS now
    FULL JOIN ({held}) AS held USING (usage_month, site_id, meter_id, local_date)
    WHERE (now.row_count, now.mixed, now.summed)
        IS DISTINCT FROM (held.row_count, held.mixed, held.summed)
    ORDER BY ALL
"""


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """What a hand-over changed: meter days, months written anew, and months that lost all rows."""

    days: int
    months: tuple[date, ...]
    emptied: tuple[date, ...]

    def __str__(self) -> str:
        if not self.days:
            return "no reading of a CDS meter has changed"
        gone = f", {len(self.emptied)} months emptied" if self.emptied else ""
        return f"{self.days} meter days changed in {len(self.months)} months{gone}"


def ensure_cds_hand_over(paths: DataPaths) -> None:
    """Write the typed empty month, so that readers find a schema before any row."""
    ensure_empty_months(CDS_READINGS, folder=paths.cds(CDS_READINGS.name))


def hand_over(
    paths: DataPaths,
    warehouse: duckdb.DuckDBPyConnection,
    *,
    months: Sequence[date] | None = None,
) -> HandOver:
    """Bring the month files up to date with the warehouse and note the meter days that changed.

    `months` are those that can have changed; None is all. `warehouse` is a connection that can read
    `intermediate.int_cds_readings`. The caller keeps builds of the readings away meanwhile.
    """
    ensure_cds_hand_over(paths)
    rows = MODEL if months is None else _held_aside(warehouse, months)
    changed = _changed_days(paths, warehouse, months, rows=rows)
    if not changed.num_rows:
        return HandOver(days=0, months=(), emptied=())
    note_days(paths, changed.select(CDS_DAYS.column_names))
    written = sorted(set(changed["usage_month"].to_pylist()))
    emptied = tuple(
        month for month in written if not _write_month(paths, warehouse, month, rows=rows)
    )
    return HandOver(days=changed.num_rows, months=tuple(written), emptied=emptied)


def touched_months(warehouse: duckdb.DuckDBPyConnection) -> list[date]:
    """Local months whose readings the last incremental build can have changed."""
    rows = warehouse.execute(
        # A day of UTC has parts of the local days around it.
        "SELECT DISTINCT CAST(date_trunc('month', utc_date + around.days) AS DATE) "
        f"FROM {TOUCHED_MODEL}, (VALUES (-1), (0), (1)) AS around (days) ORDER BY ALL"
    ).fetchall()
    return [month for (month,) in rows]


def note_days(paths: DataPaths, days: pa.Table) -> None:
    """Marks meter days (columns of CDS_DAYS) for the next build of the readings."""
    days = days.cast(arrow_schema(CDS_DAYS)).combine_chunks()
    # Named by what it says: noting the same days again, after a kill, makes no second mark.
    content = pa.BufferOutputStream()
    with pa.ipc.new_stream(content, days.schema) as stream:
        stream.write_table(days)
    digest = hashlib.sha256(content.getvalue()).hexdigest()[:32]
    target = paths.pending_cds_days / f"{digest}.parquet"
    write_parquet(target, days.to_batches(), schema=days.schema)


def tell_days(paths: DataPaths, *, everything: bool) -> tuple[str, ...]:
    """Tells dbt which meter days to make anew, in `raw/build/cds_days.parquet`.

    Those that are marked, or with `everything` all that were handed over. Returns the names of the
    marks, to be removed when the build has succeeded.
    """
    marks = sorted(paths.pending_cds_days.glob("*.parquet"))
    sources = [str(mark) for mark in marks]
    if everything:
        sources = [str(file) for file in _files(paths).values()]
    schema = arrow_schema(CDS_DAYS)
    days = schema.empty_table()
    if sources:
        names = ", ".join(CDS_DAYS.column_names)
        with duckdb.connect(":memory:") as connection:
            days = connection.execute(
                f"SELECT DISTINCT {names} FROM read_parquet($files) ORDER BY ALL",
                {"files": sources},
            ).to_arrow_table()
    target = paths.build / f"{CDS_DAYS.name}.parquet"
    write_parquet(target, days.cast(schema).to_batches(), schema=schema)
    return tuple(mark.name for mark in marks)


def remove_marks(paths: DataPaths, marks: Iterable[str]) -> None:
    """Removes marks of days that the readings' facts hold."""
    for mark in marks:
        (paths.pending_cds_days / mark).unlink(missing_ok=True)
    if paths.pending_cds_days.exists():
        sync_folder(paths.pending_cds_days)


def _files(paths: DataPaths) -> dict[date, Path]:
    """Month files that hold rows."""
    folder = paths.cds(CDS_READINGS.name)
    months = {
        date.fromisoformat(file.parent.name.partition("=")[2]): file
        for file in sorted(folder.glob("usage_month=*/part.parquet"))
    }
    months.pop(FIRST_MONTH, None)
    return months


def _held_aside(warehouse: duckdb.DuckDBPyConnection, months: Sequence[date]) -> str:
    """Name of a temporary table with the months' rows: the model is a view and read twice."""
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ASIDE} AS "
        f"SELECT {_COLUMNS} FROM {MODEL} WHERE usage_month IN (SELECT unnest($months))",
        {"months": list(months)},
    )
    return _ASIDE


def _changed_days(
    paths: DataPaths,
    warehouse: duckdb.DuckDBPyConnection,
    months: Sequence[date] | None,
    *,
    rows: str,
) -> pa.Table:
    files = _files(paths)
    if months is not None:
        files = {month: file for month, file in files.items() if month in set(months)}
    if not files:
        files = {FIRST_MONTH: month_file(paths.cds(CDS_READINGS.name), FIRST_MONTH)}
    held = "(SELECT * FROM read_parquet($files))"
    query = _CHANGED.format(now=_DAYS.format(rows=rows), held=_DAYS.format(rows=held))
    parameters = {"files": [str(file) for file in files.values()]}
    return warehouse.execute(query, parameters).to_arrow_table()


def _write_month(
    paths: DataPaths, warehouse: duckdb.DuckDBPyConnection, month: date, *, rows: str
) -> bool:
    """Replaces a month's file, or removes it when nothing is left; whether rows are left."""
    target = month_file(paths.cds(CDS_READINGS.name), month)
    found = warehouse.execute(
        f"SELECT {_COLUMNS} FROM {rows} WHERE usage_month = $month "
        "ORDER BY local_date, site_id, meter_id, interval_start_utc",
        {"month": month},
    ).to_arrow_reader(_BATCH_ROWS)
    schema = arrow_schema(CDS_READINGS)
    first = next((batch for batch in found if batch.num_rows), None)
    if first is None:
        target.unlink(missing_ok=True)
        if target.parent.exists():
            target.parent.rmdir()
            sync_folder(target.parent.parent)
        return False
    batches = (batch.cast(schema) for group in ((first,), found) for batch in group)
    write_parquet(target, batches, schema=schema)
    return True
