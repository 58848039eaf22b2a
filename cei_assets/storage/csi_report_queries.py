"""The queries behind the pages on the CSI-Thermal programme, on the published marts.

Each is plain SQL that `cei sql` runs as it is printed; names with a dollar are put in as literals
before it is run and printed.
"""

from cei_assets.contracts.csi_vocabulary import PROGRAMME_ZONE

DETAILED = 100
"""Uploads whose details stand on the main page: so many newest, and so many newest failures."""


def pacific(column: str) -> str:
    """The column, naive UTC, on the clock of Los Angeles."""
    return f"{column} AT TIME ZONE 'UTC' AT TIME ZONE '{PROGRAMME_ZONE}'"


_NEWEST_FIRST = "submitted_at_utc DESC, received_at_utc DESC, receipt_id DESC"
_UPLOAD = f"""SELECT
    *,
    {pacific("submitted_at_utc")} AS submitted_pacific,
    {pacific("due_at_utc")} AS due_pacific,
    {pacific("late_decided_at_utc")} AS late_decided_pacific,
    {pacific("effective_from_utc")} AS effective_from_pacific,
    {pacific("effective_to_utc")} AS effective_to_pacific
FROM marts.rpt_csi_performance_data"""
_DETAILED = f"""row_number() OVER (ORDER BY {_NEWEST_FIRST}) <= {DETAILED}
    OR (
        csi_result = 'Failure'
        AND row_number() OVER (PARTITION BY csi_result ORDER BY {_NEWEST_FIRST}) <= {DETAILED}
    )"""
_FINDING_COLUMNS = """receipt_id, finding_number, csi_rule, csi_severity, line_number,
    column_letter, column_name, finding_value, message, rule_count"""
_ATTEMPT_COLUMNS = f"""receipt_id, application_id, application_month, file_type, attempt_number,
    form_filename, {pacific("submitted_at_utc")} AS submitted_pacific,
    csi_result, csi_is_late, is_effective, superseded_by_receipt_id"""

UPLOADS = f"""SELECT
    receipt_id, application_id, program_administrator, uploader_pdp, application_month, file_type,
    form_filename, {pacific("submitted_at_utc")} AS submitted_pacific,
    csi_result, csi_is_late, sha256
FROM marts.rpt_csi_performance_data
ORDER BY {_NEWEST_FIRST}"""

DETAILS = f"""{_UPLOAD}
QUALIFY {_DETAILED}
ORDER BY {_NEWEST_FIRST}"""

DETAIL_FINDINGS = f"""SELECT {_FINDING_COLUMNS}
FROM marts.fct_csi_findings
WHERE receipt_id IN (
    SELECT receipt_id FROM marts.rpt_csi_performance_data
    QUALIFY {_DETAILED}
)
ORDER BY receipt_id, finding_number"""

DETAIL_ATTEMPTS = f"""SELECT {_ATTEMPT_COLUMNS}
FROM marts.rpt_csi_performance_data
WHERE (application_id, application_month, file_type) IN (
    SELECT (application_id, application_month, file_type) FROM marts.rpt_csi_performance_data
    QUALIFY {_DETAILED}
)
ORDER BY application_id, application_month, file_type, attempt_number"""

SUMMARY = """SELECT
    count(*) AS uploads,
    count(*) FILTER (csi_result = 'Success') AS successes,
    count(*) FILTER (csi_result = 'Failure') AS failures,
    count(*) FILTER (csi_is_late) AS late,
    count(*) FILTER (superseded_by_receipt_id IS NOT NULL) AS superseded,
    (SELECT count(DISTINCT application_id) FROM marts.dim_csi_applications) AS applications,
    (
        SELECT count(*) FROM marts.rpt_csi_calendar
        WHERE calendar_status IN ('success', 'success late')
    ) AS months_accepted,
    (
        SELECT count(*) FROM marts.rpt_csi_calendar WHERE calendar_status = 'overdue'
    ) AS months_overdue
FROM marts.rpt_csi_performance_data"""

ADMINISTRATORS = """WITH calendar AS (
    SELECT
        program_administrator,
        count(DISTINCT application_id) AS applications,
        count(*) FILTER (calendar_status = 'success') AS months_success,
        count(*) FILTER (calendar_status = 'success late') AS months_success_late,
        count(*) FILTER (calendar_status = 'open') AS months_open,
        count(*) FILTER (calendar_status = 'overdue') AS months_overdue
    FROM marts.rpt_csi_calendar
    GROUP BY ALL
),

uploads AS (
    SELECT
        coalesce(program_administrator, 'unknown') AS program_administrator,
        count(*) AS uploads,
        count(*) FILTER (csi_result = 'Failure') AS failures,
        count(*) FILTER (csi_is_late) AS late
    FROM marts.rpt_csi_performance_data
    GROUP BY ALL
)

SELECT
    program_administrator, applications, uploads, failures, late, months_success,
    months_success_late, months_open, months_overdue
FROM calendar
FULL JOIN uploads USING (program_administrator)
ORDER BY program_administrator"""

FAILING_RULES = """SELECT
    csi_rule,
    count(DISTINCT receipt_id) AS uploads,
    arg_max(message, submitted_at_utc) AS latest_message
FROM marts.fct_csi_findings
JOIN (
    SELECT receipt_id, submitted_at_utc FROM marts.rpt_csi_performance_data
) USING (receipt_id)
WHERE csi_severity = 'reject'
GROUP BY csi_rule
ORDER BY uploads DESC, csi_rule"""

CALENDAR = f"""SELECT
    application_id, application_month, program_administrator, pdp_id, calendar_status,
    {pacific("due_at_utc")} AS due_pacific, receipt_id, attempts, failures
FROM marts.rpt_csi_calendar
ORDER BY application_id, application_month"""

UNREGISTERED = "unregistered"
_REGISTERED = "SELECT application_id FROM marts.dim_csi_applications"
ONE_APPLICATION = "application_id = $application"
NO_APPLICATION = f"(application_id IS NULL OR application_id NOT IN ({_REGISTERED}))"
MAX_UNREGISTERED = 500
"""Uploads on the page of those without a registered application, newest first."""


def _rows_of(mart: str) -> str:
    """What a page shows of a mart, as one number a page; a changed row changes it."""
    return f"""SELECT
        CASE WHEN application_id IN ({_REGISTERED}) THEN application_id ELSE '{UNREGISTERED}' END
            AS page,
        bit_xor(hash(shown)) AS digest
    FROM marts.{mart} AS shown
    GROUP BY ALL"""


FINGERPRINTS = (
    "WITH digests AS (\n    "
    + "\n    UNION ALL\n    ".join(
        _rows_of(mart)
        for mart in (
            "dim_csi_applications",
            "rpt_csi_calendar",
            "rpt_csi_performance_data",
            "fct_csi_findings",
            "fct_csi_months",
            "fct_csi_payments",
        )
    )
    + """
)

SELECT page, sha256(string_agg(digest::VARCHAR, ' ' ORDER BY digest)) AS fingerprint
FROM digests
GROUP BY page
ORDER BY page"""
)

APPLICATION_QUERIES: dict[str, str] = {
    "terms": """SELECT
    application_id, valid_from_month, valid_to_month, pdp_id, tank_configuration, backup_type,
    displaced_fuel, capacity_kwth, icf_approved, first_data_month, last_data_month,
    conversion_method, baseline_efficiency, rate, rate_unit, incentive_cap
FROM marts.dim_csi_applications
WHERE $scope
ORDER BY valid_from_month NULLS FIRST""",
    "calendar": f"""SELECT
    application_id, application_month, calendar_status,
    {pacific("due_at_utc")} AS due_pacific, pdp_id, attempts, failures, receipt_id
FROM marts.rpt_csi_calendar
WHERE $scope
ORDER BY application_month""",
    "details": f"""{_UPLOAD}
WHERE $scope
ORDER BY {_NEWEST_FIRST}""",
    "findings": f"""SELECT application_id, {_FINDING_COLUMNS}
FROM marts.fct_csi_findings
WHERE $scope
ORDER BY receipt_id, finding_number""",
    "months": """SELECT
    application_id, application_month, delivered_btu, backup_input_btu, baseline_efficiency,
    displaced_quantity, quantity_unit, interval_count, empty_intervals, zero_intervals,
    unpaired_intervals, negative_backup_intervals, catch_up_intervals, held_catch_up_intervals,
    payable_status, late_decision, receipt_id
FROM marts.fct_csi_months
WHERE $scope
ORDER BY application_month""",
    "payments": """SELECT
    application_id, run_quarter, paid_quarter, line_kind, months_included, entitled_quantity,
    line_quantity, quantity_unit, rate, uncapped_usd, entitled_usd, amount_usd
FROM marts.fct_csi_payments
WHERE $scope
ORDER BY run_quarter, paid_quarter, quantity_unit""",
}

LIST_QUERIES: dict[str, str] = {
    "uploads": UPLOADS,
    "details": DETAILS,
    "findings": DETAIL_FINDINGS,
    "attempts": DETAIL_ATTEMPTS,
    "summary": SUMMARY,
    "administrators": ADMINISTRATORS,
    "failing_rules": FAILING_RULES,
    "calendar": CALENDAR,
}

LIST_CSV = f"""SELECT
    application_id, program_administrator, uploader_pdp, application_month, file_type,
    form_filename, ({pacific("submitted_at_utc")})::TIMESTAMP_S AS received_pacific,
    submitted_at_utc::TIMESTAMP_S AS submitted_at_utc,
    ({pacific("due_at_utc")})::TIMESTAMP_S AS due_pacific, csi_result, csi_is_late, attempt_number,
    is_effective, data_rows, empty_intervals, zero_intervals, solar_btu_sum, total_btu_sum,
    backup_gas_therms_sum, backup_electric_kwh_sum, backup_propane_therms_sum, finding_count,
    warning_count, size_bytes, sha256, receipt_id, replaces_receipt_id, superseded_by_receipt_id,
    authorization_id, late_decision, validator_version, template_version
FROM marts.rpt_csi_performance_data
ORDER BY {_NEWEST_FIRST}"""
