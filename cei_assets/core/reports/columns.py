"""How the columns of a figure's rows are shown: heading, kind of value, what an empty one means."""

from collections.abc import Mapping
from dataclasses import dataclass

from cei_assets.core.reports.formats import formatted, is_missing
from cei_assets.core.reports.model import Row

MISSING = "missing"
_WHOLE = frozenset({"day", "clock", "moment", "month"})
_NUMERIC = frozenset(
    {"count", "hours", "energy", "ratio", "decimal", "share", "money", "cents", "quantity", "exact"}
)


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


def showing(
    heading: str,
    names: str,
    kind: str = "text",
    *,
    empty: str = MISSING,
    suffix: str | None = None,
    is_tag: bool = False,
) -> Shown:
    """A column as tables of columns declare it; `names` are separated by a blank."""
    return Shown(
        heading=heading,
        columns=tuple(names.split()),
        kind=kind,
        empty=empty,
        suffix=suffix,
        is_tag=is_tag,
    )


_METER = (showing("Site", "site_id"), showing("Meter", "meter_id"))
COLUMNS: Mapping[str, tuple[Shown, ...]] = {
    "scope": (
        showing("Sites", "sites", "count"),
        showing("Meters", "meters", "count"),
        showing("First day", "first_day", "day"),
        showing("Last day", "last_day", "day"),
        showing("Readings held", "received_intervals", "count"),
        showing("Completeness", "completeness_ratio", "share"),
        showing("Actionable episodes", "actionable_episodes", "count"),
    ),
    "headline": (
        showing("Sites judged", "sites", "count"),
        showing("Sites in all", "sites_in_all", "count"),
        showing("Use, kWh a year", "annual_use_kwh", "energy", empty="not judged yet"),
        showing("Avoidable share", "share_low share_high", "share", empty="not judged yet"),
        showing(
            "Avoidable, kWh a year",
            "annual_low_kwh annual_high_kwh",
            "energy",
            empty="not judged yet",
        ),
        showing("Baselines suffice", "sufficient_share", "share", empty="not judged yet"),
    ),
    "headline_cost": (
        showing("Currency", "currency"),
        showing("Sites", "sites", "count"),
        showing("Avoidable a year", "cost_low cost_high", "money", suffix="currency"),
    ),
    "headline_sites": (
        showing("Site", "site_id"),
        showing("Name", "site_name"),
        showing("Judged hours", "judged_hours", "count", empty="not judged yet"),
        showing("Use, kWh a year", "annual_use_kwh", "energy", empty="not judged yet"),
        showing("Avoidable share", "share_low share_high", "share", empty="not judged yet"),
        showing(
            "Avoidable, kWh a year",
            "annual_low_kwh annual_high_kwh",
            "energy",
            empty="not judged yet",
        ),
        showing("Baselines suffice", "sufficient_share", "share", empty="not judged yet"),
        showing(
            "Avoidable a year", "cost_low cost_high", "money", empty="no tariff", suffix="currency"
        ),
    ),
    "mapping": (
        showing("Site", "site_name"),
        showing("site_id", "site_id"),
        showing("Physical meter", "description"),
        showing("meter_id", "meter_id"),
        showing("Role", "role", "words"),
        showing("Part of", "parent_meter_id", empty="site total"),
        showing("Interval, s", "interval_seconds", "count"),
        showing("Timestamp marks", "interval_label"),
        showing("Expected from", "expected_from", "day"),
        showing("Expected to", "expected_to", "day", empty="until now"),
        showing("Time zone", "timezone"),
    ),
    "completeness": (
        *_METER,
        showing("First day", "first_day", "day"),
        showing("Last day", "last_day", "day"),
        showing("Expected", "expected_intervals", "count"),
        showing("Received", "received_intervals", "count"),
        showing("Completeness", "completeness_ratio", "share", empty="nothing expected"),
        showing("Gap hours", "gap_hours", "hours"),
        showing("Late hours", "late_hours", "hours"),
        showing("Estimated hours", "estimated_hours", "hours"),
        showing("Revisions", "revision_count", "count"),
    ),
    "gaps": (
        *_METER,
        showing("From, local time", "gap_start_local", "clock"),
        showing("Hours", "gap_hours", "hours"),
        showing("Still open", "is_open", "yes_no"),
        showing("3 h or more", "is_alarm", "yes_no"),
    ),
    "uploads": (
        showing("Source", "upload_source"),
        showing("Verdict", "status", "words"),
        showing("Files", "files", "count"),
        showing("Rows read", "rows_read", "count"),
        showing("Accepted", "rows_accepted", "count"),
        showing("Refused", "rows_rejected", "count"),
        showing("Exact duplicates", "rows_exact_duplicate", "count"),
        showing("First received, UTC", "first_received_utc", "clock"),
        showing("Last received, UTC", "last_received_utc", "clock"),
    ),
    "rejects": (
        showing("Code", "code"),
        showing("Rows", "rows", "count"),
        showing("Files", "files", "count"),
        showing("For example", "example"),
        showing("In file", "example_file"),
        showing("Line", "example_line", "count"),
    ),
    "episodes": (
        *_METER,
        showing("Rule", "rule", "words"),
        showing("Severity", "severity", is_tag=True),
        showing("First hour, local", "first_interval_local", "clock"),
        showing("Last hour, local", "last_interval_local", "clock"),
        showing("Hours", "episode_hours", "count"),
        showing("Level, kWh/h", "level_kwh", "energy"),
        showing("Reference, kWh/h", "reference_kwh", "energy"),
        showing("Excess, kWh", "excess_low_kwh excess_high_kwh", "energy"),
        showing("Cost", "cost_low cost_high", "money", empty="no tariff", suffix="currency"),
        showing("kg CO2e", "kgco2e", "energy", empty="no factor"),
        showing("Status", "episode_status"),
        showing("Cause", "root_cause", empty="not named"),
    ),
    "avoidable": (
        *_METER,
        showing("Rule", "rule", "words"),
        showing("Hours", "episode_hours", "count"),
        showing("Counted, kWh", "counted_low_kwh counted_high_kwh", "energy"),
        showing("Cost", "cost_low cost_high", "money", empty="no tariff", suffix="currency"),
        showing("kg CO2e", "kgco2e", "energy", empty="no factor"),
    ),
    "measures": (
        showing("Measure", "description"),
        *_METER,
        showing("In place since", "implemented_on", "day"),
        showing("Hours since", "reporting_hours", "count"),
        showing("Avoided, kWh", "avoided_low_kwh avoided_high_kwh", "energy"),
        showing("Detectable", "is_detectable", "yes_no"),
        showing("Baseline suffices", "is_sufficient", "yes_no"),
        showing("ASHRAE-14 uncertainty", "ashrae_uncertainty", "share", empty="not defined"),
        showing(
            "Saved so far", "cost_low cost_high", "money", empty="no tariff", suffix="currency"
        ),
        showing("Capex", "capex", "money", empty="not given", suffix="currency"),
        showing("Payback, best case", "payback_best_years", "decimal", empty="none"),
        showing("Payback, worst case", "payback_worst_years", "decimal", empty="none"),
    ),
    "baselines": (
        *_METER,
        showing("Judged month", "usage_month", "month"),
        showing("Model", "model_kind", "words"),
        showing("Hours", "baseline_hours", "count"),
        showing("Coverage", "baseline_coverage", "share"),
        showing("With temperature", "temperature_coverage", "share"),
        showing("CV(RMSE)", "cv_rmse", "share", empty="not fitted"),
        showing("CV(RMSE) unseen", "cv_rmse_out_of_sample", "share", empty="not tested"),
        showing("NMBE unseen", "nmbe_out_of_sample", "share", empty="not tested"),
        showing("Sufficient", "is_sufficient", "yes_no"),
        showing("Why not", "sufficiency_reasons", empty=""),
    ),
}
