"""What the demo prints of customer data: counts from the marts, and which bill is off."""

from collections.abc import Iterator

import duckdb
import pytest

from cei_assets.cli.demo import customer_data_lines
from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.cds_models import CDS_USAGE_MARTS
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_MARTS

ROWS: dict[str, list[dict[str, object]]] = {
    "fct_usage_segments": [
        {"cds_usagesegment_id": "may", "version_status": "superseded"},
        {"cds_usagesegment_id": "may", "version_status": "current"},
        {"cds_usagesegment_id": "june", "version_status": "current"},
    ],
    "fct_usage_intervals": [
        {"cds_value_type": "electric_usage"},
        {"cds_value_type": "electric_usage"},
        {"cds_value_type": "water_usage"},
    ],
    "fct_cds_bills_metered": [
        {"section_start_date": "2026-05-01", "section_end_date": "2026-05-31",
         "is_comparable": True, "is_within_tolerance": True, "bill_difference_percent": "0.4"},
        {"section_start_date": "2026-06-01", "section_end_date": "2026-06-30",
         "is_comparable": True, "is_within_tolerance": False, "bill_difference_percent": "-2.9126"},
        {"section_start_date": "2026-07-01", "section_end_date": "2026-07-31",
         "is_comparable": False},
    ],
    "fct_cds_emissions_hourly": [
        {"hour_g": "12.5", "emission_source": "supply_mix"},
        {"hour_g": "27", "emission_source": "emission_factor"},
        {"hour_g": None},
    ],
}  # fmt: skip


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """The declared tables, empty, with columns that may all be empty."""
    with duckdb.connect() as connection:
        for table in (*CDS_USAGE_MARTS, *CDS_OBJECT_MARTS):
            statement = create_table(table, schema="main")
            connection.execute(statement.replace(" NOT NULL", ""))
        yield connection


def test_counts_of_segments_bills_and_hours(marts: duckdb.DuckDBPyConnection) -> None:
    for table, rows in ROWS.items():
        for row in rows:
            names, places = ", ".join(row), ", ".join("?" * len(row))
            marts.execute(f"insert into {table} ({names}) values ({places})", list(row.values()))
    usage, billed, emitted = customer_data_lines(marts)
    assert usage == "fct_usage_segments: 2 segments in 3 versions (1 superseded), 2 intervals"
    assert billed == (
        "fct_cds_bills_metered: 3 bills, 2 comparable with the meter, off: 1 "
        "(2026-06-01 to 2026-06-30: -2.9 %)"
    )
    assert emitted == "fct_cds_emissions_hourly: 2 of 3 hours known, 1 by supply mix"


def test_no_customer_data_is_no_error(marts: duckdb.DuckDBPyConnection) -> None:
    assert customer_data_lines(marts) == (
        "fct_usage_segments: 0 segments in 0 versions (0 superseded), 0 intervals",
        "fct_cds_bills_metered: 0 bills, 0 comparable with the meter, off: 0",
        "fct_cds_emissions_hourly: 0 of 0 hours known, 0 by supply mix",
    )
