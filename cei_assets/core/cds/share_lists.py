"""The lists of shares of dialects A and B: one list of kinds and shares per slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsSupplyType, CdsValueType
from cei_assets.core.cds.decimals import is_number, is_storable
from cei_assets.core.cds.document import NotANumber
from cei_assets.core.cds.expand import Block
from cei_assets.core.cds.finding import Findings, escaped, shown
from cei_assets.core.cds.formats import ValueFormat
from cei_assets.core.cds.members import is_text, word
from cei_assets.core.intake.batch_body import Number, clean, type_name

_SHARES = {"type": "type", "mix": "mix", "kwh": "kwh", "tco2e": "tco2e"}
_AMOUNTS = {"type": "t", "mix": "mix", "kwh": "v", "tco2e": "tco2e"}
"""Members of an item: of `supply_mix`, which has ratios, and of `kwh_sources`, which has kWh."""


def as_number(cell: object) -> str | None:
    """The digits of a number, also of one that is written as text; None for anything else."""
    is_plain = isinstance(cell, Number) and not isinstance(cell, NotANumber)
    return str(cell) if is_plain or (is_text(cell) and is_number(cell)) else None


@dataclass(kw_only=True)
class Shares:
    """Shares of many lists, one element per share; a list that is not there is one of null.

    `block` counts the blocks that were read. `is_refused` marks shares whose text is no number.
    """

    block: list[int] = field(default_factory=list)
    set_position: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    supply_type: list[str | None] = field(default_factory=list)
    supply_type_text: list[str | None] = field(default_factory=list)
    share_text: list[str | None] = field(default_factory=list)
    stated_kwh: list[str | None] = field(default_factory=list)
    stated_tco2e: list[str | None] = field(default_factory=list)
    is_refused: list[bool] = field(default_factory=list)

    def add(self, place: tuple[int, int, int], share: "_Share") -> None:
        """One share more, at a block, set and part."""
        self.block.append(place[0])
        self.set_position.append(place[1])
        self.part.append(place[2])
        self.supply_type.append(None if share.kind is None else share.kind.value)
        self.supply_type_text.append(share.kind_text)
        self.share_text.append(share.text)
        self.stated_kwh.append(share.kwh)
        self.stated_tco2e.append(share.tco2e)
        self.is_refused.append(share.is_refused)


@dataclass(frozen=True, kw_only=True)
class _Share:
    kind: CdsSupplyType | None = None
    kind_text: str | None = None
    text: str | None = None
    kwh: str | None = None
    tco2e: str | None = None
    is_refused: bool = False


def only_usage(block: Block) -> int | None:
    """Position of the one electric usage of a segment, None where there are none or several."""
    usage = [
        known.position
        for known in block.segment.formats
        if known.value_type is CdsValueType.ELECTRIC_USAGE
    ]
    return usage[0] if len(usage) == 1 else None


def read_shares(blocks: Sequence[Block], *, findings: Findings) -> Shares:
    """The shares of every slot; slots differ in length, so they are gone through one by one."""
    shares = Shares()
    for number, block in enumerate(blocks):
        for index, slot in enumerate(block.slots):
            found = _read_slot(slot, block.value_format, block.pointer_to(index), findings=findings)
            for part, share in enumerate(found):
                shares.add((number, index, part), share)
    return shares


def _read_slot(
    slot: object, value_format: ValueFormat, pointer: str, *, findings: Findings
) -> list[_Share]:
    if slot is None or slot == []:
        return [_Share()]
    if isinstance(slot, list):
        return [
            _read_share(item, value_format, f"{pointer}/{part}", findings=findings)
            for part, item in enumerate(slot)
        ]
    findings.tell(
        CdsCode.BAD_VALUE, pointer, f"a supply mix is {type_name(slot)}, not a list", slot
    )
    return [_Share(text=shown(slot), is_refused=True)]


def _read_share(
    item: object, value_format: ValueFormat, pointer: str, *, findings: Findings
) -> _Share:
    if not isinstance(item, dict):
        findings.tell(
            CdsCode.BAD_VALUE, pointer, f"a share is {type_name(item)}, not an object", item
        )
        return _Share(text=shown(item), is_refused=True)
    names = _AMOUNTS if value_format.unit else _SHARES
    for name in item.keys() - {*names.values(), "cds_eac_id"}:
        findings.unknown_fields[f"share.{escaped(name)}"] += 1
    kind = word(item, names["type"], CdsSupplyType, pointer=pointer, findings=findings)
    kind_text = clean(item[names["type"]]) if is_text(item.get(names["type"])) else None
    mix = item.get(names["mix"])
    text = as_number(mix)
    is_refused = mix is not None and (text is None or not is_storable(text))
    if is_refused:
        findings.tell(
            CdsCode.BAD_VALUE, f"{pointer}/mix", f"a share is {type_name(mix)}, not a ratio", mix
        )
    return _Share(
        kind=kind,
        kind_text=kind_text,
        text=shown(mix) if text is None else text,
        kwh=stated_number(item, names["kwh"], pointer=pointer, findings=findings),
        tco2e=stated_number(item, names["tco2e"], pointer=pointer, findings=findings),
        is_refused=is_refused,
    )


def stated_number(
    members: Mapping[str, Any], name: str, *, pointer: str, findings: Findings
) -> str | None:
    """Digits of a number beside a share; what no DECIMAL(38,12) holds is told and left out."""
    value = members.get(name)
    if value is None:
        return None
    text = as_number(value)
    if text is not None and is_storable(text):
        return text
    findings.tell(
        CdsCode.VALUE_TYPE,
        f"{pointer}/{name}",
        f"{name} is {type_name(value)}, not a number of use; left out",
        value,
    )
    return None
