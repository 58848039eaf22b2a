"""Checks on what intake wrote: no row lost, every column as declared."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cei_assets.checks.verdict import CheckVerdict, verdict_of
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.cds import CDS_INTERVALS, CDS_SEGMENTS
from cei_assets.contracts.tables.csi import CSI_FINDINGS, CSI_INTERVALS
from cei_assets.contracts.tables.intake import OUTCOMES, READINGS, REJECTS, TEMPERATURES
from cei_assets.contracts.vocabulary import CSI_SOURCES, UploadSource
from cei_assets.core.cds.row_counts import (
    COUNTED_OBJECT_TABLES,
    segments_without_slots,
    slots_kept,
)
from cei_assets.storage.paths import DataPaths

_ACCEPTED_TABLES = (READINGS, TEMPERATURES, CSI_INTERVALS)
_BATCH_ROWS = 250_000
_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_exact_duplicate")


def conservation(days: Sequence[date], *, paths: DataPaths) -> CheckVerdict:
    """Read = accepted + rejected + exact duplicates, and the stored rows are as many.

    A CSI report is refused as a whole: its findings are the reason of all its rows. What counts as
    a row of CDS customer data says `core/cds/row_counts`.
    Looks at every receipt of the days. Row counts come from the Parquet footers, so the cost does
    not depend on the number of rows; of customer data of which a value was refused one column is
    read.
    """
    offenders = []
    receipts = 0
    for path in _files(OUTCOMES, days, paths):
        for outcome in pq.read_table(path, partitioning=None).to_pylist():
            receipts += 1
            read, accepted, rejected, repeated = (outcome[name] for name in _COUNTS)
            stored = _accepted(path, outcome, paths)
            refused = _refused(path, outcome, paths)
            if read != accepted + rejected + repeated or (stored, refused) != (accepted, rejected):
                offenders.append(
                    f"{outcome['original_filename']} (receipt {outcome['receipt_id']}): read "
                    f"{read}, accepted {accepted} (stored {stored}), rejected {rejected} (stored "
                    f"{refused}), exact duplicates {repeated}"
                )
    return verdict_of(
        offenders,
        expected="read = accepted + rejected + exact duplicates, and as many rows stored",
        none_found=f"equal for all {receipts} receipts",
    )


def contract(table: Table, days: Sequence[date], *, paths: DataPaths) -> CheckVerdict:
    """Every column of the days' rows has the declared type, limits and values.

    Small files are judged together, since a judgement of one row takes as long as one of thousands;
    where something is wrong, file by file to name the one.
    """
    findings: list[str] = []
    rows = 0
    for batch in _batches(table, days, paths):
        data = [pq.read_table(path, partitioning=None) for path in batch]
        rows += sum(part.num_rows for part in data)
        same_columns = all(part.schema.equals(data[0].schema) for part in data)
        if same_columns and not validate_arrow(table, pa.concat_tables(data)):
            continue
        findings += [
            f"{path.name}: {finding}"
            for path, part in zip(batch, data, strict=True)
            for finding in validate_arrow(table, part)
        ]
    return verdict_of(
        findings,
        expected=f"the columns of {table.name} as declared in the contract",
        none_found=f"as declared in all {rows} rows",
    )


def _accepted(outcome_file: Path, outcome: dict[str, Any], paths: DataPaths) -> int:
    """Rows of a file that are stored as they came."""
    if outcome["upload_source"] != UploadSource.CDS.value:
        return sum(_rows(table, outcome_file, paths) for table in _ACCEPTED_TABLES)
    stored = sum(_rows(table, outcome_file, paths) for table in COUNTED_OBJECT_TABLES)
    if outcome["rows_rejected"]:
        stored += slots_kept(_column(CDS_INTERVALS, "value_status", outcome_file, paths))
    else:
        stored += _rows(CDS_INTERVALS, outcome_file, paths)
    slots = _column(CDS_SEGMENTS, "slot_count", outcome_file, paths)
    return stored + segments_without_slots(slots)


def _refused(outcome_file: Path, outcome: dict[str, Any], paths: DataPaths) -> int:
    """Rows of a file that are stored with a reason."""
    if outcome["upload_source"] not in {source.value for source in CSI_SOURCES}:
        return _rows(REJECTS, outcome_file, paths)
    has_reason = _rows(CSI_FINDINGS, outcome_file, paths) > 0
    return int(outcome["rows_rejected"]) if has_reason else 0


def _batches(table: Table, days: Sequence[date], paths: DataPaths) -> Iterator[list[Path]]:
    """Files of the days in groups of at most `_BATCH_ROWS` rows, or one file that has more."""
    batch: list[Path] = []
    held = 0
    for path in _files(table, days, paths):
        count = pq.read_metadata(path).num_rows
        if batch and held + count > _BATCH_ROWS:
            yield batch
            batch, held = [], 0
        batch.append(path)
        held += count
    if batch:
        yield batch


def _files(table: Table, days: Sequence[date], paths: DataPaths) -> Iterator[Path]:
    for day in days:
        yield from sorted(paths.raw_partition(table.name, day).glob("*.parquet"))


def _column(table: Table, name: str, outcome: Path, paths: DataPaths) -> pa.Table:
    """A column of the file that belongs to an outcome's file; empty when there is none."""
    path = paths.raw(table.name) / outcome.parent.name / outcome.name
    if path.exists():
        return pq.read_table(path, columns=[name], partitioning=None)
    return arrow_schema(table).empty_table().select([name])


def _rows(table: Table, outcome: Path, paths: DataPaths) -> int:
    """Rows of the file that belongs to an outcome's file; 0 when there is none."""
    path = paths.raw(table.name) / outcome.parent.name / outcome.name
    rows: int = pq.read_metadata(path).num_rows if path.exists() else 0
    return rows
