"""Slots of one format down the value sets of a segment, as texts of numbers."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsValueType
from cei_assets.core.cds.decimals import is_number
from cei_assets.core.cds.document import NotANumber
from cei_assets.core.cds.finding import Findings, escaped, shown
from cei_assets.core.cds.formats import ValueFormat
from cei_assets.core.cds.members import is_text
from cei_assets.core.intake.batch_body import Number, type_name

PointerOf = Callable[[int], str]

_NONE = type(None)
_MORE_MEMBERS: dict[CdsValueType, frozenset[str]] = {
    CdsValueType.ELECTRIC_SUPPLY_MIX: frozenset({"ci", "eacs", "kwh", "tco2e"}),
    CdsValueType.EACS_APPLIED: frozenset({"eac", "nums"}),
}


@dataclass(kw_only=True)
class Cells:
    """`texts` has one number as text per set, None where there is none.

    `invalid` are the sets whose value was refused; their text is what stood there.
    """

    texts: list[str | None]
    invalid: list[int] = field(default_factory=list)


def read_cells(
    slots: Sequence[Any], value_format: ValueFormat, *, pointer_of: PointerOf, findings: Findings
) -> Cells:
    """The numbers of one format; `slots` has one element per set, `pointer_of` leads to it.

    A null slot, an absent member and a null member are missing. What is no number is refused.
    """
    key = value_format.value_key
    try:
        cells = [None if slot is None else slot[key] for slot in slots]
        names = set(chain.from_iterable(filter(None, slots)))
    except (KeyError, TypeError):
        return _one_by_one(slots, value_format, pointer_of, findings)
    if value_format.value_type is CdsValueType.METER_READINGS:
        return _one_by_one(slots, value_format, pointer_of, findings)
    if names <= _known(value_format) and {Number, _NONE}.issuperset(map(type, cells)):
        return Cells(texts=cells)
    return _one_by_one(slots, value_format, pointer_of, findings)


def _known(value_format: ValueFormat) -> frozenset[str]:
    more = _MORE_MEMBERS.get(value_format.value_type) if value_format.value_type else None
    return (more or frozenset()) | {value_format.value_key}


def _one_by_one(
    slots: Sequence[Any], value_format: ValueFormat, pointer_of: PointerOf, findings: Findings
) -> Cells:
    """Where a format is not plain throughout: measured nine times as slow as the short way."""
    reader = _SlotReader(value_format=value_format, findings=findings)
    cells = Cells(texts=[])
    for index, slot in enumerate(slots):
        text, is_valid = reader.read(slot, partial(pointer_of, index))
        cells.texts.append(text)
        if not is_valid:
            cells.invalid.append(index)
    for name in reader.names.keys() - _known(value_format):
        findings.unknown_fields[f"value.{escaped(name)}"] += reader.names[name]
    return cells


@dataclass(kw_only=True)
class _SlotReader:
    value_format: ValueFormat
    findings: Findings
    names: Counter[str] = field(default_factory=Counter)

    def read(self, slot: object, pointer: Callable[[], str]) -> tuple[str | None, bool]:
        """Text of the number in a slot, and whether it is not refused."""
        slot = only_member(slot, self.value_format)
        if slot is None:
            return None, True
        if not isinstance(slot, dict):
            return self._refuse(slot, pointer(), f"a value is {type_name(slot)}, not an object")
        self.names.update(slot.keys())
        key = self.value_format.value_key
        if key not in slot:
            self.findings.tell(
                CdsCode.MISSING_KEY, pointer(), f"a value object without {key}; taken as missing"
            )
            return None, True
        return self._number(slot[key], lambda: f"{pointer()}/{key}")

    def _number(self, cell: object, pointer: Callable[[], str]) -> tuple[str | None, bool]:
        if cell is None:
            return None, True
        if isinstance(cell, NotANumber):
            return self._refuse(cell, pointer(), f"{cell} is no number of JSON; send null")
        reads_text = self.value_format.value_type is CdsValueType.METER_READINGS
        if isinstance(cell, Number):
            if reads_text:
                self.findings.tell(
                    CdsCode.VALUE_TYPE, pointer(), "a register reading that is no text; read", cell
                )
            return str(cell), True
        if is_text(cell) and is_number(cell):
            if not reads_text:
                self.findings.tell(
                    CdsCode.VALUE_TYPE, pointer(), "a number written as text; read", cell
                )
            return cell, True
        return self._refuse(cell, pointer(), f"{type_name(cell)} that is no number; send a decimal")

    def _refuse(self, cell: object, pointer: str, detail: str) -> tuple[str | None, bool]:
        self.findings.tell(CdsCode.BAD_VALUE, pointer, detail, cell)
        return shown(cell), False


def only_member(slot: object, value_format: ValueFormat) -> object:
    """Certificates applied may stand in a list; one alone in it is meant itself."""
    listable = value_format.value_type is CdsValueType.EACS_APPLIED
    return slot[0] if isinstance(slot, list) and listable and len(slot) == 1 else slot
