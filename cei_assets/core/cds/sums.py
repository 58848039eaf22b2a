"""What the values of a file add up to, format by format, to the last digit."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsValueType
from cei_assets.core.cds.decimals import EXACT_DIGITS, exact, plain
from cei_assets.core.cds.expand import Block, Rows

_WIDE = pa.decimal256(60, 12)
_NEVER_SUMMED = (CdsValueType.ELECTRIC_DEMAND, CdsValueType.ELECTRIC_SUPPLY_MIX)

Key = tuple[str, str | None, str | None, str]


@dataclass(frozen=True, kw_only=True)
class FormatSum:
    """Sum and number of the values of one type, direction, unit (or currency) and format."""

    value_type: str
    direction: str | None
    unit: str | None
    format_id: str
    total: Decimal
    values: int

    def as_json(self) -> dict[str, Any]:
        """The sum as one object of a JSON line; decimals are text, since JSON's are floats."""
        return {
            "type": self.value_type,
            "direction": self.direction,
            "unit": self.unit,
            "format": self.format_id,
            "values": self.values,
            "sum": plain(self.total),
        }


def format_sums(rows: Rows) -> tuple[FormatSum, ...]:
    """Sums of amounts; demand, shares and point-in-time values have none.

    Exact also where a value has more digits than its decimal: those are summed from their text.
    """
    sums: dict[Key, Decimal] = {}
    counts: Counter[Key] = Counter()
    with localcontext(prec=EXACT_DIGITS):
        for block, total, count in _block_sums(rows):
            key = _key(block)
            sums[key] = sums.get(key, Decimal(0)) + total
            counts[key] += count
        for row in np.flatnonzero(~rows.is_exact).tolist():
            block = rows.blocks[rows.block_index[row]]
            number = exact(rows.texts[row].as_py())
            if _is_summed(block) and number is not None:
                sums[_key(block)] += number
                counts[_key(block)] += 1
    return tuple(
        FormatSum(
            value_type=value_type,
            direction=direction,
            unit=unit,
            format_id=format_id,
            total=total,
            values=counts[value_type, direction, unit, format_id],
        )
        for (value_type, direction, unit, format_id), total in sums.items()
    )


def _block_sums(rows: Rows) -> list[tuple[Block, Decimal, int]]:
    values = pc.if_else(pa.array(rows.is_exact), rows.values, None).cast(_WIDE)
    grouped = (
        pa.table({"block": rows.block_index, "value": values})
        .group_by("block", use_threads=False)
        .aggregate([("value", "sum"), ("value", "count")])
    )
    found = zip(*(grouped[name].to_pylist() for name in grouped.column_names), strict=True)
    by_block = {block: (total, count) for block, total, count in found}
    return [
        (rows.blocks[index], total or Decimal(0), count)
        for index, (total, count) in by_block.items()
        if _is_summed(rows.blocks[index])
    ]


def _is_summed(block: Block) -> bool:
    value_format = block.value_format
    return not value_format.is_point_in_time and value_format.value_type not in _NEVER_SUMMED


def _key(block: Block) -> Key:
    value_format = block.value_format
    assert value_format.value_type is not None  # noqa: S101  # blocks of unknown types are none
    direction = None if value_format.direction is None else value_format.direction.value
    unit = value_format.unit or value_format.currency
    return value_format.value_type.value, direction, unit, value_format.format_id
