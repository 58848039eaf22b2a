"""From receipt to raw Parquet: judges archived bytes and writes verdict, rows and marker."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import (
    INTAKE_TABLES,
    OUTCOMES,
    READINGS,
    REJECTS,
    TEMPERATURES,
)
from cei_assets.contracts.vocabulary import CSI_SOURCES, UploadSource, UploadStatus
from cei_assets.core.intake.files import JUDGED_SOURCES, judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict
from cei_assets.storage.archive import Receipt, receipts_of, receipts_of_content
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.build_state import add_pending
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError, intake_error

_EMPTY_PARTITION = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The verdict on a file as stored; the columns of the contract table `outcomes`."""

    receipt_id: str
    upload_source: str
    original_filename: str
    sha256: str
    size_bytes: int
    received_at_utc: datetime
    received_date: date
    status: str
    detail: str | None
    warnings: str | None
    encoding: str | None
    delimiter: str | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_exact_duplicate: int
    judgement_id: str


@dataclass(frozen=True, kw_only=True)
class JudgedDate:
    """What judging a day came to: outcomes written, and receipts that could not be judged."""

    outcomes: tuple[Outcome, ...]
    errors: tuple[IntakeError, ...]


def judge_receipt(
    receipt: Receipt,
    *,
    paths: DataPaths,
    register: Mapping[str, pa.Table],
    limits: Limits,
    judgement_id: str,
    connection: duckdb.DuckDBPyConnection,
) -> Outcome:
    """Judges the archived bytes of a receipt and stores rows, rejects and outcome.

    The receipt is of a source in `JUDGED_SOURCES`. The bytes of an earlier receipt of the same
    source and sidecar are a `duplicate_file` without rows. Judging again replaces what the receipt
    had. Written last: the marker for the next build, then the outcome, so that an
    interrupted receipt has no outcome and is judged again. `connection` is in memory, zone UTC.
    Raises IntakeError when the archive cannot be read or there is no room.
    """
    try:
        verdict, status, detail = _verdict(receipt, paths, register, limits, connection)
        outcome = _outcome(receipt, verdict, status, detail, judgement_id)
        _write_rows(receipt, verdict, paths)
        previous = judgements(paths, receipt.received_date, receipt.receipt_id)
        add_pending(
            paths,
            receipt_id=receipt.receipt_id,
            received_date=receipt.received_date,
            is_rejudged=any(known != judgement_id for known in previous.values()),
        )
        write_outcome(paths, receipt, outcome)
    except OSError as error:
        archived = paths.archived(receipt.sha256)
        raise intake_error(error, doing="judging a receipt", path=archived) from error
    return outcome


def judge_date(
    received_date: date,
    *,
    paths: DataPaths,
    register: Mapping[str, pa.Table],
    limits: Limits,
    judgement_id: str,
    connection: duckdb.DuckDBPyConnection,
    force: bool = False,
) -> JudgedDate:
    """Judges the receipts of a day that have no outcome, or one of another judgement.

    Uploads of the CSI-Thermal programme are left to `storage/csi_intake`, files of customer data
    to `storage/cds_intake`. `force` judges all. A receipt that cannot be judged does not hold back
    the others.
    """

    def judge(receipt: Receipt) -> Outcome:
        return judge_receipt(
            receipt,
            paths=paths,
            register=register,
            limits=limits,
            judgement_id=judgement_id,
            connection=connection,
        )

    return judge_each(
        [
            receipt
            for receipt in receipts_of(paths, received_date)
            if UploadSource(receipt.upload_source) in JUDGED_SOURCES
        ],
        judge=judge,
        known={} if force else judgements(paths, received_date),
        judgement_id=judgement_id,
    )


def judge_each(
    receipts: Iterable[Receipt],
    *,
    judge: Callable[[Receipt], Outcome],
    known: Mapping[str, str],
    judgement_id: str,
) -> JudgedDate:
    """Judges the receipts that are not `known` under this judgement; one that cannot be waits."""
    outcomes, errors = [], []
    for receipt in receipts:
        if known.get(receipt.receipt_id) == judgement_id:
            continue
        try:
            outcomes.append(judge(receipt))
        except IntakeError as error:
            errors.append(error)
    return JudgedDate(outcomes=tuple(outcomes), errors=tuple(errors))


def is_csi(receipt: Receipt) -> bool:
    """Whether the receipt is an upload of the CSI-Thermal programme, which has its own rules."""
    return UploadSource(receipt.upload_source) in CSI_SOURCES


def is_cds(receipt: Receipt) -> bool:
    """Whether the receipt is a file of CDS customer data, which has its own rules."""
    return UploadSource(receipt.upload_source) is UploadSource.CDS


def ensure_empty_partitions(paths: DataPaths) -> None:
    """Writes a typed file without rows per intake table, so that readers always find one.

    One with other columns than the contract's, from before these changed, is replaced.
    """
    for table in INTAKE_TABLES:
        path = paths.raw_partition(table.name, _EMPTY_PARTITION) / "empty.parquet"
        if not path.exists() or not pq.read_schema(path).equals(arrow_schema(table)):
            write_parquet(path, [], schema=arrow_schema(table))


def _verdict(
    receipt: Receipt,
    paths: DataPaths,
    register: Mapping[str, pa.Table],
    limits: Limits,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[Verdict, UploadStatus, str | None]:
    none = Verdict(rows_read=0, rows_exact_duplicate=0, rejects=arrow_schema(REJECTS).empty_table())
    first = first_of_same_content(receipt, paths)
    if first != receipt:
        detail = f"the same bytes as {first.original_filename!r}, receipt {first.receipt_id}"
        return none, UploadStatus.DUPLICATE_FILE, detail
    facts = ReceiptFacts(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
    )
    with paths.archived(receipt.sha256).open("rb") as stream:
        verdict = judge_file(
            stream=stream,
            sidecar=receipt.sidecar,
            connection=connection,
            register=register,
            receipt=facts,
            limits=limits,
        )
    return verdict, verdict.status, verdict.detail


def first_of_same_content(receipt: Receipt, paths: DataPaths) -> Receipt:
    """The earliest receipt of the same bytes, source and sidecar."""
    for other in receipts_of_content(paths, receipt.sha256):
        if (other.upload_source, other.sidecar) == (receipt.upload_source, receipt.sidecar):
            return other
    return receipt


def _outcome(
    receipt: Receipt,
    verdict: Verdict,
    status: UploadStatus,
    detail: str | None,
    judgement_id: str,
) -> Outcome:
    return Outcome(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        original_filename=receipt.original_filename,
        sha256=receipt.sha256,
        size_bytes=receipt.size_bytes,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        status=status.value,
        detail=detail,
        warnings="; ".join(verdict.facts.warnings) or None,
        encoding=verdict.facts.encoding,
        delimiter=verdict.facts.delimiter,
        rows_read=verdict.rows_read,
        rows_accepted=verdict.rows_accepted,
        rows_rejected=verdict.rows_rejected,
        rows_exact_duplicate=verdict.rows_exact_duplicate,
        judgement_id=judgement_id,
    )


def _write_rows(receipt: Receipt, verdict: Verdict, paths: DataPaths) -> None:
    """Rows of the receipt, table by table; what an earlier judgement left is replaced."""
    _write(paths, REJECTS, receipt, verdict.rejects)
    if verdict.readings is None:
        _path(paths, READINGS, receipt).unlink(missing_ok=True)
    else:
        write_parquet(
            _path(paths, READINGS, receipt),
            verdict.readings.batches(),
            schema=arrow_schema(READINGS),
        )
    if verdict.temperatures is None:
        _path(paths, TEMPERATURES, receipt).unlink(missing_ok=True)
    else:
        _write(paths, TEMPERATURES, receipt, verdict.temperatures)


def _write(paths: DataPaths, table: Table, receipt: Receipt, rows: pa.Table) -> None:
    write_parquet(_path(paths, table, receipt), rows.to_batches(), schema=rows.schema)


def _path(paths: DataPaths, table: Table, receipt: Receipt) -> Path:
    return paths.raw_partition(table.name, receipt.received_date) / f"{receipt.receipt_id}.parquet"


def write_outcome(paths: DataPaths, receipt: Receipt, outcome: Outcome) -> None:
    """Stores the verdict on a receipt, the last that is written of it."""
    row = {name: [value] for name, value in vars(outcome).items()}
    _write(paths, OUTCOMES, receipt, pa.table(row, schema=arrow_schema(OUTCOMES)))


def judgements(paths: DataPaths, received_date: date, receipt_id: str = "*") -> dict[str, str]:
    """Under which judgement the outcomes of a day, or of one receipt, were written."""
    folder = paths.raw_partition(OUTCOMES.name, received_date)
    judgements: dict[str, str] = {}
    for path in folder.glob(f"{receipt_id}.parquet"):
        row = pq.read_table(path, columns=["receipt_id", "judgement_id"], partitioning=None)
        judgements.update(zip(*row.to_pydict().values(), strict=True))
    return judgements
