"""Numbers as they were written, as exact decimals, for many at once."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PLACES = 12
VALUE_TYPE = pa.decimal128(38, PLACES)
LONGEST_NUMBER = 200
"""Characters of a number; a longer one is taken for an attack, not a measurement."""

EXACT_DIGITS = 600
"""Digits that hold any number taken here exactly, and sums of billions of them."""

_PLAIN = r"^-?[0-9]{1,26}(\.[0-9]{1,12})?$"
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MOST_EXPONENT = 200
_TOO_BIG = Decimal(10) ** (38 - PLACES)
_STEP = Decimal(1).scaleb(-PLACES)


@dataclass(frozen=True, kw_only=True)
class Decimals:
    """`values` is DECIMAL(38,12), null where `texts` is null or out of range.

    `out_of_range` and `rounded` are sorted positions: of numbers that such a decimal cannot hold,
    and of numbers with more than 12 decimal places, whose text alone is exact.
    """

    values: pa.Array
    out_of_range: tuple[int, ...] = ()
    rounded: tuple[int, ...] = ()


def decimals(texts: pa.Array) -> Decimals:
    """The numbers of JSON texts (nulls stay null), half-even where more than 12 places are given.

    Plain numbers, which nearly all are, are cast by Arrow (measured in a quarter of the time of a
    Decimal each); exponents and long ones go one by one.
    """
    # A null counts as plain, and so does a number whose places fit.
    plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), fill_value=True)
    if pc.all(plain, min_count=0).as_py():
        return Decimals(values=texts.cast(VALUE_TYPE))
    odd: npt.NDArray[np.int64] = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    mended = {position: stored(texts[position].as_py()) for position in odd.tolist()}
    values = pc.replace_with_mask(
        pc.if_else(plain, texts, None).cast(VALUE_TYPE),
        pc.invert(plain),
        pa.array([value for value, _ in mended.values()], VALUE_TYPE),
    )
    return Decimals(
        values=values,
        out_of_range=tuple(place for place, (value, _) in mended.items() if value is None),
        rounded=tuple(place for place, (_, is_exact) in mended.items() if not is_exact),
    )


def is_number(text: str) -> bool:
    """Whether a text is a number as JSON writes it, or a register with leading zeros."""
    return len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def is_storable(text: str) -> bool:
    """Whether a number fits into a DECIMAL(38,12), rounded where it has more places."""
    return stored(text)[0] is not None


def exact(text: str) -> Decimal | None:
    """The number itself, all of its digits; None when its size or fineness is beyond all use."""
    if not is_number(text):
        return None
    number = Decimal(text)
    if not number:
        return Decimal(0)
    exponent = number.as_tuple().exponent
    is_usable = number.adjusted() < _MOST_EXPONENT and int(exponent) > -_MOST_EXPONENT
    return number if is_usable else None


def plain(number: Decimal) -> str:
    """Digits without exponent, without zeros at the end and without a negative zero."""
    digits = f"{number:f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def stored(text: str) -> tuple[Decimal | None, bool]:
    """The number with 12 places, and whether it is the number that was written."""
    number = exact(text)
    if number is None:
        return None, True
    with localcontext(prec=EXACT_DIGITS):
        stored = number.quantize(_STEP, rounding=ROUND_HALF_EVEN)
    if abs(stored) >= _TOO_BIG:
        return None, True
    return stored, stored == number
