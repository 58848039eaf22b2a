"""Whether net is forward plus reverse, where a segment has all three."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsValueType
from cei_assets.contracts.vocabulary import FlowDirection
from cei_assets.core.cds.expand import Block, Rows
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.formats import ValueFormat

TOLERANCE_KWH = Decimal("0.002")
"""Three values that were each rounded to a watt hour may be 1.5 Wh apart."""

_ORDER = (FlowDirection.NET, FlowDirection.FORWARD, FlowDirection.REVERSE)
_WIDE = pa.decimal256(38, 15)


def check_directions(rows: Rows, energy: pa.Array, *, findings: Findings) -> None:
    """Tell segments whose net is not forward plus reverse (which is negative, as from a customer).

    `energy` is the rows' energy in kWh. Compared are formats of one segment that differ in
    direction alone; several of one direction are not compared. Values are never turned over.
    """
    for net, forward, reverse in _triples(rows):
        count = len(rows.blocks[net].slots)
        values = [
            energy.slice(int(rows.first_row[block]), count).cast(_WIDE)
            for block in (net, forward, reverse)
        ]
        wrong = _off(values[0], pc.add(values[1], values[2]))
        if not wrong.any():
            continue
        block = rows.blocks[net]
        turned = not _off(values[0], pc.subtract(values[1], values[2])).any()
        hint = "; it is with the sign of reverse turned: the server sends it positive"
        findings.tell(
            CdsCode.NET_MISMATCH,
            block.pointer_to(int(np.argmax(wrong))),
            f"net is not forward plus reverse in {int(wrong.sum())} of {count} sets"
            f"{hint if turned else ''}; values are kept as sent",
            block.cells and block.cells.texts[int(np.argmax(wrong))],
        )


def _triples(rows: Rows) -> Iterator[tuple[int, int, int]]:
    """Blocks of net, forward and reverse that belong together."""
    alike: dict[tuple[object, ...], dict[FlowDirection, list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for index, block in enumerate(rows.blocks):
        value_format = block.value_format
        if value_format.value_type is CdsValueType.ELECTRIC_USAGE and value_format.direction:
            alike[_likeness(block, value_format)][value_format.direction].append(index)
    for found in alike.values():
        if [len(found[direction]) for direction in _ORDER] == [1, 1, 1]:
            net, forward, reverse = (found[direction][0] for direction in _ORDER)
            yield net, forward, reverse


def _likeness(block: Block, value_format: ValueFormat) -> tuple[object, ...]:
    return (
        block.segment_index,
        block.series_kind,
        value_format.stated_quality,
        value_format.tou,
        value_format.tier,
        value_format.season,
        value_format.meters,
    )


def _off(net: pa.Array, expected: pa.Array) -> npt.NDArray[np.bool_]:
    """Where two energies are further apart than the tolerance; not where one is missing."""
    apart = pc.abs(pc.subtract(net, expected))
    is_off = pc.greater(apart, pa.scalar(TOLERANCE_KWH, pa.decimal128(4, 3)))
    found: npt.NDArray[np.bool_] = pc.fill_null(is_off, fill_value=False).to_numpy(
        zero_copy_only=False
    )
    return found
