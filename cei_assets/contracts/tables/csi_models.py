"""Tables of the CSI-Thermal programme that dbt builds: months, quantities, payments, marts."""

from cei_assets.contracts.model import Reference, Table
from cei_assets.contracts.tables.csi import (
    APPLICATION_NAMES,
    CELL_NAMES,
    FINDING_NAMES,
    LEDGER_NAMES,
    PAYMENT_NAMES,
    csi_table,
)


def _intermediate(name: str, description: str, names: str, grain: str) -> Table:
    return csi_table("intermediate", name, "csi", description, names, grain)


_COUNTS = (
    "interval_count empty_intervals zero_intervals unpaired_intervals negative_backup_intervals "
    "catch_up_intervals held_catch_up_intervals delivered_btu"
)

CSI_INTERMEDIATES: tuple[Table, ...] = (
    _intermediate(
        "int_csi_application_months",
        "What holds for an application in every month of its term, and in other months for which "
        "something was uploaded; rate and cap are those of the quarter's last month in the term.",
        "application_id application_month paid_quarter program_administrator pdp_id "
        "tank_configuration backup_type displaced_fuel quantity_unit conversion_method "
        "baseline_efficiency? rate? rate_unit? incentive_cap? due_at_utc is_in_term "
        "payment_obstacle?",
        "application_id application_month",
    ),
    _intermediate(
        "int_csi_late_decisions",
        "Every decision about a late upload with the time in which it held.",
        "receipt_id late_decision late_decided_at_utc late_decided_until_utc?",
        "receipt_id late_decided_at_utc",
    ),
    _intermediate(
        "int_csi_months_changed",
        "Months whose intervals the warehouse has to take in anew: their file changed, or what "
        "its rows are read with; a month without a file has gone.",
        "application_month modified_at_utc? size_bytes? input_digest?",
        "application_month",
    ),
    _intermediate(
        "int_csi_months_loaded",
        "The file of intervals that the warehouse holds of every month, and what it was read with.",
        "application_month modified_at_utc size_bytes input_digest?",
        "application_month",
    ),
    _intermediate(
        "int_csi_heat_counted",
        "Intervals of every upload that is or was a month's Success: counts, and heat and back-up "
        "fuel of those that count.",
        f"receipt_id application_id application_month {_COUNTS} backup_reading_sum",
        "receipt_id",
    ),
    _intermediate(
        "int_csi_quantities",
        "Fuel displaced, month by month, by every upload that is or was its Success.",
        "receipt_id application_id application_month is_effective effective_from_utc "
        f"effective_to_utc? csi_is_late {_COUNTS} backup_input_btu displaced_quantity?",
        "receipt_id",
    ),
    _intermediate(
        "int_csi_runs",
        "Payment runs that are due, sealed ones with the cutoff that they were sealed with.",
        "run_quarter run_cutoff_utc sealed_at_utc?",
        "run_quarter",
    ),
    _intermediate(
        "int_csi_entitlements",
        "What a quarter is worth at the cutoff of every run that is not sealed, whatever was paid.",
        "run_quarter application_id paid_quarter months_included receipts_included "
        "entitled_quantity quantity_unit baseline_efficiency conversion_method rate "
        "incentive_cap? uncapped_usd entitled_usd",
        "run_quarter application_id paid_quarter",
    ),
)

_OF_UPLOAD = Reference(columns=("receipt_id",), table="rpt_csi_performance_data")


def _mart(
    name: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    return csi_table("marts", name, "csi", description, names, grain, references)


CSI_MARTS: tuple[Table, ...] = (
    _mart(
        "dim_csi_applications",
        "Applications with provider, system, rate and term; a row per version.",
        f"{APPLICATION_NAMES} valid_from_month valid_to_month?",
        "application_id valid_from_month",
    ),
    _mart(
        "rpt_csi_performance_data",
        "Performance Data List: every upload with result, deadline, history and hash.",
        f"{LEDGER_NAMES} program_administrator?",
        "receipt_id",
    ),
    _mart(
        "fct_csi_findings",
        "What was found in every upload: rule, line, column, value, message.",
        f"receipt_id application_id? application_month? {FINDING_NAMES}",
        "receipt_id finding_number",
        (_OF_UPLOAD,),
    ),
    _mart(
        "fct_csi_intervals",
        "Intervals of the months' effective uploads on the fixed grid of 96 a day.",
        f"application_id application_month receipt_id line_number {CELL_NAMES}",
        "application_id interval_end_pst",
        (_OF_UPLOAD,),
    ),
    _mart(
        "fct_csi_months",
        "Every effective month: intervals, heat, displaced fuel, and whether it is paid.",
        "application_id application_month receipt_id tank_configuration backup_type "
        "displaced_fuel conversion_method baseline_efficiency? rate? rate_unit? interval_count "
        "grid_intervals empty_intervals zero_intervals unpaired_intervals "
        "negative_backup_intervals catch_up_intervals held_catch_up_intervals delivered_btu "
        "backup_input_btu displaced_quantity? quantity_unit csi_is_late late_decision? "
        "payable_status",
        "application_id application_month",
        (_OF_UPLOAD,),
    ),
    _mart(
        "fct_csi_payments",
        "Lines of payment runs: a quarter's payment, or what a later run adjusts of it.",
        f"{PAYMENT_NAMES} sealed_at_utc?",
        "run_quarter application_id paid_quarter quantity_unit",
    ),
    _mart(
        "rpt_csi_calendar",
        "Every month of every term: not due, open, overdue, success or success late.",
        "application_id application_month program_administrator pdp_id due_at_utc "
        "calendar_status receipt_id? attempts failures",
        "application_id application_month",
    ),
)
