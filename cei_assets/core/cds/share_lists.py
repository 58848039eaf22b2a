"""The lists of shares of dialects A and B: one list of kinds and shares per slot."""

from dataclasses import dataclass, field

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsSupplyType, CdsValueType
from cei_assets.core.cds.decimals import is_number
from cei_assets.core.cds.document import NotANumber
from cei_assets.core.cds.expand import Block
from cei_assets.core.cds.finding import Findings, escaped, shown
from cei_assets.core.cds.members import is_text, word
from cei_assets.core.intake.batch_body import Number, type_name


def number_text(cell: object, name: str, pointer: str, *, findings: Findings) -> str | None:
    """Text of a member that is to be a number; of anything else none, which is told."""
    is_plain = isinstance(cell, Number) and not isinstance(cell, NotANumber)
    if is_plain or (is_text(cell) and is_number(cell)):
        return str(cell)
    findings.tell(
        CdsCode.VALUE_TYPE, f"{pointer}/{name}", f"{name} is {type_name(cell)}; left out", cell
    )
    return None


@dataclass(kw_only=True)
class Shares:
    """Shares of the lists of one format, one element per share; a missing list is one of null."""

    set_position: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    supply_type: list[str | None] = field(default_factory=list)
    supply_type_text: list[str | None] = field(default_factory=list)
    share_text: list[str | None] = field(default_factory=list)
    is_refused: list[bool] = field(default_factory=list)

    def add(
        self, set_position: int, part: int, kind: str | None, text: str | None, *, refused: bool
    ) -> None:
        """One share more; `refused` is one whose text is no number."""
        self.set_position.append(set_position)
        self.part.append(part)
        known = {known.value for known in CdsSupplyType}
        self.supply_type.append(kind if kind in known else None)
        self.supply_type_text.append(kind)
        self.share_text.append(text)
        self.is_refused.append(refused)


def only_usage(block: Block) -> int | None:
    """Position of the one electric usage of a segment, None where there are none or several."""
    usage = [
        known.position
        for known in block.segment.formats
        if known.value_type is CdsValueType.ELECTRIC_USAGE
    ]
    return usage[0] if len(usage) == 1 else None


def read_shares(block: Block, *, findings: Findings) -> Shares:
    """The shares of every slot; slots differ in length, so they are gone through one by one."""
    parts = Shares()
    for index, slot in enumerate(block.slots):
        pointer = block.pointer_to(index)
        if slot is None or slot == []:
            parts.add(index, 0, None, None, refused=False)
        elif isinstance(slot, list):
            for part, item in enumerate(slot):
                kind, text, refused = _read_part(item, f"{pointer}/{part}", findings=findings)
                parts.add(index, part, kind, text, refused=refused)
        else:
            findings.tell(
                CdsCode.BAD_VALUE, pointer, f"a supply mix is {type_name(slot)}, not a list", slot
            )
            parts.add(index, 0, None, shown(slot), refused=True)
    return parts


def _read_part(
    item: object, pointer: str, *, findings: Findings
) -> tuple[str | None, str | None, bool]:
    """Kind, text of the share, and whether the share was refused."""
    if not isinstance(item, dict):
        findings.tell(CdsCode.BAD_VALUE, pointer, f"a share is {type_name(item)}", item)
        return None, shown(item), True
    word(item, "type", CdsSupplyType, pointer=pointer, findings=findings)
    for name in item.keys() - {"type", "mix"}:
        findings.unknown_fields[f"share.{escaped(name)}"] += 1
    kind = item.get("type") if is_text(item.get("type")) else None
    share = item.get("mix")
    if share is None:
        return kind, None, False
    text = number_text(share, "mix", pointer, findings=findings)
    return kind, text if text is not None else shown(share), text is None
