"""Tables of the CSI-Thermal programme: register, judged uploads, ledger, payment runs, marts.

What every upload says and holds is judged on its own at intake (layer raw); the ledger is the
ordered pass over all of them (layer analysis); quantities, quarters and payments follow in dbt.
"""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table


def _table(
    layer: str,
    name: str,
    subject: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    return Table(
        name=name,
        layer=layer,
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
        references=references,
    )


_APPLICATION = (
    "application_id program_administrator pdp_id tank_configuration backup_type displaced_fuel "
    "icf_approved capacity_kwth baseline_efficiency? rate? rate_unit? incentive_cap? "
    "first_data_month last_data_month conversion_method"
)

CSI_APPLICATIONS = _table(
    "raw",
    "applications",
    "csi_register",
    "Applications of the programme; several rows where provider or system changed mid-term.",
    f"{_APPLICATION} valid_from_month? valid_to_month?",
    "application_id valid_from_month",
)
CSI_PDPS = _table(
    "raw",
    "pdps",
    "csi_register",
    "Performance data providers.",
    "pdp_id pdp_name? pdp_active",
    "pdp_id",
)
CSI_REPLACEMENTS = _table(
    "raw",
    "replacements",
    "csi_register",
    "One-use authorisations to replace a successful upload.",
    "authorization_id application_id application_month authorized_by authorized_at_utc "
    "replacement_reason replaces_receipt_id? late_decision?",
    "authorization_id",
)
CSI_LATE_DECISIONS = _table(
    "raw",
    "late_decisions",
    "csi_register",
    "What administrators decided about months that came late.",
    "application_id application_month late_receipt_id? late_decision late_decided_by "
    "late_decided_at_utc",
    "application_id application_month late_decided_at_utc",
)
CSI_REGISTER_TABLES: tuple[Table, ...] = (
    CSI_APPLICATIONS,
    CSI_PDPS,
    CSI_REPLACEMENTS,
    CSI_LATE_DECISIONS,
)

_SUMS = (
    "solar_btu_sum? total_btu_sum? backup_gas_therms_sum? backup_electric_kwh_sum? "
    "backup_propane_therms_sum?"
)
_FORM = (
    "application_id? application_month? file_type? uploader_pdp? form_filename? submitted_at_utc "
    "due_at_utc? csi_is_late?"
)
_CELLS = (
    "interval_end_pst interval_end_utc gallons_text? solar_btu? total_btu? backup_gas_therms? "
    "backup_electric_kwh? backup_propane_therms? is_catch_up alarms? system_messages? "
    "system_events? trends?"
)
_FINDING = (
    "finding_number csi_rule csi_severity line_number? column_letter? column_name? "
    "finding_value? message rule_count"
)

CSI_UPLOADS = _table(
    "raw",
    "csi_uploads",
    "csi",
    "Verdict on form and content of every CSI upload, as it arrived.",
    "receipt_id upload_source original_filename sha256 size_bytes received_at_utc received_date "
    f"{_FORM} content_result data_rows empty_intervals? zero_intervals? {_SUMS} finding_count "
    "warning_count tank_configuration? backup_type? validator_version template_version "
    "judgement_id",
    "receipt_id",
)
CSI_FINDINGS = _table(
    "raw",
    "csi_findings",
    "csi",
    "What the rules on form and content found, the first 20 of each rule.",
    f"receipt_id received_at_utc received_date {_FINDING}",
    "receipt_id finding_number",
)
CSI_INTERVALS = _table(
    "raw",
    "csi_intervals",
    "csi",
    "Intervals of uploads whose form and content hold, on the programme's grid.",
    f"receipt_id received_date line_number application_id application_month {_CELLS}",
    "receipt_id interval_end_pst",
)
CSI_INTAKE_TABLES: tuple[Table, ...] = (CSI_UPLOADS, CSI_FINDINGS, CSI_INTERVALS)

_LEDGER = (
    "receipt_id upload_source original_filename sha256 size_bytes received_at_utc "
    f"{_FORM} attempt_number? csi_result content_result is_effective effective_from_utc? "
    "effective_to_utc? replaces_receipt_id? superseded_by_receipt_id? authorization_id? "
    f"late_decision? late_decided_at_utc? data_rows empty_intervals? zero_intervals? {_SUMS} "
    "finding_count warning_count validator_version template_version"
)
CSI_LEDGER = _table(
    "analysis",
    "ledger",
    "csi",
    "Every upload with what the ordered pass over the history of its month made of it.",
    _LEDGER,
    "receipt_id",
)
CSI_LEDGER_FINDINGS = _table(
    "analysis",
    "findings",
    "csi",
    "Findings that hold for every upload after the ordered pass.",
    f"receipt_id {_FINDING}",
    "receipt_id finding_number",
)
CSI_LEDGER_INTERVALS = _table(
    "analysis",
    "intervals",
    "csi",
    "Intervals of every upload that is or was its month's Success, by application month.",
    f"application_month application_id receipt_id line_number {_CELLS}",
    "receipt_id interval_end_pst",
)
_PAYMENT = (
    "run_quarter run_cutoff_utc application_id paid_quarter line_kind months_included? "
    "receipts_included? entitled_quantity line_quantity quantity_unit baseline_efficiency "
    "conversion_method catch_up_setting rate incentive_cap? uncapped_usd entitled_usd amount_usd"
)
CSI_PAYMENT_LINES = _table(
    "analysis",
    "payment_lines",
    "csi",
    "Lines of sealed payment runs; written once, never changed.",
    f"{_PAYMENT} sealed_at_utc",
    "run_quarter application_id paid_quarter",
)
CSI_PAYMENT_RUNS = _table(
    "analysis",
    "payment_runs",
    "csi",
    "Sealed payment runs, also those without a line.",
    "run_quarter run_cutoff_utc sealed_at_utc",
    "run_quarter",
)
CSI_LEDGER_TABLES: tuple[Table, ...] = (
    CSI_LEDGER,
    CSI_LEDGER_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_PAYMENT_LINES,
    CSI_PAYMENT_RUNS,
)

CSI_PARAMETERS = _table(
    "raw",
    "csi_parameters",
    "csi_build",
    "One row: clock and settings of this build of the programme's tables.",
    "as_of_utc is_full_refresh catch_up_setting",
    "",
)


def _intermediate(name: str, description: str, names: str, grain: str) -> Table:
    return _table("intermediate", name, "csi", description, names, grain)


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
    return _table("marts", name, "csi", description, names, grain, references)


CSI_MARTS: tuple[Table, ...] = (
    _mart(
        "dim_csi_applications",
        "Applications with provider, system, rate and term; a row per version.",
        f"{_APPLICATION} valid_from_month valid_to_month?",
        "application_id valid_from_month",
    ),
    _mart(
        "rpt_csi_performance_data",
        "Performance Data List: every upload with result, deadline, history and hash.",
        f"{_LEDGER} program_administrator?",
        "receipt_id",
    ),
    _mart(
        "fct_csi_findings",
        "What was found in every upload: rule, line, column, value, message.",
        f"receipt_id application_id? application_month? {_FINDING}",
        "receipt_id finding_number",
        (_OF_UPLOAD,),
    ),
    _mart(
        "fct_csi_intervals",
        "Intervals of the months' effective uploads on the fixed grid of 96 a day.",
        f"application_id application_month receipt_id line_number {_CELLS}",
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
        f"{_PAYMENT} sealed_at_utc?",
        "run_quarter application_id paid_quarter",
    ),
    _mart(
        "rpt_csi_calendar",
        "Every month of every term: not due, open, overdue, success or success late.",
        "application_id application_month program_administrator pdp_id due_at_utc "
        "calendar_status receipt_id? attempts failures",
        "application_id application_month",
    ),
)
