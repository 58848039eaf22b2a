"""The verdict on one upload: gates in order, a failed gate ends the way."""

from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import CsiFileType
from cei_assets.core.csi.accepted import accepted_rows, sums_of
from cei_assets.core.csi.cells import judge_numbers
from cei_assets.core.csi.content import judge_content
from cei_assets.core.csi.exclusive import judge_exclusive
from cei_assets.core.csi.finding import CsiSums, CsiVerdict
from cei_assets.core.csi.form import Form
from cei_assets.core.csi.form_gate import judge_form
from cei_assets.core.csi.header import judge_header
from cei_assets.core.csi.identity import judge_identity
from cei_assets.core.csi.months import due_at_utc, is_late
from cei_assets.core.csi.program import Application, CsiOptions, CsiRegister
from cei_assets.core.csi.records import Records, read_records, whole_rows
from cei_assets.core.csi.source_bytes import decoded, judge_bytes, judge_meter_bytes
from cei_assets.core.csi.times import judge_times
from cei_assets.core.csi.wording import FindingCollector

DEFAULT_OPTIONS = CsiOptions()


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What a file holds, as far as the gates let it be read."""

    data_rows: int = 0
    empty_intervals: int | None = None
    zero_intervals: int | None = None
    sums: CsiSums = field(default_factory=CsiSums)
    intervals: pa.Table | None = None


def judge_upload(
    content: bytes,
    *,
    form: Form,
    register: CsiRegister,
    options: CsiOptions = DEFAULT_OPTIONS,
    size_bytes: int | None = None,
) -> CsiVerdict:
    """The verdict on form and content of an upload; the history of its month is the ledger's.

    `size_bytes` is the file's size where `content` is only its beginning: more than the options'
    `max_bytes` need not be handed in. A meter interval report is never read. Gates: form, bytes,
    CSV, header, rows and cells together, and warnings where nothing rejects. Raises nothing on
    account of what an uploader sent.
    """
    found = FindingCollector()
    size = len(content) if size_bytes is None else size_bytes
    zone = options.deadline_zone
    judge_form(form, register=register, zone=zone, found=found)
    month = form.application_month
    read = _Read()
    if month is not None and not found.rejects():
        if form.file_type == CsiFileType.METER_INTERVAL:
            judge_meter_bytes(size_bytes=size, found=found)
        else:
            read = _judge_file(content, size, form, month, register, options, found)
    return CsiVerdict(
        findings=found.rejecting(),
        warnings=found.telling(),
        is_late=month is not None and is_late(form.submitted_at_utc, month=month, zone=zone),
        due_at_utc=None if month is None else due_at_utc(month, zone=zone),
        data_rows=read.data_rows,
        empty_intervals=read.empty_intervals,
        zero_intervals=read.zero_intervals,
        sums=read.sums,
        intervals=read.intervals,
    )


def _judge_file(
    content: bytes,
    size_bytes: int,
    form: Form,
    month: date,
    register: CsiRegister,
    options: CsiOptions,
    found: FindingCollector,
) -> _Read:
    judge_bytes(
        content,
        size_bytes=size_bytes,
        max_bytes=options.max_bytes,
        filename=form.original_filename or "",
        found=found,
    )
    if found.rejects():
        return _Read()
    records = read_records(decoded(content, found), options=options, found=found)
    if records is None:
        return _Read()
    read = _Read(data_rows=len(records.rows))
    if not found.rejects():
        judge_header(records, application_id_pattern=options.application_id_pattern, found=found)
    application = register.application(form.application_id or "", month)
    if found.rejects() or application is None:
        return read
    return _judge_rows(records, application, month, register, options, found, read)


def _judge_rows(
    records: Records,
    application: Application,
    month: date,
    register: CsiRegister,
    options: CsiOptions,
    found: FindingCollector,
    read: _Read,
) -> _Read:
    sheet = whole_rows(records, found=found)
    judge_identity(
        sheet,
        application_id=application.application_id,
        registered=register.applications.keys(),
        pattern=options.application_id_pattern,
        found=found,
    )
    numbers = judge_numbers(sheet, found=found)
    judge_times(sheet, month=month, zone=options.deadline_zone, found=found)
    judge_exclusive(sheet, application=application, zero_is_data=options.zero_is_data, found=found)
    if found.rejects():
        return read
    content = judge_content(sheet, numbers, application=application, month=month, found=found)
    return replace(
        read,
        empty_intervals=content.empty_intervals,
        zero_intervals=content.zero_intervals,
        sums=sums_of(numbers),
        intervals=accepted_rows(
            sheet, numbers, content, application_id=application.application_id, month=month
        ),
    )
