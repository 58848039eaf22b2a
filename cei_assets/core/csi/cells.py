"""Rules R08 and R09: numbers of columns D to H, read exactly; an empty cell is no value."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TypeVar

import pyarrow as pa

from cei_assets.contracts.csi_fields import METERED
from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.contracts.render.arrow import arrow_type
from cei_assets.core.csi.records import Sheet
from cei_assets.core.csi.wording import FindingCollector, quoted

INTEGER_COLUMNS = (3, 4)
DECIMAL_COLUMNS = (5, 6, 7)
METERED_TYPE = arrow_type(METERED)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?")
_SMALLEST_BIGINT, _LARGEST_BIGINT = -(2**63), 2**63 - 1
_BIGINT_DIGITS = 19
_INTEGER_PLACES = METERED_TYPE.precision - METERED_TYPE.scale
_DECIMAL_PLACES = METERED_TYPE.scale
_LAST_PLACE = Decimal(1).scaleb(-_DECIMAL_PLACES)
# Wide enough for every cell: one that has more digits than this is cut at no place that counts.
_WIDE = Context(prec=METERED_TYPE.precision + 1)
_LONGEST_EXPONENT = 5
_FIX_INTEGER = "Write whole BTU without decimals, separators or exponent, or leave the cell empty."
_FIX_NUMBER = "Write digits with at most one decimal point and no unit, or leave the cell empty."
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Columns by position: BTU of D and E as BIGINT, fuels of F to H as DECIMAL(28,12).

    Null where a cell is empty; zero is zero.
    """

    integers: Mapping[int, pa.Array]
    decimals: Mapping[int, pa.Array]


def judge_numbers(sheet: Sheet, *, found: FindingCollector) -> Numbers:
    """The numbers of the sheet; a cell that breaks R08 or R09 is null among them."""
    return Numbers(
        integers={position: _integers(sheet, position, found) for position in INTEGER_COLUMNS},
        decimals={position: _decimals(sheet, position, found) for position in DECIMAL_COLUMNS},
    )


def number_of(cell: str) -> Decimal | None:
    """A cell as a number, exactly; None when it is none or larger than anything.

    Exponents of more than five digits are as good as infinite: the number is 0 or too large.
    """
    matched = _NUMBER.fullmatch(cell)
    if matched is None:
        return None
    exponent = (matched["exponent"] or "").lstrip("+-").lstrip("0")
    if len(exponent) > _LONGEST_EXPONENT:
        is_nothing = matched["exponent"].startswith("-")
        return (
            Decimal(0) if is_nothing or not Decimal(cell[: matched.start("exponent") - 1]) else None
        )
    return Decimal(cell)


def _integers(sheet: Sheet, position: int, found: FindingCollector) -> pa.Array:
    cells = sheet.columns[position]
    if not any(cells):
        return pa.nulls(len(cells), pa.int64())
    written = "".join(cells)
    # Whole columns first. Arrow's cast would also take hexadecimals, so it gets digits alone.
    if written.isascii() and written.isdigit():
        try:
            return _texts(cells).cast(pa.int64())
        except pa.ArrowInvalid:
            pass
    return pa.array(_each(sheet, position, _read_integer, CsiRule.R08, found), pa.int64())


def _decimals(sheet: Sheet, position: int, found: FindingCollector) -> pa.Array:
    cells = sheet.columns[position]
    if not any(cells):
        return pa.nulls(len(cells), METERED_TYPE)
    written = "".join(cells)
    # Arrow's cast takes a subset of what the rule takes and reads it alike; exponents and long
    # texts are kept from it, since beyond a scale of 38 it reads past the end of a table.
    is_plain = written.isascii() and written.replace(".", "").isdigit()
    if is_plain and max(map(len, cells)) <= METERED_TYPE.precision:
        try:
            return _texts(cells).cast(METERED_TYPE)
        except pa.ArrowInvalid:
            pass
    return pa.array(_each(sheet, position, _read_decimal, CsiRule.R09, found), METERED_TYPE)


def _texts(cells: Sequence[str]) -> pa.Array:
    return pa.array([cell or None for cell in cells], pa.string())


def _each(
    sheet: Sheet,
    position: int,
    read: Callable[[str], _T | str],
    rule: CsiRule,
    found: FindingCollector,
) -> list[_T | None]:
    """Reads cell by cell: only columns with a sign, an exponent or something wrong come here."""
    values: list[_T | None] = []
    for line, cell in zip(sheet.lines, sheet.columns[position], strict=True):
        value = read(cell) if cell else None
        if isinstance(value, str):
            found.add(rule, value, line=line, column=position, value=cell)
            value = None
        values.append(value)
    return values


def _read_integer(cell: str) -> int | str:
    """The cell's integer, or what is wrong with it."""
    if not _INTEGER.fullmatch(cell):
        return f"value {quoted(cell)} is not an integer. {_FIX_INTEGER}"
    if len(cell.lstrip("+-").lstrip("0")) <= _BIGINT_DIGITS:
        value = int(cell)
        if _SMALLEST_BIGINT <= value <= _LARGEST_BIGINT:
            return value
    return (
        f"value {quoted(cell)} is beyond what a 64-bit integer holds ({_LARGEST_BIGINT}). "
        "Correct it, or leave the cell empty."
    )


def _read_decimal(cell: str) -> Decimal | str:
    """The cell's number to 12 places, halves to even, or what is wrong with it."""
    if not _NUMBER.fullmatch(cell):
        return f"value {quoted(cell)} is not a number. {_FIX_NUMBER}"
    value = number_of(cell)
    kept = None if value is None else _kept(value)
    if kept is not None:
        return kept
    return (
        f"value {quoted(cell)} is too large to be kept: at most {_INTEGER_PLACES} digits before "
        "the decimal point are. Correct it, or leave the cell empty."
    )


def _kept(value: Decimal) -> Decimal | None:
    """The number to the places of the column; None when its type cannot hold it.

    Programs write binary fractions such as 0.30000000000000004; what is dropped is below 1e-12.
    """
    if value and value.adjusted() >= _INTEGER_PLACES:
        return None
    rounded = (value or Decimal(0)).quantize(_LAST_PLACE, rounding=ROUND_HALF_EVEN, context=_WIDE)
    return rounded if rounded.adjusted() < _INTEGER_PLACES else None
