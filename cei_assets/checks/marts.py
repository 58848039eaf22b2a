"""Checks on the marts and on the fitted baselines, in SQL over whole tables."""

from typing import Any

import duckdb

from cei_assets.checks.verdict import CheckVerdict, verdict_of

COVERAGE_TARGET = 0.95
GAP_SHARE_ALARM = 0.02
GAP_ALARM_DAYS = 7
SILENT_HOURS = 24
CV_RMSE_LIMIT = 0.30
NMBE_LIMIT = 0.10


def hours_conserve_readings(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Hourly energy sums to the energy of the interval readings, exactly and meter by meter."""
    offenders = connection.execute(
        """
        with readings as (
            select site_id, meter_id, sum(usage_kwh) as kwh
            from marts.fct_interval_readings group by all
        ),
        hours as (
            select site_id, meter_id, sum(hour_usage_kwh) as kwh
            from marts.fct_usage_hourly group by all
        )
        select format('{}/{}: readings {} kWh, hours {} kWh', site_id, meter_id,
            readings.kwh::varchar, hours.kwh::varchar)
        from readings full join hours using (site_id, meter_id)
        where readings.kwh is distinct from coalesce(hours.kwh, 0)
            and not (readings.kwh is null and hours.kwh = 0)
        order by 1
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="the same kWh per meter in fct_usage_hourly as in fct_interval_readings",
        none_found="the same for every meter",
    )


def coverage(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """Every meter has over 95 % of its expected intervals (pilot criteria, section 5)."""
    offenders = connection.execute(
        f"""
        select format('{{}}/{{}}: {{:.1f}} % of {{}} expected intervals', site_id, meter_id,
            100.0 * sum(received_intervals) / sum(expected_intervals), sum(expected_intervals))
        from marts.fct_completeness_daily group by site_id, meter_id
        having sum(expected_intervals) > 0
            and sum(received_intervals) < {COVERAGE_TARGET} * sum(expected_intervals)
        order by sum(received_intervals) / sum(expected_intervals)
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected=f"over {COVERAGE_TARGET:.0%} of the expected intervals of every meter",
        none_found="reached by every meter",
    )


def recent_gaps(connection: duckdb.DuckDBPyConnection) -> CheckVerdict:
    """No meter misses over 2 % of the hours of its last seven expected days (section 1)."""
    offenders = connection.execute(
        f"""
        with recent as (
            select *, row_number() over (
                partition by site_id, meter_id order by local_date desc
            ) as days_ago
            from marts.fct_completeness_daily where expected_intervals > 0
        )
        select format('{{}}/{{}}: {{:.1f}} gap hours since {{}}', site_id, meter_id,
            sum(gap_hours), min(local_date)::varchar)
        from recent where days_ago <= {GAP_ALARM_DAYS}
        group by site_id, meter_id
        having sum(expected_intervals - received_intervals)
            > {GAP_SHARE_ALARM} * sum(expected_intervals)
        order by sum(gap_hours) desc
        """
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected=f"gaps of at most {GAP_SHARE_ALARM:.0%} over each meter's last "
        f"{GAP_ALARM_DAYS} expected days",
        none_found="kept by every meter",
    )


def silent_meters(
    connection: duckdb.DuckDBPyConnection, *, silent_hours: float = SILENT_HOURS
) -> CheckVerdict:
    """No registered meter that is expected to send has been silent for long.

    Silence lasts from the last interval that is held, or else from the first that was expected, to
    the last one expected by the clock of the build; `silent_hours` of it are too long.
    """
    columns = (
        "site_id", "meter_id", "last_interval_utc", "last_received_at_utc", "silent_since_utc",
        "silent_hours", "expected_intervals", "found_intervals",
    )  # fmt: skip
    found = connection.execute(
        """
        with silent as (
            select * from marts.fct_gaps where is_open and gap_hours >= $silent_hours
        ),
        last as (
            select site_id, meter_id, max(interval_start_utc) as last_interval_utc,
                max(received_at_utc) as last_received_at_utc
            from marts.fct_interval_readings
            semi join silent using (site_id, meter_id)
            group by all
        )
        select site_id, meter_id, last_interval_utc::varchar, last_received_at_utc::varchar,
            gap_start_utc::varchar, round(gap_hours, 2), missing_intervals, 0
        from silent left join last using (site_id, meter_id)
        order by gap_hours desc, site_id, meter_id
        """,
        {"silent_hours": silent_hours},
    ).fetchall()
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return verdict_of(
        [_silence(row) for row in rows],
        expected=f"a reading of every expected meter within the last {silent_hours:g} h",
        none_found="received from every meter",
        rows=rows,
    )


def _silence(row: dict[str, Any]) -> str:
    last = (
        "never sent"
        if row["last_interval_utc"] is None
        else f"last interval {row['last_interval_utc']}, received {row['last_received_at_utc']} UTC"
    )
    return (
        f"{row['site_id']}/{row['meter_id']}: {last}; {row['expected_intervals']} intervals "
        f"expected since {row['silent_since_utc']} ({row['silent_hours']:g} h), found 0"
    )


def fit_quality(connection: duckdb.DuckDBPyConnection, models: str) -> CheckVerdict:
    """Newest baseline of every meter keeps ASHRAE Guideline 14's hourly limits out of sample.

    `models` is a glob of `baseline_models` Parquet files.
    """
    offenders = connection.execute(
        f"""
        with newest as (
            select * from read_parquet($models, hive_partitioning = false)
            qualify row_number() over (
                partition by site_id, meter_id order by usage_month desc
            ) = 1
        )
        select format('{{}}/{{}}: CV(RMSE) {{:.0f}} %, NMBE {{:.1f}} % out of sample', site_id,
            meter_id, 100 * cv_rmse_out_of_sample, 100 * nmbe_out_of_sample)
        from newest
        where cv_rmse_out_of_sample > {CV_RMSE_LIMIT} or abs(nmbe_out_of_sample) > {NMBE_LIMIT}
        order by cv_rmse_out_of_sample desc
        """,
        {"models": models},
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected=f"CV(RMSE) up to {CV_RMSE_LIMIT:.0%} and NMBE up to {NMBE_LIMIT:.0%}, hourly, in "
        "months the model did not see",
        none_found="kept by every fitted meter",
    )


def failed_expectations(connection: duckdb.DuckDBPyConnection, results: str) -> CheckVerdict:
    """Every expectation of the newest validation held; `results` is a glob of Parquet files."""
    offenders = connection.execute(
        """
        with newest as (
            from read_parquet($results) qualify validated_at_utc = max(validated_at_utc) over ()
        )
        select format('{}.{}: {}: found {}, expected {}', table_name,
            coalesce(column_name, '*'), expectation, coalesce(observed_value, 'nothing'),
            coalesce(expected_value, 'a value'))
        from newest where not is_success order by 1
        """,
        {"results": results},
    ).fetchall()
    return verdict_of(
        _texts(offenders),
        expected="every expectation over the published marts to hold",
        none_found="all held",
    )


def _texts(rows: list[tuple[str]]) -> list[str]:
    return [text for (text,) in rows]
