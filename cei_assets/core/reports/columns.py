"""How the columns of a figure's rows are shown: heading, kind of value, what an empty one means."""

from collections.abc import Mapping
from dataclasses import dataclass

from cei_assets.core.reports.formats import formatted, is_missing
from cei_assets.core.reports.model import Row

MISSING = "missing"
_WHOLE = frozenset({"day", "clock"})
_NUMERIC = frozenset({"count", "hours", "energy", "ratio", "decimal", "share", "money"})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One column of a table in a report, made of one column of the rows or of both ends of one.

    `empty` is what is written when the value is not there; `suffix` names a column whose text
    follows the value (a currency, a unit); `is_tag` sets the value apart by its word.
    """

    heading: str
    columns: tuple[str, ...]
    kind: str = "text"
    empty: str = MISSING
    suffix: str | None = None
    is_tag: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether the column is set flush right."""
        return self.kind in _NUMERIC


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in one place of a table; `is_whole` is never broken over lines."""

    text: str
    is_missing: bool
    is_numeric: bool
    tag: str = ""
    is_whole: bool = False


def cell(shown: Shown, row: Row) -> Cell:
    """The cell of a row in a column; a missing value gives the column's words for it."""
    values = [row[name] for name in shown.columns]
    if any(is_missing(value) for value in values):
        return Cell(text=shown.empty, is_missing=True, is_numeric=shown.is_numeric)
    text = formatted(shown.kind, values)
    if shown.suffix is not None and row[shown.suffix] is not None:
        text = f"{text} {row[shown.suffix]}"
    tag = text if shown.is_tag else ""
    return Cell(
        text=text,
        is_missing=False,
        is_numeric=shown.is_numeric,
        tag=tag,
        is_whole=shown.kind in _WHOLE,
    )


def _shown(
    heading: str,
    names: str,
    kind: str = "text",
    *,
    empty: str = MISSING,
    suffix: str | None = None,
    is_tag: bool = False,
) -> Shown:
    return Shown(
        heading=heading,
        columns=tuple(names.split()),
        kind=kind,
        empty=empty,
        suffix=suffix,
        is_tag=is_tag,
    )


_METER = (_shown("Site", "site_id"), _shown("Meter", "meter_id"))
COLUMNS: Mapping[str, tuple[Shown, ...]] = {
    "scope": (
        _shown("Sites", "sites", "count"),
        _shown("Meters", "meters", "count"),
        _shown("First day", "first_day", "day"),
        _shown("Last day", "last_day", "day"),
        _shown("Readings held", "received_intervals", "count"),
        _shown("Completeness", "completeness_ratio", "share"),
        _shown("Actionable episodes", "actionable_episodes", "count"),
    ),
    "headline": (
        _shown("Sites judged", "sites", "count"),
        _shown("Sites in all", "sites_in_all", "count"),
        _shown("Use, kWh a year", "annual_use_kwh", "energy", empty="not judged yet"),
        _shown("Avoidable share", "share_low share_high", "share", empty="not judged yet"),
        _shown(
            "Avoidable, kWh a year",
            "annual_low_kwh annual_high_kwh",
            "energy",
            empty="not judged yet",
        ),
        _shown("Baselines suffice", "sufficient_share", "share", empty="not judged yet"),
    ),
    "headline_cost": (
        _shown("Currency", "currency"),
        _shown("Sites", "sites", "count"),
        _shown("Avoidable a year", "cost_low cost_high", "money", suffix="currency"),
    ),
    "headline_sites": (
        _shown("Site", "site_id"),
        _shown("Name", "site_name"),
        _shown("Judged hours", "judged_hours", "count", empty="not judged yet"),
        _shown("Use, kWh a year", "annual_use_kwh", "energy", empty="not judged yet"),
        _shown("Avoidable share", "share_low share_high", "share", empty="not judged yet"),
        _shown(
            "Avoidable, kWh a year",
            "annual_low_kwh annual_high_kwh",
            "energy",
            empty="not judged yet",
        ),
        _shown("Baselines suffice", "sufficient_share", "share", empty="not judged yet"),
        _shown(
            "Avoidable a year", "cost_low cost_high", "money", empty="no tariff", suffix="currency"
        ),
    ),
    "mapping": (
        _shown("Site", "site_name"),
        _shown("site_id", "site_id"),
        _shown("Physical meter", "description"),
        _shown("meter_id", "meter_id"),
        _shown("Role", "role", "words"),
        _shown("Part of", "parent_meter_id", empty="site total"),
        _shown("Interval, s", "interval_seconds", "count"),
        _shown("Timestamp marks", "interval_label"),
        _shown("Expected from", "expected_from", "day"),
        _shown("Expected to", "expected_to", "day", empty="until now"),
        _shown("Time zone", "timezone"),
    ),
    "completeness": (
        *_METER,
        _shown("First day", "first_day", "day"),
        _shown("Last day", "last_day", "day"),
        _shown("Expected", "expected_intervals", "count"),
        _shown("Received", "received_intervals", "count"),
        _shown("Completeness", "completeness_ratio", "share", empty="nothing expected"),
        _shown("Gap hours", "gap_hours", "hours"),
        _shown("Late hours", "late_hours", "hours"),
        _shown("Estimated hours", "estimated_hours", "hours"),
        _shown("Revisions", "revision_count", "count"),
    ),
    "gaps": (
        *_METER,
        _shown("From, local time", "gap_start_local", "clock"),
        _shown("Hours", "gap_hours", "hours"),
        _shown("Still open", "is_open", "yes_no"),
        _shown("3 h or more", "is_alarm", "yes_no"),
    ),
    "uploads": (
        _shown("Source", "upload_source"),
        _shown("Verdict", "status", "words"),
        _shown("Files", "files", "count"),
        _shown("Rows read", "rows_read", "count"),
        _shown("Accepted", "rows_accepted", "count"),
        _shown("Refused", "rows_rejected", "count"),
        _shown("Exact duplicates", "rows_exact_duplicate", "count"),
        _shown("First received, UTC", "first_received_utc", "clock"),
        _shown("Last received, UTC", "last_received_utc", "clock"),
    ),
    "rejects": (
        _shown("Code", "code"),
        _shown("Rows", "rows", "count"),
        _shown("Files", "files", "count"),
        _shown("For example", "example"),
        _shown("In file", "example_file"),
        _shown("Line", "example_line", "count"),
    ),
    "episodes": (
        *_METER,
        _shown("Rule", "rule", "words"),
        _shown("Severity", "severity", is_tag=True),
        _shown("First hour, local", "first_interval_local", "clock"),
        _shown("Last hour, local", "last_interval_local", "clock"),
        _shown("Hours", "episode_hours", "count"),
        _shown("Level, kWh/h", "level_kwh", "energy"),
        _shown("Reference, kWh/h", "reference_kwh", "energy"),
        _shown("Excess, kWh", "excess_low_kwh excess_high_kwh", "energy"),
        _shown("Cost", "cost_low cost_high", "money", empty="no tariff", suffix="currency"),
        _shown("kg CO2e", "kgco2e", "energy", empty="no factor"),
        _shown("Status", "episode_status"),
        _shown("Cause", "root_cause", empty="not named"),
    ),
    "avoidable": (
        *_METER,
        _shown("Rule", "rule", "words"),
        _shown("Hours", "episode_hours", "count"),
        _shown("Counted, kWh", "counted_low_kwh counted_high_kwh", "energy"),
        _shown("Cost", "cost_low cost_high", "money", empty="no tariff", suffix="currency"),
        _shown("kg CO2e", "kgco2e", "energy", empty="no factor"),
    ),
    "measures": (
        _shown("Measure", "description"),
        *_METER,
        _shown("In place since", "implemented_on", "day"),
        _shown("Hours since", "reporting_hours", "count"),
        _shown("Avoided, kWh", "avoided_low_kwh avoided_high_kwh", "energy"),
        _shown("Detectable", "is_detectable", "yes_no"),
        _shown("Baseline suffices", "is_sufficient", "yes_no"),
        _shown("ASHRAE-14 uncertainty", "ashrae_uncertainty", "share", empty="not defined"),
        _shown("Saved so far", "cost_low cost_high", "money", empty="no tariff", suffix="currency"),
        _shown("Capex", "capex", "money", empty="not given", suffix="currency"),
        _shown("Payback, best case", "payback_best_years", "decimal", empty="none"),
        _shown("Payback, worst case", "payback_worst_years", "decimal", empty="none"),
    ),
    "baselines": (
        *_METER,
        _shown("Judged month", "usage_month", "month"),
        _shown("Model", "model_kind", "words"),
        _shown("Hours", "baseline_hours", "count"),
        _shown("Coverage", "baseline_coverage", "share"),
        _shown("With temperature", "temperature_coverage", "share"),
        _shown("CV(RMSE)", "cv_rmse", "share", empty="not fitted"),
        _shown("CV(RMSE) unseen", "cv_rmse_out_of_sample", "share", empty="not tested"),
        _shown("NMBE unseen", "nmbe_out_of_sample", "share", empty="not tested"),
        _shown("Sufficient", "is_sufficient", "yes_no"),
        _shown("Why not", "sufficiency_reasons", empty=""),
    ),
}
