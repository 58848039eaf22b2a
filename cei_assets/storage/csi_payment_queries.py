"""The queries behind the payment report of the CSI-Thermal programme, on the published marts."""

from cei_assets.storage.csi_report_queries import pacific

PAYMENT_QUERIES: dict[str, str] = {
    "runs": f"""SELECT
    run_quarter,
    {pacific("run_cutoff_utc")} AS run_cutoff_pacific,
    max(sealed_at_utc) AS sealed_at_utc,
    count(*) FILTER (line_kind = 'payment') AS payments,
    count(*) FILTER (line_kind = 'adjustment') AS adjustments,
    count(DISTINCT application_id) AS applications,
    sum(amount_usd) FILTER (line_kind = 'payment') AS payments_usd,
    sum(amount_usd) FILTER (line_kind = 'adjustment') AS adjustments_usd,
    sum(amount_usd) AS amount_usd
FROM marts.fct_csi_payments
GROUP BY run_quarter, run_cutoff_utc
ORDER BY run_quarter DESC""",
    "lines": """SELECT
    run_quarter, application_id, paid_quarter, line_kind, months_included, receipts_included,
    entitled_quantity, line_quantity, quantity_unit, baseline_efficiency, conversion_method,
    catch_up_setting, rate, uncapped_usd, entitled_usd, amount_usd, incentive_cap,
    incentive_cap - sum(amount_usd) OVER (
        PARTITION BY application_id ORDER BY run_quarter, paid_quarter, quantity_unit
        ROWS UNBOUNDED PRECEDING
    ) AS cap_left_usd,
    entitled_usd < uncapped_usd AS is_capped,
    sealed_at_utc
FROM marts.fct_csi_payments
ORDER BY run_quarter DESC, application_id, paid_quarter, quantity_unit""",
    "subtotals": """SELECT
    run_quarter, application_id,
    count(*) AS lines,
    if(count(DISTINCT quantity_unit) = 1, sum(line_quantity), NULL) AS line_quantity,
    if(count(DISTINCT quantity_unit) = 1, any_value(quantity_unit), NULL) AS quantity_unit,
    sum(amount_usd) AS amount_usd
FROM marts.fct_csi_payments
GROUP BY run_quarter, application_id
ORDER BY run_quarter DESC, application_id""",
    "totals": """SELECT
    application_id,
    count(DISTINCT run_quarter) AS runs,
    sum(amount_usd) AS paid_usd,
    arg_max(incentive_cap, run_quarter) AS incentive_cap,
    arg_max(incentive_cap, run_quarter) - sum(amount_usd) AS cap_left_usd
FROM marts.fct_csi_payments
GROUP BY application_id
ORDER BY application_id""",
    "unpaid": f"""WITH latest_lines AS (
    SELECT application_id, months_included, entitled_usd, uncapped_usd
    FROM marts.fct_csi_payments
    QUALIFY row_number() OVER (
        PARTITION BY application_id, paid_quarter, quantity_unit ORDER BY run_quarter DESC
    ) = 1
),

included AS (
    SELECT
        application_id,
        strptime(unnest(string_split(months_included, ',')), '%Y-%m')::DATE AS application_month,
        CASE
            WHEN entitled_usd = 0 AND uncapped_usd > 0 THEN 'the cap was reached before'
            WHEN entitled_usd < uncapped_usd THEN 'paid in part: its quarter reached the cap'
            ELSE 'paid'
        END AS line_status
    FROM latest_lines
    WHERE months_included IS NOT NULL
),

unpaid AS (
    SELECT
        application_id, application_month, receipt_id, displaced_quantity, quantity_unit,
        CASE
            WHEN payable_status <> 'payable' THEN payable_status
            WHEN displaced_quantity = 0 THEN 'nothing displaced: heat empty or zero'
            WHEN line_status IS NULL THEN 'in no run yet: waits for the next one'
            WHEN line_status <> 'paid' THEN line_status
        END AS reason
    FROM marts.fct_csi_months
    LEFT JOIN included USING (application_id, application_month)
    UNION ALL
    SELECT
        application_id, application_month, NULL, NULL, NULL,
        'no accepted report: was due '
        || strftime({pacific("due_at_utc")}, '%Y-%m-%d %H:%M')
        || ' Pacific'
    FROM marts.rpt_csi_calendar
    WHERE calendar_status = 'overdue'
)

FROM unpaid
WHERE reason IS NOT NULL
ORDER BY application_id, application_month""",
    "left_out": """SELECT
    application_id, application_month, interval_count, unpaired_intervals,
    negative_backup_intervals, catch_up_intervals, held_catch_up_intervals, empty_intervals
FROM marts.fct_csi_months
WHERE unpaired_intervals + negative_backup_intervals + catch_up_intervals
    + held_catch_up_intervals > 0
ORDER BY application_id, application_month""",
    "terms": """SELECT
    application_id, valid_from_month, valid_to_month, program_administrator, pdp_id,
    tank_configuration, backup_type, displaced_fuel, conversion_method, baseline_efficiency, rate,
    rate_unit, incentive_cap, first_data_month, last_data_month
FROM marts.dim_csi_applications
ORDER BY application_id, valid_from_month NULLS FIRST""",
    "settings": """SELECT
    'catch_up' AS name, catch_up_setting AS setting, count(*) AS rows
FROM marts.fct_csi_payments GROUP BY ALL
UNION ALL
SELECT 'conversion_method', conversion_method, count(*) FROM marts.fct_csi_payments GROUP BY ALL
UNION ALL
SELECT 'validator_version', validator_version, count(*)
FROM marts.rpt_csi_performance_data WHERE is_effective GROUP BY ALL
UNION ALL
SELECT 'template_version', template_version, count(*)
FROM marts.rpt_csi_performance_data WHERE is_effective GROUP BY ALL
ORDER BY ALL""",
}
