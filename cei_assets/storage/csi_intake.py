"""CSI-Thermal uploads from receipt to raw Parquet: form and content judged, intervals kept."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import TEMPLATE_VERSION, CsiFileType, CsiResult
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_FINDINGS, CSI_INTERVALS, CSI_UPLOADS
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.csi.finding import CsiVerdict
from cei_assets.core.csi.form import Form, read_form
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.storage.archive import Receipt, receipts_of
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.build_state import add_pending
from cei_assets.storage.intake import (
    JudgedDate,
    Outcome,
    is_csi,
    judge_each,
    judgements,
    write_outcome,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import intake_error

# Raised when a rule changes its verdicts, so that a backfill judges uploads again.
VALIDATOR_VERSION = "1"


def csi_judgement_id(register: CsiRegister, options: CsiOptions) -> str:
    """Digest of what a verdict rests on besides file and form; histories are the ledger's."""
    facts = [
        VALIDATOR_VERSION,
        TEMPLATE_VERSION,
        repr(sorted(register.applications.items())),
        repr(sorted(register.pdp_active.items())),
        repr(options),
    ]
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]


def judge_csi_date(
    received_date: date,
    *,
    paths: DataPaths,
    register: CsiRegister,
    options: CsiOptions,
    force: bool = False,
) -> JudgedDate:
    """Judges the CSI uploads of a day that have no outcome, or one of another judgement."""
    judgement_id = csi_judgement_id(register, options)
    return judge_each(
        [receipt for receipt in receipts_of(paths, received_date) if is_csi(receipt)],
        judge=lambda receipt: judge_csi_receipt(
            receipt,
            paths=paths,
            register=register,
            options=options,
            judgement_id=judgement_id,
        ),
        known={} if force else judgements(paths, received_date),
        judgement_id=judgement_id,
    )


def judge_csi_receipt(
    receipt: Receipt,
    *,
    paths: DataPaths,
    register: CsiRegister,
    options: CsiOptions,
    judgement_id: str,
) -> Outcome:
    """Judges form and content of an upload and stores intervals, findings and verdict.

    Judging again replaces what the receipt had. Intervals and findings are written before the
    verdict that counts them, the outcome last: an interrupted receipt is judged again. Raises
    IntakeError when the archive cannot be read or there is no room.
    """
    try:
        form = read_form(
            receipt.sidecar,
            received_at_utc=receipt.landed_at_utc or receipt.received_at_utc,
            filename=receipt.original_filename,
        )
        verdict = judge_upload(
            _content(paths.archived(receipt.sha256), form, options),
            form=form,
            register=register,
            options=options,
            size_bytes=receipt.size_bytes,
        )
        _write_rows(receipt, verdict, paths)
        row = _upload_row(receipt, form, verdict, register, judgement_id)
        _write(paths, CSI_UPLOADS, receipt, [row])
        # A verdict of this source never changes readings, so it asks for no full refresh.
        add_pending(
            paths,
            receipt_id=receipt.receipt_id,
            received_date=receipt.received_date,
            is_rejudged=False,
        )
        outcome = _outcome(receipt, verdict, judgement_id)
        write_outcome(paths, receipt, outcome)
    except OSError as error:
        archived = paths.archived(receipt.sha256)
        raise intake_error(error, doing="judging an upload", path=archived) from error
    return outcome


def _content(path: Path, form: Form, options: CsiOptions) -> bytes:
    """The archived bytes as far as a rule looks at them."""
    if form.file_type == CsiFileType.METER_INTERVAL:
        return b""
    with path.open("rb") as file:
        return file.read(options.max_bytes + 1)


def _write_rows(receipt: Receipt, verdict: CsiVerdict, paths: DataPaths) -> None:
    place = {"receipt_id": receipt.receipt_id, "received_date": receipt.received_date}
    _write(
        paths,
        CSI_FINDINGS,
        receipt,
        [
            place
            | {
                "received_at_utc": receipt.received_at_utc,
                "finding_number": number,
                "csi_rule": finding.rule.value,
                "csi_severity": finding.severity.value,
                "line_number": finding.line,
                "column_letter": finding.column,
                "column_name": finding.column_name,
                "finding_value": finding.value,
                "message": finding.message,
                "rule_count": finding.count,
            }
            for number, finding in enumerate((*verdict.findings, *verdict.warnings), start=1)
        ],
    )
    path = _path(paths, CSI_INTERVALS, receipt)
    if verdict.intervals is None:
        path.unlink(missing_ok=True)
        return
    rows = verdict.intervals
    for name, value in place.items():
        field = arrow_schema(CSI_INTERVALS).field(name)
        rows = rows.append_column(field, pa.repeat(pa.scalar(value, field.type), rows.num_rows))
    rows = rows.select(CSI_INTERVALS.column_names)
    write_parquet(path, rows.to_batches(), schema=rows.schema)


def _upload_row(
    receipt: Receipt,
    form: Form,
    verdict: CsiVerdict,
    register: CsiRegister,
    judgement_id: str,
) -> dict[str, object]:
    month = form.application_month
    application = register.application(form.application_id or "", month) if month else None
    sums = verdict.sums
    return {
        "receipt_id": receipt.receipt_id,
        "upload_source": receipt.upload_source,
        "original_filename": receipt.original_filename,
        "sha256": receipt.sha256,
        "size_bytes": receipt.size_bytes,
        "received_at_utc": receipt.received_at_utc,
        "received_date": receipt.received_date,
        "application_id": form.application_id,
        "application_month": month,
        "file_type": form.file_type if form.file_type in set(CsiFileType) else None,
        "uploader_pdp": form.uploader_pdp,
        "form_filename": form.original_filename,
        "submitted_at_utc": form.submitted_at_utc,
        "due_at_utc": verdict.due_at_utc,
        "csi_is_late": verdict.is_late if verdict.due_at_utc else None,
        "content_result": verdict.result.value,
        "data_rows": verdict.data_rows,
        "empty_intervals": verdict.empty_intervals,
        "zero_intervals": verdict.zero_intervals,
        "solar_btu_sum": sums.solar_btu,
        "total_btu_sum": sums.total_btu,
        "backup_gas_therms_sum": sums.backup_gas_therms,
        "backup_electric_kwh_sum": sums.backup_electric_kwh,
        "backup_propane_therms_sum": sums.backup_propane_therms,
        "finding_count": len(verdict.findings),
        "warning_count": len(verdict.warnings),
        "tank_configuration": application.tank_configuration if application else None,
        "backup_type": application.backup_type.value if application else None,
        "validator_version": VALIDATOR_VERSION,
        "template_version": TEMPLATE_VERSION,
        "judgement_id": judgement_id,
    }


def _outcome(receipt: Receipt, verdict: CsiVerdict, judgement_id: str) -> Outcome:
    """The upload in the terms of all sources: a report is accepted or refused as a whole."""
    is_accepted = verdict.result is CsiResult.SUCCESS
    stored = verdict.intervals.num_rows if verdict.intervals is not None else 0
    rows = stored if is_accepted else max(verdict.data_rows, 1)
    first = verdict.findings[0].message if verdict.findings else None
    more = len(verdict.findings) - 1
    return Outcome(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        original_filename=receipt.original_filename,
        sha256=receipt.sha256,
        size_bytes=receipt.size_bytes,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        status=(UploadStatus.ACCEPTED if is_accepted else UploadStatus.REJECTED).value,
        detail=f"{first} (and {more} more)" if more > 0 else first,
        warnings=", ".join(dict.fromkeys(note.rule.value for note in verdict.warnings)) or None,
        encoding=None,
        delimiter=None,
        rows_read=rows,
        rows_accepted=rows if is_accepted else 0,
        rows_rejected=0 if is_accepted else rows,
        rows_exact_duplicate=0,
        judgement_id=judgement_id,
    )


def _write(
    paths: DataPaths, table: Table, receipt: Receipt, rows: Sequence[dict[str, object]]
) -> None:
    """Stores rows; what an earlier judgement left is replaced, or removed when there are none."""
    path = _path(paths, table, receipt)
    if not rows:
        path.unlink(missing_ok=True)
        return
    data = pa.Table.from_pylist(list(rows), schema=arrow_schema(table))
    write_parquet(path, data.to_batches(), schema=data.schema)


def _path(paths: DataPaths, table: Table, receipt: Receipt) -> Path:
    return paths.raw_partition(table.name, receipt.received_date) / f"{receipt.receipt_id}.parquet"
