"""Verdicts on customer data: sound rows pass, each fault is named."""

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
import pytest

from cei_assets.checks import cds
from cei_assets.checks.verdict import CheckVerdict
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.dbt_models import DBT_TABLES

TABLES = {table.name: table for table in DBT_TABLES}
LOOKED_AT = (
    "fct_usage_segments", "fct_cds_bills_metered", "fct_cds_bills", "fct_cds_bill_sections",
    "rpt_cds_unmapped", "int_cds_object_versions", "int_cds_energy", "int_cds_formats_held",
)  # fmt: skip
SYNCED = "2026-04-01 00:00:00"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables as declared; a row has the columns that a test gives, the others are empty."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema intermediate")
        for name in LOOKED_AT:
            table = TABLES[name]
            empty = pa.Table.from_pylist([], schema=arrow_schema(table))
            connection.register("empty", empty)
            connection.execute(f"create table {table.layer}.{name} as from empty")
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, name: str, **row: object) -> None:
    """One row; what is not given is empty."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"insert into {TABLES[name].layer}.{name} ({names}) values ({marks})", list(row.values())
    )


@pytest.mark.parametrize(
    "check",
    [
        cds.bills_agree_with_meters,
        cds.bills_add_up,
        cds.changes_are_told,
        cds.segment_ids_are_of_one_start,
        cds.net_is_forward_plus_reverse,
        cds.sources_are_checked_in_time,
        cds.usage_feeds_the_readings,
    ],
)
def test_nothing_at_all_passes(
    connection: duckdb.DuckDBPyConnection,
    check: Callable[[duckdb.DuckDBPyConnection], CheckVerdict],
) -> None:
    verdict = check(connection)
    assert verdict.passed
    assert verdict.examples == ()


def test_other_content_with_the_same_modification_is_named_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for version in ("a", "b"):
        insert(
            connection, "fct_usage_segments", cds_server="s", cds_usagesegment_id="u",
            segment_start_utc="2026-03-01", cds_modified_utc="2026-04-01",
            segment_version_id=version, has_same_modified=True, is_id_reused=False,
        )  # fmt: skip
    insert(
        connection, "int_cds_object_versions", cds_server="s", object_kind="accounts",
        cds_object_id="a", cds_modified_utc="2026-04-01", is_modified_repeated=True,
    )  # fmt: skip
    verdict = cds.changes_are_told(connection)
    assert verdict.examples == (
        "s accounts a: other content with the same cds_modified 2026-04-01 00:00:00",
        (
            "s usage segment u from 2026-03-01 00:00:00: other content with the same cds_modified "
            "2026-04-01 00:00:00"
        ),
    )
    assert cds.segment_ids_are_of_one_start(connection).passed


def test_an_id_of_several_segments_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    for start in ("2026-03-01", "2026-04-01"):
        insert(
            connection, "fct_usage_segments", cds_server="s", cds_usagesegment_id="u",
            segment_start_utc=start, has_same_modified=False, is_id_reused=True,
        )  # fmt: skip
    verdict = cds.segment_ids_are_of_one_start(connection)
    assert verdict.examples == (
        "s usage segment u: 2 starts, from 2026-03-01 00:00:00 to 2026-04-01 00:00:00",
    )


@pytest.mark.parametrize(
    ("reverse", "net", "said"),
    [
        ("-0.5", "1.5", None),
        ("-0.5", "1.502", None),
        ("-0.5", "1.503", "net 1.503000000000000 kWh"),
        ("0.5", "1.5", "reverse is sent with the other sign"),
    ],
)
def test_net_is_held_to_forward_plus_reverse(
    connection: duckdb.DuckDBPyConnection, reverse: str, net: str, said: str | None
) -> None:
    for direction, value in (("net", net), ("forward", "2"), ("reverse", reverse)):
        insert(
            connection, "int_cds_energy", cds_server="s", cds_resource="meter_device/m",
            flow_direction=direction, cds_interval_seconds=900, interval_start_utc="2026-03-01",
            energy_kwh=value,
        )  # fmt: skip
    verdict = cds.net_is_forward_plus_reverse(connection)
    assert verdict.passed == (said is None)
    assert said is None or said in verdict.found
    assert ("other sign" in verdict.found) == (reverse == "0.5")


@pytest.mark.parametrize(
    ("seconds", "seen", "status", "passes"),
    [
        (900, "2026-04-02 01:00:00", "current", True),
        (900, "2026-04-02 01:00:01", "current", False),
        (90_000, "2026-04-02 01:00:01", "current", False),
        (90_001, "2026-04-02 01:00:01", "current", True),
        (2_678_400, "2026-04-08 01:00:01", "current", False),
        (900, "2026-04-09 00:00:00", "superseded", True),
    ],
)
def test_servers_check_their_source_daily_or_weekly(
    connection: duckdb.DuckDBPyConnection, seconds: int, seen: str, status: str, passes: bool
) -> None:
    insert(
        connection, "fct_usage_segments", cds_server="s", segment_version_id="v",
        cds_interval_seconds=seconds, last_synced_utc=SYNCED, last_seen_utc=seen,
        version_status=status,
    )  # fmt: skip
    insert(
        connection, "int_cds_formats_held", segment_version_id="v", cds_server="s",
        cds_resource="meter_device/m",
    )  # fmt: skip
    verdict = cds.sources_are_checked_in_time(connection)
    assert verdict.passed is passes
    assert passes or "s meter_device/m: last checked 2026-04-01 00:00:00" in verdict.found


def test_of_a_thing_the_newest_check_of_its_source_counts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Segments of long ago need not be checked again while the newest are."""
    for version, synced in (("old", "2025-01-01"), ("new", SYNCED)):
        insert(
            connection, "fct_usage_segments", cds_server="s", segment_version_id=version,
            cds_interval_seconds=900, last_synced_utc=synced, last_seen_utc=SYNCED,
            version_status="current",
        )  # fmt: skip
        insert(
            connection, "int_cds_formats_held", segment_version_id=version, cds_server="s",
            cds_resource="meter_device/m",
        )  # fmt: skip
    assert cds.sources_are_checked_in_time(connection).passed


def test_what_feeds_no_readings_says_what_to_add(connection: duckdb.DuckDBPyConnection) -> None:
    insert(
        connection, "rpt_cds_unmapped", cds_server="s", cds_resource="meter_device/m",
        cds_interval_seconds=900, obstacle="not mapped", obstacle_line="s,meter_device,m,,",
        row_count=96, rows_kwh="12.5",
    )  # fmt: skip
    verdict = cds.usage_feeds_the_readings(connection)
    assert verdict.examples == (
        "s meter_device/m (900.000000 s): not mapped; 96 intervals; add s,meter_device,m,,",
    )
    assert verdict.rows[0]["kwh"] == "12.500000000000000"


def test_withdrawn_bills_owe_no_explanation(connection: duckdb.DuckDBPyConnection) -> None:
    for name, gone in (("kept", False), ("gone", True)):
        insert(
            connection, "fct_cds_bills", cds_server="s", cds_billstatement_id=name,
            statement_date="2026-04-02", currency="USD", amount_due=100,
            previous_balance_unpaid=0, included_charges_amount=99, unexplained_amount=1,
            is_balanced=False, is_withdrawn=gone,
        )  # fmt: skip
    verdict = cds.bills_add_up(connection)
    assert len(verdict.examples) == 1
    assert "s bill kept of 2026-04-02: due 100.000000000000 USD" in verdict.found
    assert "make 99.000000000000" in verdict.found
