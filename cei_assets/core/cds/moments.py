"""Moments and durations as whole microseconds, exactly."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.intake.batch_body import Number, type_name

MICROSECONDS = 1_000_000
LATEST_US = 253_402_300_800_000_000
"""Start of the year 10000, after the last moment that a table can hold."""

_EARLIEST_US = -62_135_596_800_000_000
_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?"
    r"(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_EXPECTED = "expected a moment with offset such as 2026-01-31T00:00:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 40
_FEW_DIGITS = 6


def microseconds_of(moment: object, *, pointer: str) -> int:
    """Microseconds since 1970-01-01T00:00Z of an RFC 3339 or ISO 8601 moment.

    Takes the extended and the basic form, `24:00` as the end of a day, and fractions of any length
    as long as they are whole microseconds. Raises CdsReadError: another type, no such moment, no
    offset (an instant is then not known), finer than a microsecond, outside of years 1 to 9999.
    """
    if type(moment) is not str:
        raise CdsReadError(
            CdsCode.WRONG_TYPE, f"{type_name(moment)}; {_EXPECTED}", pointer=pointer, value=moment
        )
    try:
        return _microseconds(moment)
    except ValueError as error:
        raise CdsReadError(
            CdsCode.BAD_MOMENT, f"{error}; {_EXPECTED}", pointer=pointer, value=moment
        ) from error


def _microseconds(text: str) -> int:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a date and time of ISO 8601")
    year, month, day, hour, minute, second, fraction, zulu, sign, offset_h, offset_m = (
        found.groups()
    )
    if zulu is None and sign is None:
        raise ValueError("no offset from UTC")
    if int(offset_h or 0) > 23 or int(offset_m or 0) > 59:
        raise ValueError("no such offset")
    ends_day = hour == "24" and not int(minute or 0) and not int(second or 0)
    start = datetime(
        int(year), int(month), int(day), 0 if ends_day else int(hour), int(minute or 0),
        int(second or 0), tzinfo=UTC,
    )  # fmt: skip
    offset = 60 * (60 * int(offset_h or 0) + int(offset_m or 0)) * (-1 if sign == "-" else 1)
    seconds = (start - _EPOCH) // timedelta(seconds=1) + (86_400 if ends_day else 0) - offset
    moment = seconds * MICROSECONDS + _fraction(fraction)
    if not _EARLIEST_US <= moment < LATEST_US:
        raise ValueError("outside of the years 1 to 9999 in UTC")
    return moment


def _fraction(digits: str | None) -> int:
    if digits is None:
        return 0
    if digits[_FEW_DIGITS:].strip("0"):
        raise ValueError("finer than a microsecond")
    return int(digits[:_FEW_DIGITS].ljust(_FEW_DIGITS, "0"))


def duration_of(seconds: object, *, pointer: str) -> int:
    """Microseconds of a decimal number of seconds.

    Raises CdsReadError when it is no number, not above zero, or finer than a microsecond.
    """
    if not isinstance(seconds, Number):
        raise CdsReadError(
            CdsCode.WRONG_TYPE,
            f"interval is {type_name(seconds)}, not a number of seconds",
            pointer=pointer,
            value=seconds,
        )
    microseconds = _exact_product(seconds)
    if microseconds is None:
        raise CdsReadError(
            CdsCode.BAD_INTERVAL,
            "interval is not above zero, finer than a microsecond, or longer than 8,000 years",
            pointer=pointer,
            value=seconds,
        )
    return microseconds


def _exact_product(seconds: str) -> int | None:
    if len(seconds) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(seconds)
    except InvalidOperation:
        return None
    # The bounds come first: the digits of 1e999999999 would not fit into memory.
    if not number.is_finite() or not 0 < number < LATEST_US // MICROSECONDS:
        return None
    with localcontext(prec=2 * _LONGEST_NUMBER):
        microseconds = number.scaleb(6)
        whole = microseconds.to_integral_value()
    return int(whole) if whole == microseconds and whole > 0 else None
