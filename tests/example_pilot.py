"""A warehouse file with the marts of a small invented pilot, for tests of what reads them.

Two or more sites with a main incomer, a compressor and a ventilation meter each; plausible loads
with shifts and weekends, a gap, compressors left on at night, rejects, revisions and a measure.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.marts import MART_TABLES

TABLES = {table.name: table for table in MART_TABLES}
CURRENCY = "EUR"


@dataclass(frozen=True, kw_only=True)
class ExamplePilot:
    """What the example holds: its length and which parts are left out."""

    sites: int = 2
    days: int = 63
    first_day: str = "2026-01-05"
    has_tariff: bool = True
    has_episodes: bool = True
    organizations: int = 1


def write_warehouse(path: Path, pilot: ExamplePilot | None = None) -> Path:
    """Write the example's warehouse file, with a staging view that names a path, as dbt does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA staging; CREATE SCHEMA intermediate; CREATE SCHEMA marts")
        other = path.parent / "rows.parquet"
        connection.execute(f"COPY (SELECT 1 AS i) TO '{other}'")
        connection.execute(f"CREATE VIEW staging.stg_rows AS FROM read_parquet('{other}')")
        connection.execute("CREATE TABLE intermediate.int_rows AS FROM staging.stg_rows")
        for table in MART_TABLES:
            connection.execute(create_table(table, schema="marts"))
        connection.execute("USE marts")
        _fill(connection, pilot or ExamplePilot())
    return path


def _fill(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    _register(connection, pilot)
    _hours(connection, pilot)
    _readings(connection)
    _completeness(connection, pilot)
    _uploads(connection)
    _baselines(connection)
    if pilot.has_episodes:
        _episodes(connection, pilot)
    _savings(connection, pilot)
    _scorecard(connection, pilot)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].column_names)
    connection.execute(f"INSERT INTO marts.{table} BY NAME SELECT {columns} FROM ({query})")


def _register(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    _insert(
        connection,
        "dim_organizations",
        f"""SELECT 'org_' || o AS organization_id, 'Officine ' || o AS organization_name
        FROM range(1, {pilot.organizations + 1}) AS t(o)""",
    )
    _insert(
        connection,
        "dim_sites",
        f"""SELECT format('plant_{{:02d}}', s) AS site_id, 'Plant ' || s AS site_name,
        'org_' || (1 + s % {pilot.organizations}) AS organization_id,
        'Europe/Rome' AS timezone, 'IT' AS country, NULL AS subdivision,
        4200.0 + 100 * s AS floor_area_m2, 'station_1' AS station_id, 'main' AS main_meter_id
        FROM range(1, {pilot.sites + 1}) AS t(s)""",
    )
    _insert(
        connection,
        "dim_meters",
        f"""SELECT site_id, meter_id, description, role, parent_meter_id, tree_depth,
        3600 AS interval_seconds, 'start' AS interval_label,
        DATE '{pilot.first_day}' AS expected_from, NULL AS expected_to
        FROM dim_sites, (VALUES
            ('main', 'Main incomer, transformer 1', 'main_incomer', NULL, 0),
            ('compressors', 'Compressor bank', 'submeter', 'main', 1),
            ('hvac', 'Ventilation & heating', 'submeter', 'main', 1)
        ) AS m(meter_id, description, role, parent_meter_id, tree_depth)""",
    )
    if pilot.has_tariff:
        _insert(
            connection,
            "dim_tariffs",
            f"""SELECT site_id, DATE '2025-01-01' AS valid_from, NULL AS valid_to,
            '{CURRENCY}' AS currency, price AS price_per_kwh, hour_from, hour_to,
            0 AS weekday_from, 6 AS weekday_to
            FROM dim_sites, (VALUES (0.182, 0, 8), (0.241, 8, 19), (0.182, 19, 24))
            AS p(price, hour_from, hour_to)""",
        )


def _hours(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    """Every expected hour with its needed and metered energy; waste on nights of two weeks."""
    connection.execute(
        f"""CREATE TEMP TABLE hours AS
        WITH grid AS (
            SELECT site_id, meter_id, timezone,
                unnest(generate_series(
                    timezone('UTC', timezone(timezone, TIMESTAMP '{pilot.first_day}')),
                    timezone('UTC', timezone(timezone,
                        TIMESTAMP '{pilot.first_day}' + INTERVAL {pilot.days} DAY))
                    - INTERVAL 1 HOUR, INTERVAL 1 HOUR)) AS hour_start_utc
            FROM dim_meters JOIN dim_sites USING (site_id)
        ), clock AS (
            SELECT *, timezone(timezone, timezone('UTC', hour_start_utc)) AS hour_start_local
            FROM grid
        ), labelled AS (
            SELECT *, hour_start_local::DATE AS local_date,
                hour(hour_start_local)::INTEGER AS local_hour,
                date_trunc('month', hour_start_local)::DATE AS usage_month,
                isodow(hour_start_local) <= 5 AND hour(hour_start_local) BETWEEN 6 AND 21
                    AS is_working,
                hash(site_id || meter_id || hour_start_utc) % 1000 / 1000.0 - 0.5 AS noise,
                (hour_start_local::DATE - DATE '{pilot.first_day}') AS day_number
            FROM clock
        ), loads AS (
            SELECT *,
                CASE meter_id WHEN 'main' THEN 48 WHEN 'compressors' THEN 6 ELSE 11 END
                * (1 + CASE WHEN is_working THEN
                    1.6 + 0.5 * sin((local_hour - 6) * pi() / 16) ELSE 0 END) AS needed
            FROM labelled
        ), waste AS (
            SELECT *, CASE WHEN {pilot.has_episodes} AND NOT is_working AND meter_id <> 'hvac'
                AND day_number BETWEEN 21 AND 34 THEN 9.5 ELSE 0 END AS wasted
            FROM loads
        )
        SELECT * EXCLUDE (noise), round(needed * (1 + 0.12 * noise) + wasted, 3)::DECIMAL(18,9)
            AS usage_kwh,
            NOT (meter_id = 'hvac' AND day_number = 10 AND local_hour BETWEEN 3 AND 11)
            AND NOT (meter_id = 'hvac' AND site_id = 'plant_02' AND day_number >= 40)
            AS is_received
        FROM waste"""
    )


def _readings(connection: duckdb.DuckDBPyConnection) -> None:
    _insert(
        connection,
        "fct_interval_readings",
        """SELECT site_id, meter_id, hour_start_utc AS interval_start_utc,
        3600 AS interval_seconds, hour_start_local AS interval_start_local, local_date,
        usage_month, usage_kwh, 'unknown' AS reading_quality, 'forward' AS flow_direction,
        'csv_drop' AS upload_source,
        substr(md5(site_id || usage_month), 1, 16) AS receipt_id,
        2 + row_number() OVER (PARTITION BY site_id, usage_month
            ORDER BY meter_id, hour_start_utc) AS line_number,
        usage_month + INTERVAL 32 DAY AS received_at_utc, false AS is_late, 1 AS version_count
        FROM hours WHERE is_received""",
    )
    _insert(
        connection,
        "fct_usage_hourly",
        """SELECT site_id, meter_id, hour_start_utc, hour_start_local, local_date, local_hour,
        usage_month, usage_kwh AS hour_usage_kwh, 1 AS expected_intervals,
        1 AS received_intervals, 1.0 AS coverage, true AS is_complete
        FROM hours WHERE is_received""",
    )
    _insert(
        connection,
        "fct_usage_daily",
        """SELECT site_id, meter_id, local_date, usage_month,
        sum(usage_kwh) FILTER (is_received) AS day_usage_kwh, count(*) AS expected_intervals,
        count(*) FILTER (is_received) AS received_intervals,
        received_intervals / expected_intervals AS coverage,
        received_intervals = expected_intervals AS is_complete
        FROM hours GROUP BY ALL HAVING received_intervals > 0""",
    )


def _completeness(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    _insert(
        connection,
        "fct_completeness_daily",
        """SELECT site_id, meter_id, local_date, usage_month, count(*) AS expected_intervals,
        count(*) FILTER (is_received) AS received_intervals,
        received_intervals / expected_intervals AS completeness_ratio,
        (expected_intervals - received_intervals)::DOUBLE AS gap_hours,
        (gap_hours > 0)::BIGINT AS gap_count, gap_hours AS longest_gap_hours,
        0.0 AS late_hours, 0.0 AS estimated_hours, 0 AS revision_count
        FROM hours GROUP BY site_id, meter_id, local_date, usage_month""",
    )
    _insert(
        connection,
        "fct_gaps",
        f"""SELECT site_id, meter_id, min(hour_start_utc) AS gap_start_utc,
        max(hour_start_utc) + INTERVAL 1 HOUR AS gap_end_utc,
        min(hour_start_local) AS gap_start_local, count(*) AS missing_intervals,
        count(*)::DOUBLE AS gap_hours, max(day_number) = {pilot.days - 1} AS is_open,
        count(*) >= 3 AS is_alarm
        FROM hours WHERE NOT is_received GROUP BY site_id, meter_id, day_number >= 40""",
    )


def _uploads(connection: duckdb.DuckDBPyConnection) -> None:
    _insert(
        connection,
        "fct_uploads",
        """SELECT receipt_id, 'csv_drop' AS upload_source,
        site_id || '_' || strftime(usage_month, '%Y-%m') || '.csv' AS original_filename,
        sha256(receipt_id) AS sha256, 42 * count(*) AS size_bytes,
        min(received_at_utc) AS received_at_utc, received_at_utc::DATE AS received_date,
        CASE WHEN site_id = 'plant_01' THEN 'partial' ELSE 'accepted' END AS status,
        CASE WHEN site_id = 'plant_01' THEN '3 rows were refused' END AS detail,
        NULL AS warnings, 'utf-8' AS encoding, ';' AS delimiter,
        count(*) + 3 * (site_id = 'plant_01')::INTEGER AS rows_read, count(*) AS rows_accepted,
        3 * (site_id = 'plant_01')::INTEGER AS rows_rejected, 0 AS rows_exact_duplicate,
        'j1' AS judgement_id
        FROM fct_interval_readings GROUP BY receipt_id, site_id, usage_month, received_date""",
    )
    _insert(
        connection,
        "fct_rejects",
        """SELECT receipt_id, upload_source, received_at_utc, received_date,
        9000 + line AS line_number, NULL AS record_index, 'org_1' AS organization_id, code,
        column_name, r.detail,
        'plant_01' AS site_id_text, meter AS meter_id_text, stamp AS timestamp_text,
        value AS value_text, 'kWh' AS unit_text, NULL AS raw_text
        FROM fct_uploads, (VALUES
            (1, 'UNKNOWN_METER', 'meter_id', 'meter <boiler> is not registered at plant_01',
                '<boiler>', '2026-01-05T00:00:00Z', '4.2'),
            (2, 'INVALID_VALUE', 'value', 'value is -3.0, expected 0 or more', 'hvac',
                '2026-01-05T01:00:00Z', '-3.0'),
            (3, 'INVALID_VALUE', 'value', 'value is NaN, expected a number', 'hvac',
                '2026-01-05T02:00:00Z', 'NaN')
        ) AS r(line, code, column_name, detail, meter, stamp, value)
        WHERE rows_rejected > 0""",
    )
    _insert(
        connection,
        "fct_error_counts_daily",
        """SELECT received_date, upload_source, code, organization_id, site_id_text AS site_id,
        CASE WHEN meter_id_text = 'hvac' THEN 'hvac' END AS meter_id, count(*) AS error_count
        FROM fct_rejects GROUP BY ALL""",
    )
    _insert(
        connection,
        "fct_revisions",
        """SELECT site_id, meter_id, interval_start_utc, 1 AS revision_number, usage_kwh,
        usage_kwh + 1 AS previous_usage_kwh, received_at_utc,
        received_at_utc - INTERVAL 1 DAY AS previous_received_at_utc, receipt_id,
        receipt_id AS previous_receipt_id
        FROM fct_interval_readings
        WHERE meter_id = 'main' AND local_date = (SELECT min(local_date) + 7 FROM hours)""",
    )


def _baselines(connection: duckdb.DuckDBPyConnection) -> None:
    _insert(
        connection,
        "fct_baseline_models",
        """SELECT site_id || '/' || meter_id || '/' || strftime(usage_month, '%Y-%m') AS model_id,
        site_id, meter_id, usage_month,
        CASE meter_id WHEN 'hvac' THEN 'robust_profile' ELSE 'towt' END AS model_kind,
        usage_month - INTERVAL 365 DAY AS baseline_start_utc,
        usage_month::TIMESTAMP AS baseline_end_utc,
        CASE meter_id WHEN 'hvac' THEN 610 ELSE 8566 END AS baseline_hours,
        CASE meter_id WHEN 'hvac' THEN 48 ELSE 180 END AS parameter_count,
        CASE meter_id WHEN 'hvac' THEN 0.71 ELSE 0.978 END AS baseline_coverage,
        0.99 AS temperature_coverage, meter_id <> 'hvac' AS is_sufficient,
        CASE meter_id WHEN 'hvac' THEN
            'baseline of 25 days is shorter than 365; 71 % of hours, 90 % needed' END
            AS sufficiency_reasons,
        0.081 AS cv_rmse, 0.0 AS nmbe,
        CASE meter_id WHEN 'hvac' THEN 0.342 ELSE 0.117 END AS cv_rmse_out_of_sample,
        0.012 AS nmbe_out_of_sample, 0.61 AS autocorrelation, NULL AS coefficients
        FROM (SELECT DISTINCT site_id, meter_id, usage_month FROM hours)""",
    )
    _insert(
        connection,
        "fct_counterfactual_hourly",
        """SELECT site_id, meter_id, hour_start_utc, hour_start_local, local_date, local_hour,
        usage_month, model_id, usage_kwh::DOUBLE AS level_kwh, needed AS counterfactual_kwh,
        usage_kwh::DOUBLE - needed AS residual_kwh, 0.05 * needed AS residual_scale_kwh
        FROM hours JOIN fct_baseline_models USING (site_id, meter_id, usage_month)
        WHERE is_received""",
    )


def _episodes(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    currency = f"'{CURRENCY}'" if pilot.has_tariff else "NULL"
    price = "0.19" if pilot.has_tariff else "NULL"
    connection.execute(
        f"""CREATE TEMP TABLE flagged AS
        SELECT *, CASE WHEN isodow(local_date) <= 5 THEN 'night_load' ELSE 'weekend_load' END
            AS rule, usage_kwh::DOUBLE - needed AS excess,
            {currency} AS currency, ({price})::DECIMAL(12,6) AS price
        FROM hours WHERE wasted > 0 AND is_received"""
    )
    _insert(
        connection,
        "fct_anomaly_episodes",
        """SELECT substr(md5(site_id || meter_id || rule), 1, 12) AS episode_id, site_id, meter_id,
        rule, CASE meter_id WHEN 'compressors' THEN 'critical' ELSE 'warning' END AS severity,
        min(hour_start_utc) AS first_interval_utc, max(hour_start_utc) AS last_interval_utc,
        min(hour_start_local) AS first_interval_local,
        max(hour_start_local) AS last_interval_local, count(*) AS episode_hours,
        avg(usage_kwh)::DOUBLE AS level_kwh, avg(needed) AS reference_kwh,
        sum(excess) AS excess_kwh, 0.8 * sum(excess) AS excess_low_kwh,
        1.2 * sum(excess) AS excess_high_kwh,
        CASE meter_id WHEN 'compressors' THEN sum(excess) ELSE 0 END AS counted_kwh,
        any_value(currency) AS currency, round(sum(excess) * any_value(price), 2) AS cost,
        round(0.8 * sum(excess) * any_value(price), 2) AS cost_low,
        round(1.2 * sum(excess) * any_value(price), 2) AS cost_high,
        0.27 * sum(excess) AS kgco2e, 6.3 AS score, meter_id = 'compressors' AS is_actionable,
        CASE WHEN rule = 'night_load' THEN 'acknowledged' ELSE 'open' END AS episode_status,
        CASE WHEN rule = 'night_load' THEN 'no timer' END AS root_cause, NULL AS owner,
        NULL AS note
        FROM flagged GROUP BY site_id, meter_id, rule""",
    )
    _insert(
        connection,
        "fct_avoidable_energy",
        """SELECT site_id, meter_id, rule, usage_month, count(*) AS episode_hours,
        sum(excess) AS counted_kwh, 0.8 * sum(excess) AS counted_low_kwh,
        1.2 * sum(excess) AS counted_high_kwh, any_value(currency) AS currency,
        round(sum(excess) * any_value(price), 2) AS cost,
        round(0.8 * sum(excess) * any_value(price), 2) AS cost_low,
        round(1.2 * sum(excess) * any_value(price), 2) AS cost_high,
        0.27 * sum(excess) AS kgco2e
        FROM flagged WHERE meter_id = 'compressors'
        GROUP BY site_id, meter_id, rule, usage_month""",
    )


def _savings(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    currency = f"'{CURRENCY}'" if pilot.has_tariff else "NULL"
    price = "0.19" if pilot.has_tariff else "NULL"
    _insert(
        connection,
        "rpt_annual_avoidable",
        f"""SELECT site_id, count(*) AS judged_hours, sum(level_kwh) AS metered_kwh,
        sum(level_kwh) / count(*) * 8760 AS annual_use_kwh,
        0.031 * annual_use_kwh * {pilot.has_episodes}::INTEGER AS annual_low_kwh,
        0.042 * annual_use_kwh * {pilot.has_episodes}::INTEGER AS annual_mid_kwh,
        0.056 * annual_use_kwh * {pilot.has_episodes}::INTEGER AS annual_high_kwh,
        1.0 AS sufficient_share,
        {currency} AS currency,
        round(annual_low_kwh * {price}, 2) AS annual_cost_low,
        round(annual_high_kwh * {price}, 2) AS annual_cost_high
        FROM fct_counterfactual_hourly WHERE meter_id = 'main' GROUP BY site_id""",
    )
    _insert(
        connection,
        "fct_avoided_energy",
        f"""SELECT 'm_' || row_number() OVER (ORDER BY site_id) AS measure_id, site_id,
        'compressors' AS meter_id, 'Timer on the compressor bank' AS description,
        (SELECT min(local_date) + 35 FROM hours) AS implemented_on, 'towt' AS model_kind,
        min(hour_start_utc) - INTERVAL 365 DAY AS baseline_start_utc,
        min(hour_start_utc) AS baseline_end_utc, 8566 AS baseline_hours,
        min(hour_start_utc) AS reporting_start_utc,
        max(hour_start_utc) + INTERVAL 1 HOUR AS reporting_end_utc,
        count(*) AS reporting_hours, sum(level_kwh) AS metered_kwh,
        1.12 * sum(level_kwh) AS counterfactual_kwh, 0.12 * sum(level_kwh) AS avoided_kwh,
        0.05 * sum(level_kwh) AS avoided_low_kwh, 0.19 * sum(level_kwh) AS avoided_high_kwh,
        0.21 AS ashrae_uncertainty, true AS is_detectable, true AS is_sufficient,
        NULL AS sufficiency_reasons, {currency} AS currency,
        round(avoided_kwh * {price}, 2) AS cost, round(avoided_low_kwh * {price}, 2) AS cost_low,
        round(avoided_high_kwh * {price}, 2) AS cost_high, 1850.00 AS capex
        FROM fct_counterfactual_hourly
        WHERE meter_id = 'compressors' AND site_id = 'plant_01' GROUP BY site_id""",
    )


_QUERIES = {
    "completeness_ratio": (
        "SELECT sum(received_intervals) / sum(expected_intervals) "
        "FROM marts.fct_completeness_daily WHERE site_id = '{site}'"
    ),
    "gap_share": (
        "SELECT sum(expected_intervals - received_intervals) / sum(expected_intervals) "
        "FROM marts.fct_completeness_daily WHERE site_id = '{site}'"
    ),
    "actionable_inefficiencies": (
        "SELECT count(*) FROM marts.fct_anomaly_episodes WHERE is_actionable AND site_id = '{site}'"
    ),
    "avoidable_share": (
        "SELECT annual_low_kwh / annual_use_kwh, annual_high_kwh / annual_use_kwh "
        "FROM marts.rpt_annual_avoidable WHERE site_id = '{site}'"
    ),
    "avoidable_cost": (
        "SELECT annual_cost_low, annual_cost_high FROM marts.rpt_annual_avoidable "
        "WHERE site_id = '{site}'"
    ),
}


def _scorecard(connection: duckdb.DuckDBPyConnection, pilot: ExamplePilot) -> None:
    del pilot
    criteria = (
        ("completeness_ratio", "share", "over 0.95", "v > 0.95"),
        ("gap_share", "share", "under 0.02", "v < 0.02"),
        ("actionable_inefficiencies", "count", "at least 3", "v >= 3"),
        ("avoidable_share", "share", None, "NULL"),
        ("avoidable_cost", f"{CURRENCY}/a", None, "NULL"),
    )
    sites = connection.execute("SELECT site_id FROM dim_sites ORDER BY 1").fetchall()
    for (site,) in sites:
        for metric, unit, target, rule in criteria:
            query = _QUERIES[metric].format(site=site)
            row = connection.execute(query).fetchone()
            low, high = (*(row or (None,)), None)[:2]
            connection.execute(
                f"INSERT INTO rpt_pilot_scorecard SELECT $site, $metric, v, $high, $unit, "
                f"$target, {rule}, $query FROM (SELECT $low::DOUBLE AS v)",
                {
                    "site": site,
                    "metric": metric,
                    "high": high,
                    "unit": unit,
                    "target": target,
                    "query": query,
                    "low": low,
                },
            )
