"""The contract of a table judged cell by cell, without the time that pandera takes to load.

For small tables where a person waits for the answer; elsewhere `render.pandera` judges. Both give
the same verdict, which a test holds them to.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.model import Field, Table
from cei_assets.contracts.render.arrow import arrow_type

NOT_NULL = "a value"
UNIQUE = "one row each"


@dataclass(frozen=True, kw_only=True)
class BrokenCell:
    """A cell that breaks the contract; `row` is its position, from 0, `expected` is in words."""

    column: str
    expected: str
    value: Any
    row: int


def broken_cells(table: Table, data: pa.Table) -> list[BrokenCell]:
    """Every cell that breaks the contract, by row and column.

    `data` has columns of the declared types. A repeated grain stands once a row: `column` joins
    its names by ', ', `value` the row's values, '-' where there is none.
    """
    cells = list(_repeated_grain(table, data))
    for column in table.columns:
        values = data.column(column.name)
        broken = list(_breaches(column.field, values))
        if not column.nullable:
            broken.append((NOT_NULL, values.is_null()))
        for expected, mask in broken:
            rows = pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).to_pylist()
            cells += [
                BrokenCell(
                    column=column.name, expected=expected, value=values[row].as_py(), row=row
                )
                for row in rows
            ]
    return sorted(cells, key=lambda cell: (cell.row, cell.column))


def _breaches(field: Field, values: pa.ChunkedArray) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """What the field's limits expect, and where the values break it; null where there is none."""
    unit = f" {field.unit}" if field.unit else ""
    kind = arrow_type(field.type)
    if field.ge is not None:
        yield f"at least {field.ge}{unit}", pc.less(values, _bound(field.ge, kind))
    if field.le is not None:
        yield f"at most {field.le}{unit}", pc.greater(values, _bound(field.le, kind))
    if field.isin is not None:
        is_listed = pc.is_in(values, value_set=pa.array(field.isin, kind))
        is_other = pc.and_(pc.invert(is_listed), values.is_valid())
        yield "one of " + ", ".join(field.isin), is_other
    if field.pattern is not None:
        yield (
            f"text like {field.pattern}",
            pc.invert(pc.match_substring_regex(values, f"^(?:{field.pattern})")),
        )


def _bound(bound: Decimal | int, kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_decimal(kind):
        return pa.scalar(Decimal(bound), kind)
    return pa.scalar(float(bound) if pa.types.is_floating(kind) else int(bound), kind)


def _repeated_grain(table: Table, data: pa.Table) -> Iterator[BrokenCell]:
    if not table.grain:
        return
    keys = list(zip(*(data.column(name).to_pylist() for name in table.grain), strict=True))
    count = Counter(keys)
    for row, key in enumerate(keys):
        if count[key] > 1:
            yield BrokenCell(
                column=", ".join(table.grain),
                expected=UNIQUE,
                value=", ".join("-" if value is None else str(value) for value in key),
                row=row,
            )
