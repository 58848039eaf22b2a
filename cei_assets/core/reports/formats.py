"""Values as people read them: units, sensible rounding, thousands apart, missing said as such.

Numbers have a decimal point and a narrow no-break space between thousands.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

THIN_SPACE = "\u202f"
EN_DASH = "\u2013"
MINUS = "\u2212"
Number = int | float | Decimal


def is_missing(value: object) -> bool:
    """Whether there is no value: None or a float that is not a number."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: Number, *, decimals: int = 0) -> str:
    """A number with `decimals` places; a value that rounds to zero has no sign."""
    text = f"{value:,.{decimals}f}".replace(",", THIN_SPACE)
    if text.startswith("-"):
        text = text[1:] if float(value) > -0.5 * 10**-decimals else MINUS + text[1:]
    return text


def energy(value: Number) -> str:
    """Energy in kWh: whole above 100, one place above 10, two below."""
    return number(value, decimals=_energy_decimals(value))


def share(value: Number) -> str:
    """A share as a percentage with one place; 99.96 % is not rounded up to 100 %."""
    percent = 100 * float(value)
    if 99.95 <= percent < 100:
        return f"{math.floor(percent * 100) / 100:.2f}{THIN_SPACE}%"
    return f"{number(percent, decimals=1)}{THIN_SPACE}%"


def money(value: Number) -> str:
    """Money without its currency: whole above 1,000, with cents below."""
    return number(value, decimals=0 if abs(float(value)) >= 1000 else 2)


def clock(value: datetime) -> str:
    """A moment to the minute: 2026-03-29 03:00."""
    return value.strftime("%Y-%m-%d %H:%M")


def moment(value: datetime) -> str:
    """A moment to the second: 2013-11-01 23:59:59."""
    return value.strftime("%Y-%m-%d %H:%M:%S")


def cents(value: Number) -> str:
    """Money to the cent, whatever its size, without its currency."""
    return number(value, decimals=2)


def quantity(value: Number) -> str:
    """A displaced quantity with the four decimals it is paid by."""
    return number(value, decimals=4)


def exact(value: Number) -> str:
    """A decimal with every digit that says something: 0.82 and not 0.820000."""
    if isinstance(value, Decimal):
        value = value.normalize()
        return number(value, decimals=max(-int(value.as_tuple().exponent), 0))
    return str(value)


def day(value: date) -> str:
    """A day: 2026-03-29."""
    return value.strftime("%Y-%m-%d")


def month(value: date) -> str:
    """A month: 2026-03."""
    return value.strftime("%Y-%m")


def yes_no(value: object) -> str:
    """A truth as a word."""
    return "yes" if value else "no"


def words(value: object) -> str:
    """An identifier of ours as words: `night_load` reads night load."""
    return str(value).replace("_", " ")


def text_range(low: str, high: str) -> str:
    """Two ends as one text; one value when both read the same."""
    return low if low == high else f"{low}{EN_DASH}{high}"


def share_range(low: Number, high: Number) -> str:
    """Two shares as percentages with one unit: 3.1-5.6 %."""
    unit = f"{THIN_SPACE}%"
    return text_range(share(low).removesuffix(unit), share(high).removesuffix(unit)) + unit


def _energy_decimals(value: Number) -> int:
    size = abs(float(value))
    if size >= 100 or size == 0:
        return 0
    return 1 if size >= 10 else 2


FORMATS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "words": words,
    "count": lambda value: number(value),
    "hours": lambda value: number(value, decimals=0 if float(value).is_integer() else 1),
    "energy": energy,
    "ratio": lambda value: number(value, decimals=2),
    "decimal": lambda value: number(value, decimals=1),
    "share": share,
    "money": money,
    "cents": cents,
    "quantity": quantity,
    "exact": exact,
    "clock": clock,
    "moment": moment,
    "day": day,
    "month": month,
    "yes_no": yes_no,
}


def formatted(kind: str, values: Sequence[object]) -> str:
    """One value, or the two ends of an interval, in the given kind; all must be there.

    Raises KeyError for an unknown kind.
    """
    if kind == "share" and len(values) == 2:
        return share_range(*values)  # type: ignore[arg-type]  # a share column holds numbers
    return (
        text_range(*(FORMATS[kind](v) for v in values))
        if len(values) == 2
        else FORMATS[kind](values[0])
    )
