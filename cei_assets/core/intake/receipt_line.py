"""One line of a file of API batches: a request body, its receipt, and the verdict given on it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from cei_assets.contracts.fields import IDENTIFIER
from cei_assets.contracts.vocabulary import RecordCode
from cei_assets.core.intake.batch_body import (
    Body,
    NotABatchError,
    body_of,
    read_body,
    read_json,
    type_name,
    written,
)

_EXPECTED = '{"receipt": {...}, "body": {"records": [...]}}'
_FILE_CODES = (RecordCode.MALFORMED_ROW, RecordCode.MALFORMED_FILE)
_RECORD_CODES = frozenset(code.value for code in RecordCode if code not in _FILE_CODES)
_IDENTIFIER = re.compile(IDENTIFIER)


class Failed(msgspec.Struct, frozen=True):
    """A record that was refused on receipt."""

    index: int
    code: str
    detail: str


class GivenVerdict(msgspec.Struct, frozen=True):
    """What the sender was told of a batch; all records that it does not name were acknowledged."""

    skipped: tuple[int, ...] = ()
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """A line that is a batch; `received_at` is naive UTC, None where the receipt has no time."""

    body: Body
    organization_id: str | None = None
    received_at: datetime | None = None
    verdict: GivenVerdict = field(default_factory=GivenVerdict)


class MalformedLineError(ValueError):
    """A line that is no batch; `organization_id` is its sender where that can be read."""

    def __init__(self, detail: str, *, organization_id: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.organization_id = organization_id


class _Receipt(msgspec.Struct):
    organization_id: str | None = None
    received_at_utc: str | None = None


class _Line(msgspec.Struct):
    receipt: msgspec.Raw
    body: msgspec.Raw
    verdict: msgspec.Raw = msgspec.Raw(b"null")


_LINE = msgspec.json.Decoder(_Line)
_RECEIPT = msgspec.json.Decoder(_Receipt)
_VERDICT = msgspec.json.Decoder(GivenVerdict | None)


def read_line(line: bytes) -> ReceiptLine:
    """The batch of a line, its members taken apart before any is read.

    Raises MalformedLineError when the line is no batch, its receipt is wrong or its verdict does
    not fit the body.
    """
    try:
        parts = _LINE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_any(line)
    receipt = bytes(parts.receipt)
    organization_id, received_at = _read_receipt(receipt)
    try:
        body = read_body(bytes(parts.body))
    except NotABatchError as error:
        raise MalformedLineError(
            f"the body is {error.detail}", organization_id=organization_id
        ) from error
    return ReceiptLine(
        body=body,
        organization_id=organization_id,
        received_at=received_at,
        verdict=_read_verdict(bytes(parts.verdict), body, organization_id),
    )


def _read_any(line: bytes) -> ReceiptLine:
    """The batch of a line that msgspec does not take, or what is wrong with it."""
    try:
        parsed = read_json(line)
    except NotABatchError as error:
        raise MalformedLineError(f"the line is {error.detail}") from error
    if not isinstance(parsed, dict):
        raise MalformedLineError(f"the line is {type_name(parsed)}; expected {_EXPECTED}")
    if "receipt" not in parsed or "body" not in parsed:
        raise MalformedLineError(f"the line lacks receipt or body; expected {_EXPECTED}")
    organization_id, received_at = _read_receipt(written(parsed["receipt"]).encode())
    try:
        body = body_of(parsed["body"])
    except NotABatchError as error:
        raise MalformedLineError(
            f"the body is {error.detail}", organization_id=organization_id
        ) from error
    verdict = written(parsed.get("verdict")).encode()
    return ReceiptLine(
        body=body,
        organization_id=organization_id,
        received_at=received_at,
        verdict=_read_verdict(verdict, body, organization_id),
    )


def _read_receipt(text: bytes) -> tuple[str | None, datetime | None]:
    try:
        receipt = _RECEIPT.decode(text)
    except msgspec.DecodeError as error:
        raise MalformedLineError(f"the receipt is unreadable: {error}") from error
    organization_id = receipt.organization_id
    if organization_id is not None and not _IDENTIFIER.fullmatch(organization_id):
        raise MalformedLineError("receipt.organization_id is blank or has blanks around it")
    if receipt.received_at_utc is None:
        return organization_id, None
    try:
        instant = datetime.fromisoformat(receipt.received_at_utc)
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise MalformedLineError(
            "receipt.received_at_utc is not a time such as 2026-01-31T13:00:00Z",
            organization_id=organization_id,
        ) from error
    return organization_id, instant


def _read_verdict(text: bytes, body: Body, organization_id: str | None) -> GivenVerdict:
    """The verdict given on receipt; every index at most once and within the body."""
    try:
        verdict = _VERDICT.decode(text) or GivenVerdict()
    except msgspec.DecodeError as error:
        raise MalformedLineError(
            f"the verdict is unreadable: {error}", organization_id=organization_id
        ) from error
    found = _misfit(verdict, body)
    if found is not None:
        raise MalformedLineError(
            f"the verdict does not fit the body: {found}", organization_id=organization_id
        )
    return verdict


def _misfit(verdict: GivenVerdict, body: Body) -> str | None:
    indices = Counter(verdict.skipped)
    indices.update(failed.index for failed in verdict.failed)
    for index, times in indices.items():
        if not 0 <= index < body.records:
            return f"index {index} of {body.records} records"
        if times > 1:
            return f"index {index} stands {times} times"
    for failed in verdict.failed:
        if failed.code not in _RECORD_CODES:
            return f"unknown code {failed.code[:50]!r} at index {failed.index}"
    return None
