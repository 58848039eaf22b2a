"""Verdicts on marts: each passes on sound rows and names the meter on unsound ones."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cei_assets.checks import marts


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_interval_readings as select 'rome' as site_id, "
            "'main' as meter_id, 1.25::decimal(18, 9) as usage_kwh, "
            "timestamp '2026-02-28 20:00' + to_hours(hour::int) as interval_start_utc, "
            "timestamp '2026-03-01 00:05' as received_at_utc from range(4) as hours(hour)"
        )
        connection.execute(
            "create table marts.fct_usage_hourly as select 'rome' as site_id, "
            "'main' as meter_id, 5::decimal(38, 9) as hour_usage_kwh"
        )
        connection.execute(
            "create table marts.fct_completeness_daily as select 'rome' as site_id, "
            "'main' as meter_id, date '2026-03-01' + day::int as local_date, "
            "24 as expected_intervals, 24 as received_intervals, 0::double as gap_hours "
            "from range(10) as days(day)"
        )
        connection.execute(
            "create table marts.fct_gaps as select 'rome' as site_id, 'main' as meter_id, "
            "timestamp '2026-03-01' as gap_start_utc, 30::double as gap_hours, "
            "30 as missing_intervals, false as is_open"
        )
        yield connection


def test_hours_that_sum_to_the_readings_pass(connection: duckdb.DuckDBPyConnection) -> None:
    assert marts.hours_conserve_readings(connection).passed


def test_hour_that_lost_a_nano_kilowatt_hour_fails(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update marts.fct_usage_hourly set hour_usage_kwh = 4.999999999")
    verdict = marts.hours_conserve_readings(connection)
    assert not verdict.passed
    assert "rome/main: readings 5.000000000 kWh, hours 4.999999999 kWh" in verdict.found


def test_coverage_at_the_target_passes_and_below_it_fails(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update marts.fct_completeness_daily set received_intervals = 23")
    assert marts.coverage(connection).passed
    connection.execute("update marts.fct_completeness_daily set received_intervals = 22")
    verdict = marts.coverage(connection)
    assert not verdict.passed
    assert "rome/main: 91.7 % of 240 expected intervals" in verdict.found


def test_meter_without_expected_intervals_is_no_offender(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update marts.fct_completeness_daily set expected_intervals = 0, received_intervals = 0"
    )
    assert marts.coverage(connection).passed


def test_only_gaps_of_the_last_week_alarm(connection: duckdb.DuckDBPyConnection) -> None:
    missing = "set received_intervals = 12, gap_hours = 12 where local_date ="
    connection.execute(f"update marts.fct_completeness_daily {missing} '2026-03-02'")
    assert marts.recent_gaps(connection).passed
    connection.execute(f"update marts.fct_completeness_daily {missing} '2026-03-09'")
    verdict = marts.recent_gaps(connection)
    assert not verdict.passed
    assert "rome/main: 12.0 gap hours since 2026-03-04" in verdict.found


def test_only_open_gaps_of_a_day_are_silence(connection: duckdb.DuckDBPyConnection) -> None:
    assert marts.silent_meters(connection).passed
    connection.execute("update marts.fct_gaps set is_open = true")
    assert not marts.silent_meters(connection).passed
    connection.execute("update marts.fct_gaps set gap_hours = 23")
    assert marts.silent_meters(connection).passed
    assert not marts.silent_meters(connection, silent_hours=23).passed


def test_silence_names_meter_last_interval_last_receipt_and_what_was_expected(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update marts.fct_gaps set is_open = true")
    connection.execute(
        "insert into marts.fct_gaps values ('rome', 'mute', timestamp '2026-02-27', 60, 240, true)"
    )
    verdict = marts.silent_meters(connection)
    assert verdict.examples == (
        "rome/mute: never sent; 240 intervals expected since 2026-02-27 00:00:00 (60 h), found 0",
        (
            "rome/main: last interval 2026-02-28 23:00:00, received 2026-03-01 00:05:00 UTC; "
            "30 intervals expected since 2026-03-01 00:00:00 (30 h), found 0"
        ),
    )
    assert verdict.rows[1] == {
        "site_id": "rome",
        "meter_id": "main",
        "last_interval_utc": "2026-02-28 23:00:00",
        "last_received_at_utc": "2026-03-01 00:05:00",
        "silent_since_utc": "2026-03-01 00:00:00",
        "silent_hours": 30,
        "expected_intervals": 30,
        "found_intervals": 0,
    }


@pytest.mark.parametrize(
    ("cv_rmse", "nmbe", "passed"),
    [(0.30, 0.10, True), (0.31, 0.0, False), (0.1, -0.11, False), (None, None, True)],
)
def test_fit_quality_follows_the_newest_model(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    cv_rmse: float | None,
    nmbe: float | None,
    passed: bool,
) -> None:
    models = tmp_path / "models.parquet"
    connection.execute(
        f"""
        copy (
            select 'rome' as site_id, 'main' as meter_id, date '2026-01-01' as usage_month,
                9.9 as cv_rmse_out_of_sample, 9.9 as nmbe_out_of_sample
            union all
            select 'rome', 'main', date '2026-02-01', {cv_rmse or "null"}, {nmbe or 0}
        ) to '{models}'
        """
    )
    assert marts.fit_quality(connection, str(models)).passed is passed


def test_expectations_of_the_newest_validation_count(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    results = tmp_path / "results.parquet"

    def write(newest_is_success: str) -> None:
        connection.execute(
            f"""
            copy (
                select timestamp '2026-03-01' as validated_at_utc, 'dim_sites' as table_name,
                    'site_id' as column_name, 'unique' as expectation, false as is_success,
                    'old' as observed_value, null::varchar as expected_value
                union all
                select timestamp '2026-03-02', 'dim_sites', null, 'unique', {newest_is_success},
                    'two alike', null
            ) to '{results}'
            """
        )

    write("true")
    assert marts.failed_expectations(connection, str(results)).passed
    write("false")
    verdict = marts.failed_expectations(connection, str(results))
    assert not verdict.passed
    assert "dim_sites.*: unique: found two alike" in verdict.found
