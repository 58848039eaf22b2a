"""pandera schemas of declared tables, and the verdict they give on Arrow data."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
from pandera.errors import SchemaErrors

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.model import Column, Field, Table
from cei_assets.contracts.render.arrow import arrow_schema, arrow_type
from cei_assets.contracts.render.cells import NOT_NULL, UNIQUE


def pandera_schema(table: Table) -> pa_pandas.DataFrameSchema:
    """The pandera schema of a table over Arrow-backed pandas columns.

    Checks types, nullability, limits, closed lists, patterns and that the grain is unique. The
    text of every check is what was expected, in words. Validate with `lazy=True`, so that all
    failures are collected.
    """
    return _schema(table, grain=table.grain)


def failure_cases(table: Table, data: pa.Table) -> pd.DataFrame:
    """Every cell that breaks the contract, one row each.

    `data` has columns of the declared types. Returns `column`, `expected` (in words), `value` and
    `row` (position in `data`, from 0), ordered by row and column; a repeated grain stands once a
    row, with the column names of the grain joined by ', ' and the values of the row.
    """
    frame = data.to_pandas(types_mapper=pd.ArrowDtype)
    cases = [_repeated_grain(table, frame)]
    try:
        _schema(table, grain=()).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases.append(_cell_cases(error.failure_cases))
    return pd.concat(cases).sort_values(["row", "column"], ignore_index=True)


def validate_arrow(table: Table, data: pa.Table, *, examples: int = 3) -> list[Finding]:
    """What of the contract `data` break: one finding per column and rule, all at once.

    Columns that are missing, unknown or of another type are named first; the values of all other
    columns are judged all the same. `found` counts the rows and shows `examples` of them.
    """
    findings = list(_schema_findings(table, data))
    usable = [
        column
        for column in table.columns
        if column.name in data.column_names
        and _same_type(data.schema.field(column.name).type, arrow_type(column.field.type))
    ]
    names = [column.name for column in usable]
    judged = Table(
        name=table.name,
        layer=table.layer,
        subject=table.subject,
        description=table.description,
        columns=tuple(usable),
        grain=table.grain if set(table.grain) <= set(names) else (),
    )
    cases = failure_cases(judged, data.select(names))
    for (column, expected), group in cases.groupby(["column", "expected"], sort=False):
        findings.append(_value_finding(table, str(column), str(expected), group, examples))
    return findings


def _schema(table: Table, *, grain: tuple[str, ...]) -> pa_pandas.DataFrameSchema:
    return pa_pandas.DataFrameSchema(
        {column.name: _pandera_column(column) for column in table.columns},
        unique=list(grain) or None,
        strict=True,
        name=table.name,
    )


def _pandera_column(column: Column) -> pa_pandas.Column:
    return pa_pandas.Column(
        pd.ArrowDtype(arrow_type(column.field.type)),
        checks=list(_checks(column.field)),
        nullable=column.nullable,
    )


def _checks(field: Field) -> Iterator[pa_pandas.Check]:
    unit = f" {field.unit}" if field.unit else ""
    if field.ge is not None:
        bound = _comparable(field, field.ge)
        yield pa_pandas.Check.ge(bound, error=f"at least {field.ge}{unit}")
    if field.le is not None:
        bound = _comparable(field, field.le)
        yield pa_pandas.Check.le(bound, error=f"at most {field.le}{unit}")
    if field.isin is not None:
        yield pa_pandas.Check.isin(field.isin, error="one of " + ", ".join(field.isin))
    if field.pattern is not None:
        yield pa_pandas.Check.str_matches(field.pattern, error=f"text like {field.pattern}")


def _comparable(field: Field, bound: Decimal | int) -> Decimal | float | int:
    """The bound in the column's own kind of number: Arrow compares no decimal with a double."""
    if field.type.startswith("DECIMAL"):
        return Decimal(bound)
    return float(bound) if field.type == "DOUBLE" else bound


def _cell_cases(cases: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": cases["column"].astype(str),
            "expected": cases["check"].astype(str).replace("not_nullable", NOT_NULL),
            "value": cases["failure_case"].astype(object),
            "row": cases["index"].astype("int64"),
        }
    )


def _repeated_grain(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose grain stands more than once.

    Apart from the schema's own `unique`, which takes 48 s to word a million repeated rows.
    """
    grain = list(table.grain)
    is_repeated = frame.duplicated(grain, keep=False) if grain else pd.Series(dtype=bool)
    rows = np.flatnonzero(is_repeated.to_numpy(dtype=bool))
    values = frame.iloc[rows][grain].astype(str)
    joined = (
        values.iloc[:, 0].str.cat(values.iloc[:, 1:], sep=", ", na_rep="-")
        if grain
        else values.index
    )
    return pd.DataFrame(
        {
            "column": ", ".join(grain),
            "expected": UNIQUE,
            "value": np.asarray(joined, dtype=object),
            "row": rows.astype("int64"),
        }
    )


def _same_type(found: pa.DataType, expected: pa.DataType) -> bool:
    is_text = pa.types.is_string(expected) and pa.types.is_large_string(found)
    return bool(found == expected or is_text)


def _schema_findings(table: Table, data: pa.Table) -> Iterator[Finding]:
    where = f"{table.layer}.{table.name}"
    for expected in arrow_schema(table):
        if expected.name not in data.column_names:
            yield Finding(
                where=where,
                column=expected.name,
                found="no such column",
                expected=f"a column of type {expected.type}",
                fix="write every declared column",
                rows=data.num_rows,
            )
            continue
        found = data.schema.field(expected.name).type
        if not _same_type(found, expected.type):
            yield Finding(
                where=where,
                column=expected.name,
                found=f"type {found}",
                expected=f"type {expected.type}",
                fix="cast to the Arrow schema of the contract before writing",
                rows=data.num_rows,
            )
    for unknown in sorted(set(data.column_names) - set(table.column_names)):
        yield Finding(
            where=where,
            column=unknown,
            found="a column that is not declared",
            expected="only " + ", ".join(table.column_names),
            fix="declare it in the table's contract or do not write it",
            rows=data.num_rows,
        )


def _value_finding(
    table: Table, column: str, expected: str, cases: pd.DataFrame, examples: int
) -> Finding:
    head = cases.head(examples)
    shown = ", ".join(
        f"{'nothing' if pd.isna(value) else repr(str(value))} in row {row}"
        for value, row in zip(head["value"].tolist(), head["row"].tolist(), strict=True)
    )
    more = len(cases) - examples
    return Finding(
        where=f"{table.layer}.{table.name}",
        column=column,
        found=shown + (f" and {more} more" if more > 0 else ""),
        expected=expected,
        fix="correct the step that writes the table",
        rows=len(cases),
    )
