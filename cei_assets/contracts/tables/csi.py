"""Tables of the CSI-Thermal programme that Python writes: register, uploads, ledger, payment runs.

What every upload says and holds is judged on its own at intake (layer raw); the ledger is the
ordered pass over all of them (layer analysis); `csi_models` has what dbt makes of both.
"""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table


def csi_table(
    layer: str,
    name: str,
    subject: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    """A table of the programme; names and grain separated by blanks, `?` marks nullable columns."""
    return Table(
        name=name,
        layer=layer,
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
        references=references,
    )


APPLICATION_NAMES = (
    "application_id program_administrator pdp_id tank_configuration backup_type displaced_fuel "
    "icf_approved capacity_kwth baseline_efficiency? rate? rate_unit? incentive_cap? "
    "first_data_month last_data_month conversion_method"
)

CSI_APPLICATIONS = csi_table(
    "raw",
    "applications",
    "csi_register",
    "Applications of the programme; several rows where provider or system changed mid-term.",
    f"{APPLICATION_NAMES} valid_from_month? valid_to_month?",
    "application_id valid_from_month",
)
CSI_PDPS = csi_table(
    "raw",
    "pdps",
    "csi_register",
    "Performance data providers.",
    "pdp_id pdp_name? pdp_active",
    "pdp_id",
)
CSI_REPLACEMENTS = csi_table(
    "raw",
    "replacements",
    "csi_register",
    "One-use authorisations to replace a successful upload.",
    "authorization_id application_id application_month authorized_by authorized_at_utc "
    "replacement_reason replaces_receipt_id? late_decision?",
    "authorization_id",
)
CSI_LATE_DECISIONS = csi_table(
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
CELL_NAMES = (
    "interval_end_pst interval_end_utc gallons_text? solar_btu? total_btu? backup_gas_therms? "
    "backup_electric_kwh? backup_propane_therms? is_catch_up alarms? system_messages? "
    "system_events? trends?"
)
FINDING_NAMES = (
    "finding_number csi_rule csi_severity line_number? column_letter? column_name? "
    "finding_value? message rule_count"
)

CSI_UPLOADS = csi_table(
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
CSI_FINDINGS = csi_table(
    "raw",
    "csi_findings",
    "csi",
    "What the rules on form and content found, the first 20 of each rule.",
    f"receipt_id received_at_utc received_date {FINDING_NAMES}",
    "receipt_id finding_number",
)
CSI_INTERVALS = csi_table(
    "raw",
    "csi_intervals",
    "csi",
    "Intervals of uploads whose form and content hold, on the programme's grid.",
    f"receipt_id received_date line_number application_id application_month {CELL_NAMES}",
    "receipt_id interval_end_pst",
)
CSI_INTAKE_TABLES: tuple[Table, ...] = (CSI_UPLOADS, CSI_FINDINGS, CSI_INTERVALS)

LEDGER_NAMES = (
    "receipt_id upload_source original_filename sha256 size_bytes received_at_utc "
    f"{_FORM} attempt_number? csi_result content_result is_effective effective_from_utc? "
    "effective_to_utc? replaces_receipt_id? superseded_by_receipt_id? authorization_id? "
    f"late_decision? late_decided_at_utc? data_rows empty_intervals? zero_intervals? {_SUMS} "
    "finding_count warning_count validator_version template_version"
)
CSI_LEDGER = csi_table(
    "analysis",
    "ledger",
    "csi",
    "Every upload with what the ordered pass over the history of its month made of it.",
    LEDGER_NAMES,
    "receipt_id",
)
CSI_LEDGER_FINDINGS = csi_table(
    "analysis",
    "findings",
    "csi",
    "Findings that hold for every upload after the ordered pass.",
    f"receipt_id {FINDING_NAMES}",
    "receipt_id finding_number",
)
CSI_LEDGER_INTERVALS = csi_table(
    "analysis",
    "intervals",
    "csi",
    "Intervals of every upload that is or was its month's Success, by application month.",
    f"application_month application_id receipt_id line_number {CELL_NAMES}",
    "receipt_id interval_end_pst",
)
PAYMENT_NAMES = (
    "run_quarter run_cutoff_utc application_id paid_quarter line_kind months_included? "
    "receipts_included? entitled_quantity line_quantity quantity_unit baseline_efficiency "
    "conversion_method catch_up_setting rate incentive_cap? uncapped_usd entitled_usd amount_usd"
)
CSI_PAYMENT_LINES = csi_table(
    "analysis",
    "payment_lines",
    "csi",
    "Lines of sealed payment runs; written once, never changed.",
    f"{PAYMENT_NAMES} sealed_at_utc",
    "run_quarter application_id paid_quarter quantity_unit",
)
CSI_PAYMENT_RUNS = csi_table(
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

CSI_PARAMETERS = csi_table(
    "raw",
    "csi_parameters",
    "csi_build",
    "One row: clock and settings of this build of the programme's tables.",
    "as_of_utc is_full_refresh catch_up_setting",
    "",
)
