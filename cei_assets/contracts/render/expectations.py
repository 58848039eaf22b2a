"""Expectations of a mart, rendered from its contract as plain data; no Great Expectations here."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cei_assets.contracts.model import Column, Table

Arguments = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One expectation: Great Expectations' class name, its arguments, and what it means.

    `only_where` limits it to rows in which a column has a value.
    """

    kind: str
    arguments: Arguments = field(default_factory=dict)
    column: str | None = None
    only_where: tuple[str, str | bool] | None = None

    @property
    def text(self) -> str:
        """The arguments as a person reads them."""
        return ", ".join(f"{name} {value}" for name, value in self.arguments.items()) or "a value"


def expectations_of(table: Table) -> tuple[Expectation, ...]:
    """Columns in order, values present, within limits and lists, grain unique."""
    return (
        Expectation(
            kind="ExpectTableColumnsToMatchOrderedList",
            arguments={"column_list": list(table.column_names)},
        ),
        *(expectation for column in table.columns for expectation in _of_column(column)),
        *_of_grain(table),
    )


def _of_column(column: Column) -> tuple[Expectation, ...]:
    declared = column.field
    found = []
    if not column.nullable:
        found.append(Expectation(kind="ExpectColumnValuesToNotBeNull", column=column.name))
    if declared.isin is not None:
        found.append(
            Expectation(
                kind="ExpectColumnValuesToBeInSet",
                column=column.name,
                arguments={"value_set": list(declared.isin)},
            )
        )
    bounds = {
        name: _number(value)
        for name, value in (("min_value", declared.ge), ("max_value", declared.le))
        if value is not None
    }
    if bounds:
        found.append(
            Expectation(kind="ExpectColumnValuesToBeBetween", column=column.name, arguments=bounds)
        )
    return tuple(found)


def _of_grain(table: Table) -> tuple[Expectation, ...]:
    if not table.grain:
        return ()
    if len(table.grain) == 1:
        return (Expectation(kind="ExpectColumnValuesToBeUnique", column=table.grain[0]),)
    return (
        Expectation(
            kind="ExpectCompoundColumnsToBeUnique", arguments={"column_list": list(table.grain)}
        ),
    )


def _number(value: Decimal | int) -> float:
    return float(value)
