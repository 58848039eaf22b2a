"""A rule over rows of the register: a query that returns what breaks it."""

from dataclasses import dataclass

from cei_assets.contracts.finding import FindingLevel


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A query for violations in `table`; it runs once all `needs` could be read.

    The query runs over views of the typed tables, which carry a column `line`. It returns the
    line and, in words, what was found.
    """

    name: str
    table: str
    column: str
    needs: tuple[str, ...]
    query: str
    expected: str
    fix: str
    level: FindingLevel = FindingLevel.ERROR


def order_rule(table: str, first: str, last: str) -> Rule:
    """Two dates of a row stand in order."""
    return Rule(
        name=f"{table}_{first}_before_{last}",
        table=table,
        column=last,
        needs=(table,),
        query=f"SELECT line, {last} || ' before {first} ' || {first} FROM {table} "
        f"WHERE {last} < {first}",
        expected=f"{last} on or after {first}",
        fix="exchange or correct the two dates",
    )
