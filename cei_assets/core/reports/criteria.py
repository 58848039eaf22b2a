"""The pilot's success criteria as a table of sites by criterion, and what they speak for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cei_assets.core.reports.formats import formatted, is_missing, number, words
from cei_assets.core.reports.model import Figure, Row

_LABELS = {
    "completeness_ratio": "Completeness",
    "coverage": "Completeness",
    "gap_share": "Gap hours",
    "actionable_inefficiencies": "Actionable inefficiencies",
    "avoidable_share": "Avoidable energy",
    "avoidable_cost": "Avoidable cost",
}


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A criterion's value at one site, as text, and whether its target is met if it has one."""

    text: str
    is_met: bool | None


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Criteria by site: headings with their targets, then a row for each site."""

    headings: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Criterion | None, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The gate that the figures speak for, and why."""

    gate: str
    reasons: tuple[str, ...]


def criteria_matrix(rows: Sequence[Row]) -> Matrix:
    """Sites by criterion, in the order in which the scorecard names them."""
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    targets = {row["metric"]: row["target"] or "no target" for row in rows}
    sites = list(dict.fromkeys(row["site_id"] for row in rows))
    cells = {
        (row["site_id"], row["metric"]): Criterion(text=criterion_text(row), is_met=row["is_met"])
        for row in rows
    }
    return Matrix(
        headings=tuple((_label(metric), targets[metric]) for metric in metrics),
        rows=tuple(
            (site, tuple(cells.get((site, metric)) for metric in metrics)) for site in sites
        ),
    )


def criteria_queries(rows: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    """Site, criterion, value as shown and the query that reproduces it, for every row."""
    return [
        (row["site_id"], _label(row["metric"]), criterion_text(row), row["query"]) for row in rows
    ]


def criterion_text(row: Row) -> str:
    """The value or both its ends with the unit; a share as a percentage."""
    values = [row["metric_value"]]
    if not is_missing(row["metric_value_high"]):
        values.append(row["metric_value_high"])
    if is_missing(values[0]):
        return "missing"
    unit = row["unit"]
    if unit in ("share", "ratio"):
        return formatted("share", values)
    if unit == "%":
        return formatted("share", [value / 100 for value in values])
    text = formatted("money" if unit.startswith(_currency(unit)) else "energy", values)
    if unit in ("count", "", "1"):
        return number(values[0])
    return f"{text} {unit.replace('/a', ' a year')}"


def decision(figures: Mapping[str, Figure]) -> Decision:
    """The gate the figures speak for: subscribe, extend or park; people decide.

    Subscribe: every criterion is met and the lower end of the avoidable energy is above zero.
    Park: the sites were judged and nothing was found. Extend: anything else, with what is open.
    """
    headline = figures["headline"].rows[0]
    rows = figures["criteria"].rows
    unmet = [
        f"{row['site_id']}: {_label(row['metric']).lower()} {criterion_text(row)}, target "
        f"{row['target']}"
        for row in rows
        if row["is_met"] is False
    ]
    if not headline["sites"]:
        return Decision(gate="extend", reasons=("no site has been judged yet",))
    if figures["episodes"].is_empty and not headline["annual_high_kwh"]:
        return Decision(
            gate="park", reasons=("the sites were judged and no waste was found", *unmet)
        )
    if not unmet and headline["annual_low_kwh"] > 0:
        return Decision(
            gate="subscribe",
            reasons=(
                "every criterion is met",
                "the lower end of the avoidable energy is above zero",
            ),
        )
    if not unmet:
        return Decision(
            gate="extend", reasons=("the lower end of the avoidable energy is not above zero",)
        )
    return Decision(gate="extend", reasons=tuple(unmet))


def _label(metric: str) -> str:
    return _LABELS.get(metric, words(metric).capitalize())


def _currency(unit: str) -> str:
    """The unit's currency code, or a text that no unit starts with."""
    code = unit[:3]
    return code if len(code) == 3 and code.isalpha() and code.isupper() else "\0"
