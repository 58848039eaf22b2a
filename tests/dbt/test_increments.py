"""Builds by increments hold the rows of one full build, which are those the rules ask for."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import plain_reference as plain
import pyarrow as pa
from increments import METERS

from cei_assets.contracts.render.dbt_yaml import tag
from cei_assets.contracts.tables.dbt_models import INTERMEDIATE_TABLES, STAGING_TABLES
from cei_assets.core.readings.held import UNBUILT_READINGS, select_held
from cei_assets.core.readings.windows import Span

if TYPE_CHECKING:
    from conftest import Built

# They say what one build did, which differs between an increment and a full build.
ABOUT_THE_BUILD = {"int_days_touched", "int_site_days_touched"}
EVER = Span(start_utc=datetime(2000, 1, 1), end_utc=datetime(2100, 1, 1))  # noqa: DTZ001 - naive UTC
SCOPE = pa.table(
    {
        "site_id": [meter.site_id for meter in METERS],
        "meter_id": [meter.meter_id for meter in METERS],
    }
)


def test_increments_and_a_full_refresh_give_the_same_rows(built: "Built") -> None:
    differences = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.incremental}' as increments (read_only)")
        connection.execute(f"attach '{built.full}' as whole (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'whole'"
        ).fetchall()
        for (table,) in tables:
            if table.split(".")[1] in ABOUT_THE_BUILD:
                continue
            found = connection.execute(f"""
                select
                    (select count(*) from whole.{table}),
                    (select count(*) from
                        (from increments.{table} except all from whole.{table})),
                    (select count(*) from
                        (from whole.{table} except all from increments.{table}))
            """).fetchone()
            if found and found[1:] != (0, 0):
                differences[table] = found
    assert len(tables) > 20
    assert differences == {}


def test_completeness_counts_what_register_and_calendar_expect(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select site_id, meter_id, local_date, expected_intervals, received_intervals, gap_hours,
            gap_count, longest_gap_hours, late_hours, estimated_hours, revision_count
        from marts.fct_completeness_daily
    """).fetchall()
    assert set(rows) == plain.completeness(built.receipts, built.as_of)


def test_a_day_of_the_spring_change_expects_23_hours(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute("""
        select site_id, meter_id, expected_intervals from marts.fct_completeness_daily
        where local_date = '2024-03-31' order by all
    """).fetchall()
    assert rows == [
        ("kolkata", "main", 24),
        ("kolkata", "press", 96),
        ("rome", "hvac", 23),
        ("rome", "line", 92),
        ("rome", "main", 23),
        ("rome", "mute", 23),
    ]


def test_gaps_are_the_maximal_runs_of_missing_intervals(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select site_id, meter_id, gap_start_utc, gap_end_utc, missing_intervals, is_open, is_alarm
        from marts.fct_gaps
    """).fetchall()
    assert set(rows) == plain.gaps(built.receipts, built.as_of)


def test_a_key_claimed_by_an_older_receipt_joins_the_gaps_beside_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute("""
        select gap_start_utc::varchar, gap_end_utc::varchar from marts.fct_gaps
        where meter_id = 'past'
    """).fetchall()
    assert rows == [("2024-03-04 22:00:00", "2024-03-05 00:00:00")]


def test_hours_hold_the_sum_of_what_was_received(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select site_id, meter_id, hour_start_utc, hour_usage_kwh, expected_intervals,
            received_intervals
        from marts.fct_usage_hourly
    """).fetchall()
    assert set(rows) == plain.hours(built.receipts, built.as_of)


def test_every_change_of_a_value_is_a_revision(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select site_id, meter_id, interval_start_utc, revision_number, usage_kwh,
            previous_usage_kwh, receipt_id, previous_receipt_id
        from marts.fct_revisions
    """).fetchall()
    assert len(rows) > 0
    assert set(rows) == plain.revisions(built.receipts)


def test_errors_are_counted_by_day_source_code_and_place(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select received_date, upload_source, code, organization_id, site_id, meter_id, error_count
        from marts.fct_error_counts_daily
    """).fetchall()
    assert {row[2] for row in rows} == {
        "DUPLICATE_IDEMPOTENCY_KEY",
        "INVALID_VALUE",
        "UNKNOWN_METER",
    }
    assert len(rows) == len(set(rows))
    assert set(rows) == plain.error_counts(built.receipts)


def test_no_received_row_is_lost(built: "Built", warehouse: duckdb.DuckDBPyConnection) -> None:
    sent = sum(len(receipt.readings) for receipt in built.receipts)
    counts = warehouse.execute("""
        select disposition, count(*) from intermediate.int_readings_received group by all
    """).fetchall()
    assert {disposition for disposition, _ in counts} == {
        "accepted",
        "key_conflict",
        "key_duplicate",
    }
    assert sum(count for _, count in counts) == sent


def test_site_hours_stand_once_for_every_hour_that_ended(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("""
        select site_id, count(*), max(hour_start_utc) + interval 1 hour,
            max(hour_start_utc) - min(hour_start_utc)
        from intermediate.int_site_hours group by all order by all
    """).fetchall()
    for _, count, end, span in rows:
        assert end <= built.as_of
        assert span.total_seconds() == (count - 1) * 3600


def test_what_held_at_any_moment_can_be_read_back(
    built: "Built", warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute("create temp view published_readings as from marts.fct_interval_readings")
    warehouse.execute("create temp view published_revisions as from marts.fct_revisions")
    warehouse.register("unbuilt_readings", UNBUILT_READINGS.empty_table())
    versions = plain.versions(plain.accepted(built.receipts))
    receipt_times = {receipt.received_at_utc for receipt in built.receipts}
    moments = receipt_times | {time - timedelta(microseconds=1) for time in receipt_times}
    revised_then = set()
    for moment in sorted(moments):
        found = select_held(
            warehouse,
            "SELECT site_id, meter_id, interval_start_utc, usage_kwh FROM held",
            scope=SCOPE,
            as_of=moment,
            span=EVER,
        )
        expected = {}
        for (meter, start), values in versions.items():
            known = [value for value in values if value.order[0] <= moment]
            if known:
                expected[(*meter, start)] = known[-1].usage_kwh
                if len(known) < len(values):
                    revised_then.add((*meter, start))
        rows = found.to_pylist()
        assert len(rows) == len(expected)
        assert {tuple(row.values())[:3]: row["usage_kwh"] for row in rows} == expected
    assert len(revised_then) > 5, "the increments hold too few revisions to tell"


def test_columns_of_staging_and_intermediate_are_the_declared_ones(built: "Built") -> None:
    declared = {
        table.name: [(column.name, column.field.type) for column in table.columns]
        for table in (*STAGING_TABLES, *INTERMEDIATE_TABLES)
        if tag(table) == "readings"
    }
    with duckdb.connect(str(built.full), read_only=True) as connection:
        found = {
            name: [row[:2] for row in connection.execute(f"describe {schema}.{name}").fetchall()]
            for schema, name in connection.execute("""
                select table_schema, table_name from information_schema.tables
                where table_schema in ('staging', 'intermediate')
            """).fetchall()
        }
    assert found == declared
