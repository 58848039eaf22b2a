"""The fields that an uploader fills in, as they come beside the file."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

FIRST_YEAR = 2013
_BYTE_ORDER_MARK = "\ufeff"
_YEAR = re.compile(r"[0-9]{4}")
_MONTH = re.compile(r"0?[1-9]|1[0-2]")
# Python's reader also takes dates alone, weeks and compact forms: a time of submission names all.
_TIME = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the uploader said, as text; None where the form lacks the field.

    `problem` says why the form could not be read at all. `submitted_at_utc` (naive UTC) is when
    the complete file reached the receiver; `submitted_at_is_readable` is false where the form's
    text names no time, and the time of receipt stands in (rule U06 refuses such a form).
    """

    application_id: str | None = None
    year: str | None = None
    month: str | None = None
    file_type: str | None = None
    original_filename: str | None = None
    uploader_pdp: str | None = None
    submitted_at: str | None = None
    submitted_at_utc: datetime
    submitted_at_is_readable: bool = True
    problem: str | None = None

    @property
    def application_month(self) -> date | None:
        """First day of the chosen month; None when year and month name none (rule U05).

        Years run from 2013 to the year of submission.
        """
        if not self.year or not self.month:
            return None
        if not _YEAR.fullmatch(self.year) or not _MONTH.fullmatch(self.month):
            return None
        if not FIRST_YEAR <= int(self.year) <= self.submitted_at_utc.year:
            return None
        return date(int(self.year), int(self.month), 1)


def read_form(text: str | None, *, received_at_utc: datetime, filename: str) -> Form:
    """Reads a `.form.json`; never raises.

    `received_at_utc` (naive, or with an offset) stands in where the form has no time of
    submission, `filename` where it has no original name. Numbers may be numbers or text.
    A time without offset is UTC.
    """
    received = _naive_utc(received_at_utc)
    fields = _fields(text)
    if isinstance(fields, str):
        return Form(original_filename=filename, submitted_at_utc=received, problem=fields)
    submitted_at = _text(fields.get("submitted_at"))
    submitted = None if submitted_at is None else _time(submitted_at)
    return Form(
        application_id=_text(fields.get("application_id")),
        year=_text(fields.get("year")),
        month=_text(fields.get("month")),
        file_type=_text(fields.get("file_type")),
        original_filename=_text(fields.get("original_filename")) or filename,
        uploader_pdp=_text(fields.get("uploader_pdp")),
        submitted_at=submitted_at,
        submitted_at_utc=submitted or received,
        submitted_at_is_readable=submitted_at is None or submitted is not None,
    )


def _fields(text: str | None) -> dict[str, Any] | str:
    """The form's object, or why there is none."""
    if text is None:
        return "there is no .form.json beside the file"
    try:
        fields = orjson.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        return f"the .form.json is not JSON: {error}"
    if not isinstance(fields, dict):
        return "the .form.json does not hold one JSON object"
    return fields


def _text(value: object) -> str | None:
    """A field as text; null and blank text say nothing, and no rule takes a list or an object."""
    match value:
        case None:
            return None
        case str():
            return value if value.strip() else None
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return "[...]" if isinstance(value, list) else "{...}"


def _time(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return _naive_utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _naive_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)
