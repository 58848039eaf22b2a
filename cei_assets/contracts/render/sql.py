"""DuckDB statements of declared tables: definition and comments."""

from collections.abc import Iterator

from cei_assets.contracts.model import Column, Table


def create_table(table: Table, *, schema: str) -> str:
    """The CREATE TABLE statement of a declared table: names, types and which may be empty."""
    columns = ", ".join(
        f'"{column.name}" {column.field.type}{"" if column.nullable else " NOT NULL"}'
        for column in table.columns
    )
    return f'CREATE TABLE "{schema}"."{table.name}" ({columns})'


def comments(table: Table, *, schema: str) -> Iterator[str]:
    """COMMENT ON statements that carry the table's and its columns' meaning and unit."""
    name = f'"{schema}"."{table.name}"'
    yield f"COMMENT ON TABLE {name} IS {_literal(_table_comment(table))}"
    for column in table.columns:
        yield f'COMMENT ON COLUMN {name}."{column.name}" IS {_literal(_column_comment(column))}'


def _table_comment(table: Table) -> str:
    grain = f" One row per {', '.join(table.grain)}." if table.grain else ""
    return table.description + grain


def _column_comment(column: Column) -> str:
    unit = f" Unit: {column.field.unit}." if column.field.unit else ""
    empty = " May be empty." if column.nullable else ""
    return column.field.description + unit + empty


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
