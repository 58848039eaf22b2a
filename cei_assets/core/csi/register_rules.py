"""Rules over the rows of the programme's register.

Python over rows and not SQL: a verdict on a file must not wait for DuckDB, and the programme has
hundreds of applications: 10,000 rows are judged in half a second.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from cei_assets.contracts.csi_vocabulary import ConversionMethod, DisplacedFuel, QuantityUnit
from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.core.csi.months import next_month
from cei_assets.core.csi.program import CsiOptions
from cei_assets.core.csi.register_cells import PAYMENT_COLUMNS
from cei_assets.core.register.text import register_file

Row = Mapping[str, Any]
"""A row by column of the contract, and `line`; a cell that could not be read is None."""

_WHERE = register_file("csi_applications")
# Payments are exact within these bounds, see macros/csi_quantity.sql.
_LEAST_EFFICIENT, _MOST_EFFICIENT = Decimal("0.01"), Decimal("1.5")
_HIGHEST_RATE = Decimal(10_000)
_METHODS = frozenset(ConversionMethod)
_UNITS = frozenset(QuantityUnit)
_UNIT_OF_FUEL: Mapping[str, str] = {
    DisplacedFuel.GAS: QuantityUnit.THERM,
    DisplacedFuel.ELECTRIC: QuantityUnit.KWH,
    DisplacedFuel.PROPANE: QuantityUnit.KWH,
}


@dataclass(frozen=True, kw_only=True)
class RowRule:
    """A rule on one row: `found` says in words what breaks it, or None."""

    column: str
    found: Callable[[Row], str | None]
    expected: str
    fix: str
    level: FindingLevel = FindingLevel.ERROR


def application_findings(
    rows: Sequence[Row],
    *,
    pdp_ids: frozenset[str] | None,
    options: CsiOptions,
    for_payment: bool,
) -> Iterator[Finding]:
    """What is wrong with applications; `pdp_ids` is None when the providers cannot be read.

    Without `for_payment` nothing is said of the columns that only a payment rests on.
    """
    rules = [
        rule for rule in _APPLICATION_RULES if for_payment or rule.column not in PAYMENT_COLUMNS
    ]
    rules.append(_id_rule(options))
    if pdp_ids is not None:
        rules.append(_provider_rule(pdp_ids))
    for row in rows:
        for rule in rules:
            found = rule.found(row)
            if found is not None:
                yield _finding(row, rule, found)
    yield from _version_findings(rows)


def reference_findings(
    where: str, rows: Iterable[Row], *, application_ids: frozenset[str]
) -> Iterator[Finding]:
    """Rows that name an application which the register does not have."""
    for row in rows:
        named = row["application_id"]
        if named is not None and named not in application_ids:
            yield Finding(
                where=where,
                line=row["line"],
                column="application_id",
                found=repr(named),
                expected="application_id of a row in register/csi_applications.csv",
                fix="correct the spelling or add the application",
            )


def _finding(row: Row, rule: RowRule, found: str) -> Finding:
    return Finding(
        where=_WHERE,
        line=row["line"],
        column=rule.column,
        found=found,
        expected=rule.expected,
        fix=rule.fix,
        level=rule.level,
    )


def _id_rule(options: CsiOptions) -> RowRule:
    pattern = re.compile(options.application_id_pattern)

    def malformed(row: Row) -> str | None:
        named = row["application_id"]
        return None if named is None or pattern.fullmatch(named) else repr(named)

    return RowRule(
        column="application_id",
        found=malformed,
        expected=f"an application ID such as SCG-00987, pattern {pattern.pattern}",
        fix="write it as the administrator does, or set CEI_CSI_APPLICATION_ID_PATTERN",
    )


def _provider_rule(pdp_ids: frozenset[str]) -> RowRule:
    def unknown(row: Row) -> str | None:
        named = row["pdp_id"]
        return None if named is None or named in pdp_ids else repr(named)

    return RowRule(
        column="pdp_id",
        found=unknown,
        expected="pdp_id of a row in register/csi_pdps.csv",
        fix="correct the spelling or add the provider; until then its uploads fail CSI-U01",
        level=FindingLevel.WARNING,
    )


def _impossible_efficiency(row: Row) -> str | None:
    efficiency = row["baseline_efficiency"]
    if efficiency is None or _LEAST_EFFICIENT <= efficiency <= _MOST_EFFICIENT:
        return None
    return f"'{efficiency}'"


def _impossible_rate(row: Row) -> str | None:
    rate = row["rate"]
    return f"'{rate}'" if rate is not None and rate > _HIGHEST_RATE else None


def _unit_of_another_fuel(row: Row) -> str | None:
    unit, due = row["rate_unit"], _UNIT_OF_FUEL.get(row["displaced_fuel"] or "")
    if due is None or unit not in _UNITS or unit == due:
        return None
    return f"{unit!r} for displaced_fuel {row['displaced_fuel']}"


def _rate_without_unit(row: Row) -> str | None:
    return "a rate without its unit" if row["rate"] is not None and not row["rate_unit"] else None


def _in_order(first: str, last: str) -> RowRule:
    def reversed_dates(row: Row) -> str | None:
        begins, ends = row[first], row[last]
        if begins is None or ends is None or begins <= ends:
            return None
        return f"{_shown(ends)} before {first} {_shown(begins)}"

    return RowRule(
        column=last,
        found=reversed_dates,
        expected=f"{last} on or after {first}",
        fix="exchange or correct the two months",
    )


def _unknown_method(row: Row) -> str | None:
    method = row["conversion_method"]
    return repr(method) if method and method not in _METHODS else None


_APPLICATION_RULES = (
    RowRule(
        column="baseline_efficiency",
        found=_impossible_efficiency,
        expected=f"from {_LEAST_EFFICIENT} to {_MOST_EFFICIENT}",
        fix="write the efficiency as a fraction, e.g. 0.82",
    ),
    RowRule(
        column="rate",
        found=_impossible_rate,
        expected=f"at most {_HIGHEST_RATE} USD for a therm or kWh",
        fix="write the rate in USD, e.g. 7.27",
    ),
    RowRule(
        column="rate_unit",
        found=_unit_of_another_fuel,
        expected="therm for gas, kWh for electric and propane",
        fix="correct displaced_fuel or rate_unit, and look at the rate again",
    ),
    RowRule(
        column="rate_unit",
        found=_rate_without_unit,
        expected="therm for gas, kWh for electric and propane",
        fix="write the unit that the rate is paid for",
    ),
    _in_order("first_data_month", "last_data_month"),
    _in_order("valid_from_month", "valid_to_month"),
    RowRule(
        column="baseline_efficiency",
        found=lambda row: "an empty cell" if row["baseline_efficiency"] is None else None,
        expected="the efficiency of the heater that is displaced",
        fix="until it is filled in, nothing is paid for this application",
        level=FindingLevel.WARNING,
    ),
    RowRule(
        column="rate",
        found=lambda row: "an empty cell" if row["rate"] is None else None,
        expected="the incentive of a therm or kWh in USD",
        fix="until it is filled in, nothing is paid for this application",
        level=FindingLevel.WARNING,
    ),
    RowRule(
        column="conversion_method",
        found=_unknown_method,
        expected=f"one of {', '.join(ConversionMethod)}",
        fix="reports are accepted, but payment is refused: no formula is known",
        level=FindingLevel.WARNING,
    ),
)


def _version_findings(rows: Sequence[Row]) -> Iterator[Finding]:
    versions: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["application_id"] is not None:
            versions[row["application_id"]].append(row)
    for several in versions.values():
        ordered = sorted(several, key=_begins)
        for earlier, later in pairwise(ordered):
            # Equal beginnings break the grain of the table, which has a finding already.
            if _begins(earlier) < _begins(later):
                yield from _neighbour_findings(earlier, later)


def _neighbour_findings(earlier: Row, later: Row) -> Iterator[Finding]:
    ends, begins = earlier["valid_to_month"], later["valid_from_month"]
    if ends is None or ends >= begins:
        yield Finding(
            where=_WHERE,
            line=later["line"],
            column="valid_from_month",
            found=f"{_shown(begins)}, but line {earlier['line']} holds until "
            f"{'the end' if ends is None else _shown(ends)}",
            expected="versions of an application that do not overlap",
            fix=f"give line {earlier['line']} a valid_to_month before {_shown(begins)}",
        )
    elif next_month(ends) < begins:
        yield Finding(
            where=_WHERE,
            line=later["line"],
            column="valid_from_month",
            found=f"{_shown(begins)}, but line {earlier['line']} ends with {_shown(ends)}",
            expected="versions of an application without a gap",
            fix="close the gap, or reports for the months between are judged by the first version",
            level=FindingLevel.WARNING,
        )


def _begins(row: Row) -> date:
    begins: date | None = row["valid_from_month"]
    return begins or date.min


def _shown(month: date) -> str:
    return f"{month:%Y-%m}"
