"""Which formats of its segment a cost or a share is about: its `indexes`, made rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsValueType
from cei_assets.core.cds.expand import Block, Positions, Rows
from cei_assets.core.cds.finding import Findings

DESCRIBING = (CdsValueType.COST, CdsValueType.ELECTRIC_SUPPLY_MIX)


@dataclass(frozen=True, kw_only=True)
class Described:
    """Row by row: `own` rows and the `other` rows that they describe, -1 where none is named.

    `positions` are the format positions of `other` (-1), `counts` how many formats the own row
    describes in all.
    """

    own: Positions
    other: Positions
    positions: Positions
    counts: Positions


def first_rows(rows: Rows) -> dict[tuple[int, int], int]:
    """First row of every format, by segment index and format position."""
    return {
        (block.segment_index, block.value_format.position): first
        for first, block in zip(rows.first_row.tolist(), rows.blocks, strict=True)
    }


def describe(rows: Rows, value_type: CdsValueType, *, findings: Findings) -> Described:
    """The rows of all formats of a type, each repeated for every format that it describes.

    A row that describes nothing, or nothing that is there, comes once.
    """
    describing = [
        (first, block)
        for first, block in zip(rows.first_row.tolist(), rows.blocks, strict=True)
        if block.value_format.value_type is value_type
    ]
    firsts = first_rows(rows) if describing else {}
    parts = [
        _of_block(block, first, _positions(block, firsts, findings=findings), firsts)
        for first, block in describing
    ]
    return Described(
        own=_joined(part.own for part in parts),
        other=_joined(part.other for part in parts),
        positions=_joined(part.positions for part in parts),
        counts=_joined(part.counts for part in parts),
    )


def _of_block(
    block: Block, first: int, positions: list[int], firsts: Mapping[tuple[int, int], int]
) -> Described:
    sets = np.arange(len(block.slots), dtype=np.int64)
    named = positions or [-1]
    others = [firsts.get((block.segment_index, position), -1) for position in named]
    return Described(
        own=np.tile(first + sets, len(named)),
        other=_joined(sets + other if other >= 0 else np.full_like(sets, -1) for other in others),
        positions=np.repeat(np.array(named, dtype=np.int64), len(sets)),
        counts=np.full(len(sets) * len(named), len(positions), dtype=np.int64),
    )


def _positions(
    block: Block, firsts: Mapping[tuple[int, int], int], *, findings: Findings
) -> list[int]:
    """The named positions that are there and hold values; the others are told and left out."""
    formats = block.segment.formats
    usable = []
    for position in block.value_format.indexes:
        if (block.segment_index, position) not in firsts:
            problem = "of a type that is not read" if position < len(formats) else "not there"
        elif formats[position].value_type in DESCRIBING:
            problem = "itself a cost or a share"
        else:
            usable.append(position)
            continue
        findings.tell(
            CdsCode.BAD_INDEX,
            f"{block.segment.pointer}/formats/{block.value_format.position}/indexes",
            f"describes format {position} of {len(formats)}, which is {problem}; left out",
            str(position),
        )
    return usable


def _joined(parts: Iterable[Positions]) -> Positions:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])
