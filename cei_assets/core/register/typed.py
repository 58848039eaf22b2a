"""Cells of a register file as the columns that the contract declares."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.model import Column, Table
from cei_assets.contracts.render.arrow import arrow_schema, arrow_type
from cei_assets.contracts.render.cells import NOT_NULL, UNIQUE, BrokenCell
from cei_assets.core.register.text import TextTable

DEFAULTS = {
    ("meters", "interval_seconds"): "3600",
    ("meters", "interval_label"): "start",
    ("tariffs", "hour_from"): "0",
    ("tariffs", "hour_to"): "24",
    ("tariffs", "weekday_from"): "0",
    ("tariffs", "weekday_to"): "6",
    ("cds_meters", "mapped_direction"): "forward",
}
"""What a blank cell or an absent column means, where it means anything."""

FIRST_DATE, LAST_DATE = "1990-01-01", "2100-12-31"
_INTEGER = r"[+-]?\d{1,9}"
_DOUBLE = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?"
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIMESTAMP = _DATE + r"([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_TRUE = ("true", "yes", "y", "1", "active")
_FALSE = ("false", "no", "n", "0", "inactive")
_PATTERNS = {
    "INTEGER": _INTEGER,
    "DOUBLE": _DOUBLE,
    "DATE": _DATE,
    "TIMESTAMP": _TIMESTAMP,
    "BOOLEAN": f"(?i:{'|'.join((*_TRUE, *_FALSE))})",
}
_WITHOUT_DECIMALS = ("DATE", "TIMESTAMP", "BOOLEAN")
_FIXES = {
    "country": "write the two capital letters of ISO 3166, e.g. IT",
    "currency": "write the three capital letters of ISO 4217, e.g. EUR",
    "opens": "write local time as HH:MM, e.g. 06:00",
    "closes": "write local time as HH:MM, e.g. 22:00; 24:00 is midnight",
    "weekday": "count from 0 (Monday) to 6 (Sunday)",
    "weekday_from": "count from 0 (Monday) to 6 (Sunday)",
    "weekday_to": "count from 0 (Monday) to 6 (Sunday)",
    "hour_from": "use the local hour at which the band starts",
    "hour_to": "use the local hour at which the band ends; 24 is midnight",
}


@dataclass(frozen=True, kw_only=True)
class TypedTable:
    """A register table in its declared types; `lines` are the physical lines of its rows.

    A cell with a finding is null where it could not be read.
    """

    table: Table
    where: str
    data: pa.Table
    lines: tuple[int, ...]


CellJudge = Callable[[Table, pa.Table], list[BrokenCell]]


def judged_by_pandera(table: Table, data: pa.Table) -> list[BrokenCell]:
    """Cells that break the contract, by pandera."""
    # Half a second, which those who judge by `contracts.render.cells` do not wait for.
    from cei_assets.contracts.render.pandera import failure_cases

    cases = failure_cases(table, data)
    return [
        BrokenCell(column=column, expected=expected, value=value, row=row)
        for column, expected, value, row in zip(
            cases["column"].tolist(),
            cases["expected"].tolist(),
            cases["value"].tolist(),
            cases["row"].tolist(),
            strict=True,
        )
    ]


def typed_table(
    table: Table, text: TextTable, *, judge: CellJudge = judged_by_pandera
) -> tuple[TypedTable | None, list[Finding]]:
    """Gives cells their declared types, fills the defaults and checks the contract of the table.

    Numbers may have a decimal comma where the delimiter is not a comma. Dates are YYYY-MM-DD
    between 1990 and 2100: a mistyped year would make centuries of expected intervals. Timestamps
    are ISO 8601 and UTC when they name no offset; the table has them as naive UTC. Booleans are
    true or false, yes or no, 1 or 0, active or inactive. Returns no table when columns are missing
    or unknown; else every cell that breaks the contract has a finding.
    """
    header = _header_findings(table, text)
    if header:
        return None, header
    has_decimal_comma = text.delimiter != ","
    arrays: list[pa.Array] = []
    findings: list[Finding] = []
    unread: set[tuple[str, int]] = set()
    for column in table.columns:
        cells = _cells(table, column, text)
        array, rows = _convert(column.field.type, cells, has_decimal_comma=has_decimal_comma)
        arrays.append(array)
        findings += [_unread_finding(text, column, cells[row].as_py(), row) for row in rows]
        unread |= {(column.name, row) for row in rows}
    data = pa.Table.from_arrays(arrays, schema=arrow_schema(table))
    findings += [
        _case_finding(text, cell)
        for cell in judge(table, data)
        if (cell.column, cell.row) not in unread
    ]
    return TypedTable(table=table, where=text.where, data=data, lines=text.lines), findings


def _header_findings(table: Table, text: TextTable) -> list[Finding]:
    found = text.cells.column_names
    optional = {column.name for column in table.columns if column.nullable}
    optional |= {name for name in table.column_names if (table.name, name) in DEFAULTS}
    all_columns = ", ".join(table.column_names)
    missing = [
        Finding(
            where=text.where,
            line=1,
            column=name,
            found="no such column",
            expected=table.column(name).field.description.rstrip("."),
            fix=f"add the column; the file's columns are {all_columns}",
        )
        for name in table.column_names
        if name not in found and name not in optional
    ]
    unknown = [
        Finding(
            where=text.where,
            line=1,
            column=name,
            found="a column that the register does not know",
            expected=f"only {all_columns}",
            fix="rename or remove the column",
        )
        for name in found
        if name not in table.column_names
    ]
    return missing + unknown


def _cells(table: Table, column: Column, text: TextTable) -> pa.Array:
    if column.name in text.cells.column_names:
        cells = text.cells.column(column.name).combine_chunks()
    else:
        cells = pa.nulls(len(text.lines), pa.string())
    default = DEFAULTS.get((table.name, column.name))
    return cells if default is None else pc.fill_null(cells, default)


def _convert(
    duckdb_type: str, cells: pa.Array, *, has_decimal_comma: bool
) -> tuple[pa.Array, list[int]]:
    """Cells in the declared type, null where unreadable, and the rows of those that are."""
    if duckdb_type == "VARCHAR":
        return cells, []
    if has_decimal_comma and duckdb_type not in _WITHOUT_DECIMALS:
        cells = pc.replace_substring(cells, ",", ".")
    matches = pc.match_substring_regex(cells, f"^(?:{_pattern(duckdb_type)})$")
    readable = pc.if_else(matches, cells, pa.scalar(None, pa.string()))
    converted = _converted(duckdb_type, readable)
    is_unread = pc.and_(cells.is_valid(), converted.is_null())
    return converted, pc.indices_nonzero(is_unread).to_pylist()


def _pattern(duckdb_type: str) -> str:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        return rf"-?\d{{1,{precision - scale}}}(\.\d{{1,{scale}}})?"
    return _PATTERNS[duckdb_type]


def _converted(duckdb_type: str, readable: pa.Array) -> pa.Array:
    if duckdb_type == "DATE":
        return _dates(readable)
    if duckdb_type == "TIMESTAMP":
        return _timestamps(readable)
    if duckdb_type == "BOOLEAN":
        is_true = pc.is_in(pc.utf8_lower(readable), value_set=pa.array(_TRUE))
        return pc.if_else(readable.is_valid(), is_true, pa.scalar(None, pa.bool_()))
    return readable.cast(arrow_type(duckdb_type))


def _dates(cells: pa.Array) -> pa.Array:
    return _within_years(_parsed(cells, date.fromisoformat, pa.date32()), pa.date32())


def _timestamps(cells: pa.Array) -> pa.Array:
    """Naive UTC."""
    kind = pa.timestamp("us")
    return _within_years(_parsed(cells, _utc, kind), kind)


def _utc(word: str) -> datetime:
    moment = datetime.fromisoformat(word)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _parsed(cells: pa.Array, parse: Callable[[str], date], arrow_type: pa.DataType) -> pa.Array:
    """Every distinct word parsed once; null where it means nothing."""

    def parsed(word: str) -> date | None:
        try:
            return parse(word)
        except (ValueError, OverflowError):
            return None

    encoded = cells.dictionary_encode()
    words = [parsed(word) for word in encoded.dictionary.to_pylist()]
    return pa.array(words, arrow_type).take(encoded.indices)


def _within_years(moments: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    first, last = (pa.scalar(day).cast(arrow_type) for day in (FIRST_DATE, LAST_DATE))
    in_range = pc.and_(pc.greater_equal(moments, first), pc.less_equal(moments, last))
    return pc.if_else(in_range, moments, pa.scalar(None, arrow_type))


def _unread_finding(text: TextTable, column: Column, found: str, row: int) -> Finding:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", column.field.type)
    if decimal:
        expected = f"a number with at most {decimal[2]} decimals"
        fix = "write digits with a decimal point, without thousands separators or currency sign"
    elif column.field.type == "DATE":
        expected = f"a date as YYYY-MM-DD from {FIRST_DATE} to {LAST_DATE}"
        fix = "write e.g. 2026-03-31; format the spreadsheet's column as text first"
        if column.nullable:
            fix += "; leave the cell empty for 'without end'"
    elif column.field.type == "TIMESTAMP":
        expected = f"a time as YYYY-MM-DDTHH:MM:SSZ from {FIRST_DATE} to {LAST_DATE}"
        fix = "write e.g. 2026-03-31T14:05:00Z; without an offset it is UTC"
    elif column.field.type == "BOOLEAN":
        expected, fix = "true or false", "write true or false"
    else:
        expected = "a whole number" if column.field.type == "INTEGER" else "a number"
        fix = "write digits only"
    return Finding(
        where=text.where,
        line=text.lines[row],
        column=column.name,
        found=repr(found),
        expected=expected,
        fix=fix,
    )


def _case_finding(text: TextTable, cell: BrokenCell) -> Finding:
    expected, fix = cell.expected, _FIXES.get(cell.column, "correct the cell")
    if expected == UNIQUE:
        found, fix = f"{cell.value!r} again", "keep one of the rows"
    elif expected == NOT_NULL:
        found, fix = "an empty cell", _FIXES.get(cell.column, "fill in the cell")
    else:
        found = repr(str(cell.value))
    return Finding(
        where=text.where,
        line=text.lines[cell.row],
        column=cell.column,
        found=found,
        expected=expected,
        fix=fix,
    )
