"""What a member has to be, and values of more than one part."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from cei_assets.core.cds.moments import microseconds_of

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_MIDNIGHT = re.compile(r"[Tt ]00(:?00(:?00([.,]0+)?)?)?([Zz]|[+-]\d\d(:?\d\d)?)?", re.ASCII)


class Need(StrEnum):
    """What a member has to be: `stated` may be null, `required` may not."""

    OPTIONAL = "optional"
    STATED = "stated"
    REQUIRED = "required"


@dataclass(frozen=True, kw_only=True)
class Money:
    """A number with its text; both None where there is none."""

    value: Decimal | None = None
    text: str | None = None


def read_day(text: str, *, is_last: bool = False) -> date | None:
    """The date of a date or a moment, as written; None for what is neither.

    A moment at midnight that ends something (`is_last`) belongs to the day before.
    """
    found = _DAY.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    try:
        day = date(*map(int, found.groups()))
        if rest:
            microseconds_of(text, pointer="")
    except ValueError:
        return None
    ends_before = is_last and _MIDNIGHT.fullmatch(rest) is not None and day > date.min
    return day - timedelta(days=1) if ends_before else day
