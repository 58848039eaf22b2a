"""The CSI-Thermal ledger on disk: adjudicated uploads, their findings, effective intervals.

Everything here follows from the intake's files and the register; a run that was killed is made
good by the next one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from cei_assets.contracts.csi_vocabulary import CsiResult, CsiRule
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import (
    CSI_FINDINGS,
    CSI_INTERVALS,
    CSI_LEDGER,
    CSI_LEDGER_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_UPLOADS,
)
from cei_assets.core.csi.ledger import Ledger, adjudicate
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.storage.atomic import sync_folder, write_parquet
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.receipt_files import read_receipts

_PART = "part.parquet"
_CONTENT = "content"
# 88 reports of a month are a row group of 260,000 rows: what is held in memory at once.
_REPORTS_AT_ONCE = 88


@dataclass(frozen=True, kw_only=True)
class LedgerRun:
    """What an ordered pass found; `is_changed` says whether it differs from what was stored."""

    uploads: int
    successes: int
    failures: int
    late: int
    refused: int
    replacements: int
    effective: int
    is_changed: bool

    def __str__(self) -> str:
        change = "" if self.is_changed else ", as before"
        return (
            f"{self.uploads} uploads: {self.successes} Success, {self.failures} Failure, "
            f"{self.late} late; {self.refused} refused after a Success, {self.replacements} "
            f"replacements; {self.effective} effective months{change}"
        )


def rebuild_ledger(
    paths: DataPaths, *, register: CsiRegister, zone: str = CsiOptions().deadline_zone
) -> LedgerRun:
    """Adjudicate everything that intake has judged; write `csi/findings` and `csi/ledger`.

    Files are replaced only when their rows change, findings first, so that a ledger never stands
    without the findings that explain it. `zone` is the legal time in which messages name days.
    Raises OSError, and ValueError when a receipt was judged into two files.
    """
    ledger = adjudicate(
        read_receipts(paths, CSI_UPLOADS),
        findings=read_receipts(paths, CSI_FINDINGS),
        register=register,
        zone=zone,
    )
    findings_changed = _replace(paths, CSI_LEDGER_FINDINGS, ledger.findings)
    uploads_changed = _replace(paths, CSI_LEDGER, ledger.uploads)
    return _summary(ledger, is_changed=findings_changed or uploads_changed)


def months_to_write(paths: DataPaths) -> list[date]:
    """Application months whose intervals are not those of the ledger's uploads, in order.

    A month's file names in its footer the uploads it holds and the judgement each is from; a month
    is to be written when that differs from the ledger, also when it has lost all its uploads.
    """
    wanted = {month: _content(held) for month, held in _ever_effective(paths).items()}
    stored = _stored_months(paths)
    return sorted(
        month for month in wanted.keys() | stored.keys() if wanted.get(month) != stored.get(month)
    )


def write_months(paths: DataPaths, months: Sequence[date]) -> dict[date, int]:
    """Write the intervals of every upload that is or was effective; rows by month.

    Rows are ordered by `application_id`, `interval_end_pst`, `receipt_id`; a month is replaced
    whole, and removed when no upload of it was ever effective. Memory holds 88 reports at once.
    Raises FileNotFoundError when the intervals of an upload are missing, OSError.
    """
    effective = _ever_effective(paths)
    return {month: _write_month(paths, month, effective.get(month)) for month in months}


def month_path(paths: DataPaths, month: date) -> Path:
    """The file of an application month's intervals."""
    folder = paths.csi(CSI_LEDGER_INTERVALS.name)
    return folder / f"application_month={month.isoformat()}" / _PART


def _replace(paths: DataPaths, table: Table, rows: pa.Table) -> bool:
    path = paths.csi(table.name) / _PART
    if path.exists() and _read(path, table).equals(rows):
        return False
    write_parquet(path, rows.combine_chunks().to_batches(), schema=rows.schema)
    return True


def _read(path: Path, table: Table) -> pa.Table:
    stored = pq.read_table(path, partitioning=None)
    schema = arrow_schema(table)
    # A file with other columns is of an earlier version: no rows of it equal any of ours.
    return stored.cast(schema) if stored.schema.names == schema.names else schema.empty_table()


def _summary(ledger: Ledger, *, is_changed: bool) -> LedgerRun:
    uploads, findings = ledger.uploads, ledger.findings

    def count(mask: pa.ChunkedArray) -> int:
        return int(pc.sum(mask).as_py() or 0)

    return LedgerRun(
        uploads=uploads.num_rows,
        successes=count(pc.equal(uploads["csi_result"], CsiResult.SUCCESS.value)),
        failures=count(pc.equal(uploads["csi_result"], CsiResult.FAILURE.value)),
        late=count(uploads["csi_is_late"]),
        refused=count(pc.equal(findings["csi_rule"], CsiRule.U07.value)),
        replacements=count(pc.equal(findings["csi_rule"], CsiRule.U08.value)),
        effective=count(uploads["is_effective"]),
        is_changed=is_changed,
    )


def _ever_effective(paths: DataPaths) -> dict[date, pa.Table]:
    """Uploads that are or were a Success in force, by month and in order of application.

    Columns `receipt_id`, `application_id`, `application_month`, `received_date`, `judgement_id`.
    """
    ledger = _read(paths.csi(CSI_LEDGER.name) / _PART, CSI_LEDGER)
    ever = ledger.filter(pc.is_valid(ledger["effective_from_utc"]))
    judged = read_receipts(paths, CSI_UPLOADS).select(
        ["receipt_id", "received_date", "judgement_id"]
    )
    held = (
        ever.select(["receipt_id", "application_id", "application_month"])
        .join(judged, keys="receipt_id", join_type="inner")
        .sort_by([("application_id", "ascending"), ("receipt_id", "ascending")])
    )
    return {
        month: held.filter(pc.equal(held["application_month"], month))
        for month in pc.unique(held["application_month"]).to_pylist()
    }


def _content(held: pa.Table) -> str:
    """Digest of which uploads a month holds, each with the judgement it is from."""
    pairs = zip(held["receipt_id"].to_pylist(), held["judgement_id"].to_pylist(), strict=True)
    columns = " ".join(CSI_LEDGER_INTERVALS.column_names)
    return hashlib.sha256(repr((columns, sorted(pairs))).encode()).hexdigest()


def _stored_months(paths: DataPaths) -> dict[date, str]:
    folder = paths.csi(CSI_LEDGER_INTERVALS.name)
    stored = {}
    for path in folder.glob(f"application_month=*/{_PART}"):
        footer = pq.read_metadata(path).metadata or {}
        month = date.fromisoformat(path.parent.name.partition("=")[2])
        stored[month] = footer.get(_CONTENT.encode(), b"").decode()
    return stored


def _write_month(paths: DataPaths, month: date, held: pa.Table | None) -> int:
    path = month_path(paths, month)
    if held is None:
        if path.exists():
            path.unlink()
            sync_folder(path.parent)
        return 0
    write_parquet(
        path,
        _intervals(paths, held),
        schema=arrow_schema(CSI_LEDGER_INTERVALS),
        metadata={_CONTENT: _content(held)},
    )
    rows: int = pq.read_metadata(path).num_rows
    return rows


def _intervals(paths: DataPaths, held: pa.Table) -> Iterator[pa.RecordBatch]:
    """Intervals of the uploads by application and time, a row group at a time."""
    schema = arrow_schema(CSI_LEDGER_INTERVALS)
    files = [
        paths.raw_partition(CSI_INTERVALS.name, received_date) / f"{receipt_id}.parquet"
        for received_date, receipt_id in zip(
            held["received_date"].to_pylist(), held["receipt_id"].to_pylist(), strict=True
        )
    ]
    missing = [file for file in files if not file.exists()]
    if missing:
        raise FileNotFoundError(
            f"the ledger counts on the intervals of {len(missing)} uploads that are not stored, "
            f"first {missing[0]}; judge the uploads of {missing[0].parent.name} again"
        )
    for start, stop in _groups(held["application_id"].to_pylist()):
        read = ds.dataset(
            [str(file) for file in files[start:stop]],
            schema=arrow_schema(CSI_INTERVALS),
            format="parquet",
        )
        rows = read.to_table(columns=schema.names).sort_by(
            [(name, "ascending") for name in ("application_id", "interval_end_pst", "receipt_id")]
        )
        yield from rows.cast(schema).combine_chunks().to_batches()


def _groups(application_ids: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Slices of about 88 reports that never part an application."""
    start = 0
    for stop in range(1, len(application_ids) + 1):
        is_last = stop == len(application_ids)
        if is_last or (
            stop - start >= _REPORTS_AT_ONCE and application_ids[stop] != application_ids[stop - 1]
        ):
            yield start, stop
            start = stop
