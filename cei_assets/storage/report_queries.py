"""The queries behind every figure of the close-out report, on the published marts.

Each is plain SQL that `cei sql` runs as it is printed; `$organization`, `$site` and `$meter` are
put in as literals before it is run and printed, so that what is printed is what was run.
"""

from string import Template

_ORGANIZATION_SITES = """site_id IN (
    SELECT site_id FROM marts.dim_sites WHERE organization_id = $organization
)"""

# A file belongs to the organization of its readings; with one organization all files are its own.
_ORGANIZATION_FILES = f"""(
    receipt_id IN (SELECT receipt_id FROM marts.fct_interval_readings WHERE {_ORGANIZATION_SITES})
    OR (SELECT count(*) FROM marts.dim_organizations) = 1
)"""


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def filled(query: str, **values: str) -> str:
    """The query with its names replaced by literals."""
    return Template(query).substitute({name: literal(text) for name, text in values.items()})


ORGANIZATIONS = """SELECT organization_id, organization_name
FROM marts.dim_organizations
ORDER BY organization_id"""

SITES = """SELECT site_id, site_name, main_meter_id
FROM marts.dim_sites
LEFT JOIN marts.rpt_annual_avoidable USING (site_id)
WHERE organization_id = $organization
ORDER BY annual_high_kwh DESC NULLS LAST, annual_use_kwh DESC NULLS LAST, site_id"""

PILOT_QUERIES: dict[str, str] = {
    "scope": f"""SELECT
    (SELECT count(*) FROM marts.dim_sites WHERE organization_id = $organization) AS sites,
    (SELECT count(*) FROM marts.dim_meters WHERE {_ORGANIZATION_SITES}) AS meters,
    min(local_date) AS first_day,
    max(local_date) AS last_day,
    sum(received_intervals)::BIGINT AS received_intervals,
    sum(received_intervals) / nullif(sum(expected_intervals), 0) AS completeness_ratio,
    (
        SELECT count(*) FROM marts.fct_anomaly_episodes
        WHERE is_actionable AND {_ORGANIZATION_SITES}
    ) AS actionable_episodes
FROM marts.fct_completeness_daily
WHERE {_ORGANIZATION_SITES}""",
    "fingerprint": f"""SELECT
    count(*) AS files,
    sha256(string_agg(sha256 || ' ' || judgement_id, ',' ORDER BY receipt_id)) AS fingerprint
FROM marts.fct_uploads
WHERE {_ORGANIZATION_FILES}""",
    "headline": """SELECT
    count(annual_use_kwh) AS sites,
    count(*) AS sites_in_all,
    sum(annual_use_kwh) AS annual_use_kwh,
    sum(annual_low_kwh) / nullif(sum(annual_use_kwh), 0) AS share_low,
    sum(annual_high_kwh) / nullif(sum(annual_use_kwh), 0) AS share_high,
    sum(annual_low_kwh) AS annual_low_kwh,
    sum(annual_high_kwh) AS annual_high_kwh,
    avg(sufficient_share) AS sufficient_share
FROM marts.dim_sites
LEFT JOIN marts.rpt_annual_avoidable USING (site_id)
WHERE organization_id = $organization""",
    "headline_cost": f"""SELECT
    currency,
    count(*) AS sites,
    sum(annual_cost_low) AS cost_low,
    sum(annual_cost_high) AS cost_high
FROM marts.rpt_annual_avoidable
WHERE currency IS NOT NULL AND {_ORGANIZATION_SITES}
GROUP BY currency
ORDER BY currency""",
    "headline_sites": """SELECT
    site_id, site_name, judged_hours, annual_use_kwh,
    annual_low_kwh / nullif(annual_use_kwh, 0) AS share_low,
    annual_high_kwh / nullif(annual_use_kwh, 0) AS share_high,
    annual_low_kwh, annual_high_kwh, sufficient_share, currency,
    annual_cost_low AS cost_low,
    annual_cost_high AS cost_high
FROM marts.dim_sites
LEFT JOIN marts.rpt_annual_avoidable USING (site_id)
WHERE organization_id = $organization
ORDER BY annual_high_kwh DESC NULLS LAST, site_id""",
    "criteria": f"""SELECT site_id, metric, metric_value, metric_value_high, unit, target, is_met,
    query
FROM marts.rpt_pilot_scorecard
WHERE {_ORGANIZATION_SITES}
ORDER BY site_id, metric""",
    "mapping": """SELECT
    site_name, site_id, description, meter_id, role, parent_meter_id, interval_seconds,
    interval_label, expected_from, expected_to, timezone
FROM marts.dim_meters
JOIN marts.dim_sites USING (site_id)
WHERE organization_id = $organization
ORDER BY site_id, tree_depth, meter_id""",
    "completeness": f"""SELECT
    site_id, meter_id,
    min(local_date) AS first_day,
    max(local_date) AS last_day,
    sum(expected_intervals)::BIGINT AS expected_intervals,
    sum(received_intervals)::BIGINT AS received_intervals,
    sum(received_intervals) / nullif(sum(expected_intervals), 0) AS completeness_ratio,
    sum(gap_hours) AS gap_hours,
    sum(late_hours) AS late_hours,
    sum(estimated_hours) AS estimated_hours,
    sum(revision_count)::BIGINT AS revision_count
FROM marts.fct_completeness_daily
WHERE {_ORGANIZATION_SITES}
GROUP BY site_id, meter_id
ORDER BY completeness_ratio NULLS FIRST, site_id, meter_id""",
    "calendar": f"""SELECT site_id, meter_id, local_date, completeness_ratio
FROM marts.fct_completeness_daily
WHERE expected_intervals > 0 AND {_ORGANIZATION_SITES}
ORDER BY site_id, meter_id, local_date""",
    "gaps": f"""SELECT site_id, meter_id, gap_start_local, gap_hours, is_open, is_alarm
FROM marts.fct_gaps
WHERE {_ORGANIZATION_SITES}
ORDER BY gap_hours DESC, gap_start_utc, site_id, meter_id""",
    "uploads": f"""SELECT
    upload_source, status,
    count(*) AS files,
    sum(rows_read)::BIGINT AS rows_read,
    sum(rows_accepted)::BIGINT AS rows_accepted,
    sum(rows_rejected)::BIGINT AS rows_rejected,
    sum(rows_exact_duplicate)::BIGINT AS rows_exact_duplicate,
    min(received_at_utc) AS first_received_utc,
    max(received_at_utc) AS last_received_utc
FROM marts.fct_uploads
WHERE {_ORGANIZATION_FILES}
GROUP BY upload_source, status
ORDER BY upload_source, status""",
    "rejects": f"""SELECT
    code,
    count(*) AS rows,
    count(DISTINCT receipt_id) AS files,
    arg_min(detail, (received_at_utc, line_number)) AS example,
    arg_min(original_filename, (received_at_utc, line_number)) AS example_file,
    arg_min(line_number, (received_at_utc, line_number)) AS example_line
FROM marts.fct_rejects
JOIN (SELECT receipt_id, original_filename FROM marts.fct_uploads) USING (receipt_id)
WHERE {_ORGANIZATION_FILES}
GROUP BY code
ORDER BY rows DESC, code""",
    "episodes": f"""SELECT
    site_id, meter_id, rule, severity, first_interval_local, last_interval_local, episode_hours,
    level_kwh, reference_kwh, excess_low_kwh, excess_high_kwh, currency, cost_low, cost_high,
    kgco2e, episode_status, root_cause
FROM marts.fct_anomaly_episodes
WHERE {_ORGANIZATION_SITES}
ORDER BY is_actionable DESC, cost DESC NULLS LAST, excess_kwh DESC, episode_id""",
    "avoidable": f"""SELECT
    site_id, meter_id, rule,
    sum(episode_hours)::BIGINT AS episode_hours,
    sum(counted_low_kwh) AS counted_low_kwh,
    sum(counted_high_kwh) AS counted_high_kwh,
    currency,
    sum(cost_low) AS cost_low,
    sum(cost_high) AS cost_high,
    sum(kgco2e) AS kgco2e
FROM marts.fct_avoidable_energy
WHERE {_ORGANIZATION_SITES}
GROUP BY site_id, meter_id, rule, currency
ORDER BY sum(counted_kwh) DESC, site_id, meter_id, rule""",
    "measures": f"""SELECT
    description, site_id, meter_id, implemented_on, reporting_hours, avoided_low_kwh,
    avoided_high_kwh, is_detectable, is_sufficient, ashrae_uncertainty, currency, cost_low,
    cost_high, capex,
    CASE WHEN cost_high > 0 THEN capex / (cost_high * 8760 / reporting_hours) END
        AS payback_best_years,
    CASE WHEN cost_low > 0 THEN capex / (cost_low * 8760 / reporting_hours) END
        AS payback_worst_years
FROM marts.fct_avoided_energy
WHERE {_ORGANIZATION_SITES}
ORDER BY implemented_on, measure_id""",
    "baselines": f"""SELECT
    site_id, meter_id, usage_month, model_kind, baseline_hours, baseline_coverage,
    temperature_coverage, cv_rmse, cv_rmse_out_of_sample, nmbe_out_of_sample, is_sufficient,
    sufficiency_reasons
FROM marts.fct_baseline_models
WHERE {_ORGANIZATION_SITES}
QUALIFY usage_month = max(usage_month) OVER (PARTITION BY site_id, meter_id)
ORDER BY site_id, meter_id""",
}

SITE_QUERIES: dict[str, str] = {
    "profile": """SELECT
    CASE WHEN isodow(local_date) <= 5 THEN 'Monday to Friday' ELSE 'Saturday and Sunday' END
        AS day_type,
    local_hour,
    avg(level_kwh) AS metered_kwh,
    avg(counterfactual_kwh) AS expected_kwh,
    quantile_cont(level_kwh, 0.1) AS metered_p10_kwh,
    quantile_cont(level_kwh, 0.9) AS metered_p90_kwh,
    count(*) AS hours
FROM marts.fct_counterfactual_hourly
WHERE site_id = $site AND meter_id = $meter
GROUP BY day_type, local_hour
ORDER BY day_type, local_hour""",
    "heatmap": """SELECT local_date, local_hour, avg(hour_usage_kwh)::DOUBLE AS hour_usage_kwh
FROM marts.fct_usage_hourly
WHERE site_id = $site AND meter_id = $meter AND is_complete
GROUP BY local_date, local_hour
ORDER BY local_date, local_hour""",
    "cusum": """SELECT
    local_date,
    sum(residual_kwh) AS day_residual_kwh,
    sum(sum(residual_kwh)) OVER (ORDER BY local_date) AS cusum_kwh
FROM marts.fct_counterfactual_hourly
WHERE site_id = $site AND meter_id = $meter
GROUP BY local_date
ORDER BY local_date""",
}

MAPPING = """SELECT
    organization_id, organization_name, site_name, site_id, description, meter_id, role,
    parent_meter_id, interval_seconds, interval_label, expected_from, expected_to, timezone
FROM marts.dim_meters
JOIN marts.dim_sites USING (site_id)
JOIN marts.dim_organizations USING (organization_id)
ORDER BY organization_id, site_id, tree_depth, meter_id"""
