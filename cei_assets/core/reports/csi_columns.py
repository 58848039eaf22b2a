"""Columns and words of the tables on the CSI-Thermal pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from cei_assets.core.reports.block import Block, table_block
from cei_assets.core.reports.columns import Shown, showing
from cei_assets.core.reports.model import Figure


@dataclass(frozen=True, kw_only=True)
class TableWords:
    """A table of a page: its title, columns, note, most rows, and what an empty one says."""

    title: str
    columns: tuple[Shown, ...]
    empty: str
    note: str = ""
    limit: int | None = None


_APPLICATION = showing("Application", "application_id", empty="none given")
_MONTH = showing("Month", "application_month", "month", empty="none given")
_COUNTS = (
    showing("Unpaired intervals", "unpaired_intervals", "count"),
    showing("Negative back-up", "negative_backup_intervals", "count"),
    showing("Catch-up values", "catch_up_intervals", "count"),
    showing("Catch-up left out", "held_catch_up_intervals", "count"),
)
_TERMS = (
    showing("From", "valid_from_month", "month", empty="the beginning"),
    showing("To", "valid_to_month", "month", empty="the end"),
    showing("PDP", "pdp_id"),
    showing("Tanks", "tank_configuration", "count"),
    showing("Back-up", "backup_type"),
    showing("Displaces", "displaced_fuel"),
    showing("Conversion", "conversion_method", "words"),
    showing("Efficiency", "baseline_efficiency", "exact", empty="not given"),
    showing("Rate, USD", "rate", "exact", empty="not given"),
    showing("per", "rate_unit", empty="not given"),
    showing("Cap, USD", "incentive_cap", "cents", empty="no cap"),
    showing("First month", "first_data_month", "month"),
    showing("Last month", "last_data_month", "month"),
)
WORDS: Mapping[str, TableWords] = {
    "administrators": TableWords(
        title="By administrator",
        columns=(
            showing("Administrator", "program_administrator"),
            showing("Applications", "applications", "count", empty="none"),
            showing("Uploads", "uploads", "count", empty="none"),
            showing("Failures", "failures", "count", empty="none"),
            showing("Late", "late", "count", empty="none"),
            showing("Months success", "months_success", "count", empty="none"),
            showing("Success late", "months_success_late", "count", empty="none"),
            showing("Open", "months_open", "count", empty="none"),
            showing("Overdue", "months_overdue", "count", empty="none"),
        ),
        empty="No application is registered and nothing was uploaded.",
    ),
    "failing_rules": TableWords(
        title="Why uploads fail",
        columns=(
            showing("Rule", "csi_rule"),
            showing("Uploads", "uploads", "count"),
            showing("Latest message", "latest_message"),
        ),
        empty="No upload failed.",
    ),
    "terms": TableWords(
        title="Terms",
        columns=_TERMS,
        empty="The application is not in the register.",
        note="As registered in csi_applications.csv; a row per version.",
    ),
    "months": TableWords(
        title="Accepted months",
        columns=(
            _MONTH,
            showing("Heat counted, BTU", "delivered_btu", "count"),
            showing("Back-up input, BTU", "backup_input_btu", "count"),
            showing("Efficiency", "baseline_efficiency", "exact", empty="not given"),
            showing("Displaced", "displaced_quantity", "quantity", empty="not known"),
            showing("Unit", "quantity_unit"),
            showing("Intervals", "interval_count", "count"),
            showing("Empty", "empty_intervals", "count"),
            showing("Zero", "zero_intervals", "count"),
            *_COUNTS,
            showing("Late decision", "late_decision", empty=""),
            showing("Paid?", "payable_status"),
        ),
        empty="No month was accepted yet.",
    ),
    "payments": TableWords(
        title="Payment lines",
        columns=(
            showing("Run", "run_quarter"),
            showing("Pays", "paid_quarter"),
            showing("Kind", "line_kind", is_tag=True),
            showing("Months", "months_included", empty="none"),
            showing("Entitled quantity", "entitled_quantity", "quantity"),
            showing("Line quantity", "line_quantity", "quantity"),
            showing("Unit", "quantity_unit"),
            showing("Rate, USD", "rate", "exact"),
            showing("Before cap, USD", "uncapped_usd", "cents"),
            showing("Entitled, USD", "entitled_usd", "cents"),
            showing("Amount, USD", "amount_usd", "cents"),
        ),
        empty="Nothing was paid yet.",
    ),
    "totals": TableWords(
        title="Cap left by application",
        columns=(
            _APPLICATION,
            showing("Runs", "runs", "count"),
            showing("Paid so far, USD", "paid_usd", "cents"),
            showing("Cap, USD", "incentive_cap", "cents", empty="no cap"),
            showing("Cap left, USD", "cap_left_usd", "cents", empty="no cap"),
        ),
        empty="Nothing was paid yet.",
    ),
    "unpaid": TableWords(
        title="Months not paid, or not in full",
        columns=(
            _APPLICATION,
            _MONTH,
            showing("Reason", "reason"),
            showing("Displaced", "displaced_quantity", "quantity", empty="not known"),
            showing("Unit", "quantity_unit", empty=""),
        ),
        empty="Every month that is due was paid in full.",
        limit=2000,
    ),
    "left_out": TableWords(
        title="Intervals left out or to be reviewed",
        columns=(
            _APPLICATION,
            _MONTH,
            showing("Intervals", "interval_count", "count"),
            *_COUNTS,
            showing("Empty", "empty_intervals", "count"),
        ),
        empty="No interval was left out, and no value catches up.",
        note="Unpaired and negative back-up intervals are not paid; catch-up values follow the "
        "setting.",
        limit=2000,
    ),
    "registered_terms": TableWords(
        title="Efficiency, rate and cap of every application",
        columns=(_APPLICATION, showing("Administrator", "program_administrator"), *_TERMS),
        empty="No application is registered.",
        note="Columns baseline_efficiency, rate, rate_unit and incentive_cap of "
        "register/csi_applications.csv. No default stands in for an empty one: such months are "
        "not paid.",
    ),
}


def worded_block(figure: Figure, *, words: str | None = None) -> Block:
    """The figure as a table with the words of its key, or with others."""
    told = WORDS[words or figure.key]
    return table_block(
        figure,
        columns=told.columns,
        title=told.title,
        note=told.note,
        empty=told.empty,
        limit=told.limit,
    )
