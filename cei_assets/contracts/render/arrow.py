"""Arrow schemas of declared tables."""

import functools
import re

import pyarrow as pa

from cei_assets.contracts.model import Column, Table

_SIMPLE: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def arrow_type(duckdb_type: str) -> pa.DataType:
    """The Arrow type of a declared DuckDB type.

    TIMESTAMP has microseconds and no zone: its clock is named by the column (`_utc`, `_local`).
    Raises ValueError for a type that no declaration may use.
    """
    decimal = _DECIMAL.fullmatch(duckdb_type)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    if duckdb_type not in _SIMPLE:
        known = ", ".join([*_SIMPLE, "DECIMAL(p,s)"])
        raise ValueError(f"no Arrow type for {duckdb_type!r}; a field's type is one of {known}")
    return _SIMPLE[duckdb_type]


@functools.cache
def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table: types, nullability, meaning and unit as field metadata."""
    return pa.schema(
        [_arrow_field(column) for column in table.columns],
        metadata={"description": table.description},
    )


def _arrow_field(column: Column) -> pa.Field:
    metadata = {"description": column.field.description}
    if column.field.unit is not None:
        metadata["unit"] = column.field.unit
    return pa.field(
        column.name,
        arrow_type(column.field.type),
        nullable=column.nullable,
        metadata=metadata,
    )
