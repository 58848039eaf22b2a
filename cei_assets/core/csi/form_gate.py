"""Rules U01 to U06 and L01: what the uploader said, against the register and the calendar."""

from datetime import date, datetime

from cei_assets.contracts.csi_vocabulary import CsiFileType, CsiRule
from cei_assets.core.csi.form import FIRST_YEAR, Form
from cei_assets.core.csi.months import (
    due_at_utc,
    is_late,
    local_time,
    month_end_pst,
    month_end_utc,
)
from cei_assets.core.csi.program import CsiRegister
from cei_assets.core.csi.wording import FindingCollector, listed, quoted

_SECOND = "%Y-%m-%d %H:%M:%S"


def judge_form(form: Form, *, register: CsiRegister, zone: str, found: FindingCollector) -> None:
    """Adds what the form breaks; `zone` is where months end and deadlines fall."""
    is_uploader_known = _judge_uploader(form, register, found)
    is_application_known = _judge_application(form, register, found)
    _judge_file_type(form, found)
    month = _judge_month(form, found)
    if month is None:
        return
    if is_uploader_known and is_application_known:
        _judge_assignment(form, register, month, found)
    _judge_month_end(form, month, zone, found)
    _judge_deadline(form, month, zone, found)


def _judge_uploader(form: Form, register: CsiRegister, found: FindingCollector) -> bool:
    uploader = form.uploader_pdp
    if uploader is None:
        _lacks(CsiRule.U01, "uploader_pdp", form, found)
        return False
    if register.pdp_active.get(uploader):
        return True
    found.add(
        CsiRule.U01,
        f"account {quoted(uploader)} is not an approved PDP account"
        + (" any more" if uploader in register.pdp_active else "")
        + ". Upload with an active provider's account, or ask the administrator to approve it.",
        value=uploader,
    )
    return False


def _judge_application(form: Form, register: CsiRegister, found: FindingCollector) -> bool:
    application_id = form.application_id
    if application_id is None:
        _lacks(CsiRule.U03, "application_id", form, found)
        return False
    if application_id in register.applications:
        return True
    found.add(
        CsiRule.U03,
        f"application {quoted(application_id)} is not a CSI-Thermal PBI application. "
        "Choose the application that the file is about; letters are capitals.",
        value=application_id,
    )
    return False


def _judge_assignment(
    form: Form, register: CsiRegister, month: date, found: FindingCollector
) -> None:
    application = register.application(form.application_id or "", month)
    if application is None or application.pdp_id == form.uploader_pdp:
        return
    found.add(
        CsiRule.U02,
        f"application {application.application_id} is not assigned to PDP "
        f"{quoted(form.uploader_pdp or '')} in {month:%B %Y}. "
        "Upload with the account of the provider that reports for it in that month.",
        value=form.uploader_pdp,
    )


def _judge_file_type(form: Form, found: FindingCollector) -> None:
    if form.file_type is None:
        _lacks(CsiRule.U04, "file_type", form, found)
    elif form.file_type not in tuple(CsiFileType):
        found.add(
            CsiRule.U04,
            f"unknown file type {quoted(form.file_type)}. Choose {listed(CsiFileType)}.",
            value=form.file_type,
        )


def _judge_month(form: Form, found: FindingCollector) -> date | None:
    month = form.application_month
    if month is not None:
        return month
    if form.year is None or form.month is None:
        missing = [name for name in ("year", "month") if getattr(form, name) is None]
        _lacks(CsiRule.U05, " and no ".join(missing), form, found)
        return None
    value = f"{form.year}-{form.month}"
    found.add(
        CsiRule.U05,
        f"month {quoted(form.month)} of year {quoted(form.year)} is not valid. Choose a month "
        f"from 1 to 12 and a year from {FIRST_YEAR} to that of the submission, "
        f"{form.submitted_at_utc.year}, in digits alone.",
        value=value,
    )
    return None


def _judge_month_end(form: Form, month: date, zone: str, found: FindingCollector) -> None:
    if not form.submitted_at_is_readable:
        found.add(
            CsiRule.U06,
            f"submitted_at {quoted(form.submitted_at or '')} is not an ISO 8601 time of this "
            "century, so nothing shows that the month had ended. Write it as 2013-10-20T15:00:00Z.",
            value=form.submitted_at,
        )
    elif form.submitted_at_utc < month_end_utc(month, zone=zone):
        submitted = _shown(form.submitted_at_utc, zone)
        found.add(
            CsiRule.U06,
            f"{month:%B %Y} ends {month_end_pst(month):%Y-%m-%d %H:%M}; submitted {submitted} "
            f"({zone}). Upload a full calendar month after its end.",
            value=submitted,
        )


def _judge_deadline(form: Form, month: date, zone: str, found: FindingCollector) -> None:
    if not is_late(form.submitted_at_utc, month=month, zone=zone):
        return
    submitted = _shown(form.submitted_at_utc, zone)
    due = _shown(due_at_utc(month, zone=zone), zone)
    found.add(
        CsiRule.L01,
        f"due {due}, received {submitted} ({zone}). "
        "The month is marked late; the administrator decides whether it is paid.",
        value=submitted,
    )


def _lacks(rule: CsiRule, field: str, form: Form, found: FindingCollector) -> None:
    why = "the .form.json lacks it" if form.problem is None else form.problem
    found.add(rule, f"the form names no {field}: {why}. Fill in the form and upload again.")


def _shown(at_utc: datetime, zone: str) -> str:
    return local_time(at_utc, zone=zone).strftime(_SECOND)
