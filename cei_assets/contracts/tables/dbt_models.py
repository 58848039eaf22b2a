"""What dbt reads and what it keeps for itself: build inputs, staging and intermediate models.

A staging model is its source, column by column, so it is derived here from the raw tables.
"""

from dataclasses import replace

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.analysis import ANALYSIS_TABLES, QUALITY_RESULTS
from cei_assets.contracts.tables.cds import CDS_TABLES
from cei_assets.contracts.tables.cds_hand_over import (
    CDS_BUILD_TABLES,
    CDS_HAND_OVER_TABLES,
    CDS_LISTINGS,
    CDS_REGISTER_TABLES,
)
from cei_assets.contracts.tables.cds_models import CDS_USAGE_INTERMEDIATES
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_INTERMEDIATES
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.tables.csi import (
    CSI_LEDGER_TABLES,
    CSI_PARAMETERS,
    CSI_REGISTER_TABLES,
)
from cei_assets.contracts.tables.csi_models import CSI_INTERMEDIATES
from cei_assets.contracts.tables.intake import INTAKE_TABLES
from cei_assets.contracts.tables.marts import MART_TABLES, QUALITY_MARTS
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS, REGISTER_TABLES

BUILD_PARAMETERS = Table(
    name="parameters",
    layer="raw",
    subject="build",
    description="One row: the clock of this build and of the last one.",
    columns=columns("as_of_utc previous_as_of_utc? is_full_refresh"),
)
PENDING_RECEIPTS = Table(
    name="pending_receipts",
    layer="raw",
    subject="build",
    description="Receipts that the warehouse may not hold yet.",
    columns=columns("receipt_id received_date"),
    grain=("receipt_id",),
)

SOURCES: dict[str, tuple[Table, ...]] = {
    "register": (*REGISTER_TABLES, PUBLIC_HOLIDAYS),
    "intake": INTAKE_TABLES,
    "build": (BUILD_PARAMETERS, PENDING_RECEIPTS),
    "analysis": tuple(table for table in ANALYSIS_TABLES if table is not QUALITY_RESULTS),
    "csi_register": CSI_REGISTER_TABLES,
    "csi": CSI_LEDGER_TABLES,
    "csi_build": (CSI_PARAMETERS,),
    "cds": (*CDS_TABLES, CDS_LISTINGS, *CDS_OBJECT_TABLES),
    "cds_register": CDS_REGISTER_TABLES,
    "cds_build": CDS_BUILD_TABLES,
    "cds_hand_over": CDS_HAND_OVER_TABLES,
}
"""Tables that dbt reads, by source: each has one staging model."""


def _staging(source: str, table: Table) -> Table:
    return replace(
        table, name=f"stg_{source}__{table.name}", layer="staging", subject=source, references=()
    )


STAGING_TABLES: tuple[Table, ...] = tuple(
    _staging(source, table) for source, tables in SOURCES.items() for table in tables
)


def _intermediate(name: str, subject: str, description: str, names: str, grain: str) -> Table:
    return Table(
        name=name,
        layer="intermediate",
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
    )


READING_INTERMEDIATES: tuple[Table, ...] = (
    _intermediate(
        "int_zone_days",
        "calendar",
        "Offset from UTC on every day and in every zone of the register, with the bounds of the "
        "zone's own day. All local times come from here.",
        "timezone calendar_date offset_before_seconds offset_changes_at_utc offset_after_seconds "
        "day_start_utc day_end_utc",
        "timezone calendar_date",
    ),
    _intermediate(
        "int_meters_expected",
        "completeness",
        "From when to when a meter's intervals are expected, up to the clock of the build.",
        "site_id meter_id timezone interval_seconds expected_start_utc expected_end_utc "
        "is_still_expected",
        "site_id meter_id",
    ),
    _intermediate(
        "int_site_days_touched",
        "calendar",
        "Site days that this build makes anew: the clock passed them or temperatures arrived.",
        "site_id local_date is_passed",
        "site_id local_date",
    ),
    _intermediate(
        "int_site_days",
        "calendar",
        "Every local day of a site from its first expected day on: working, holiday, closure.",
        "site_id local_date day_start_utc day_end_utc weekday is_working_day is_holiday "
        "is_closure has_operating_hours",
        "site_id local_date",
    ),
    _intermediate(
        "int_temperatures_received",
        "readings",
        "Every outdoor temperature that was accepted, as received.",
        "receipt_id line_number received_at_utc received_date site_id? station_id? "
        "observed_at_utc temperature_c",
        "receipt_id line_number",
    ),
    _intermediate(
        "int_site_hours",
        "calendar",
        "Every UTC hour of a site from its first expected day to the clock of the build, with "
        "all that is known of it: local time, calendar, price, temperature, emissions.",
        "site_id hour_start_utc hour_start_local local_date local_hour weekday usage_month "
        "is_operating is_working_day is_holiday is_closure has_operating_hours price_per_kwh? "
        "currency? temperature_c? kgco2e_per_kwh?",
        "site_id hour_start_utc",
    ),
    _intermediate(
        "int_readings_received",
        "readings",
        "Every accepted row, as received, with what the ordered pass over keys made of it.",
        "receipt_id line_number received_at_utc received_date upload_source organization_id "
        "site_id meter_id interval_start_utc interval_seconds interval_start_local local_date "
        "usage_kwh reading_quality flow_direction counted_key? disposition",
        "receipt_id line_number",
    ),
    _intermediate(
        "int_readings_counted",
        "readings",
        "Readings that count: accepted rows of uploads, and what mapped CDS meters hand over.",
        "receipt_id line_number received_at_utc received_date upload_source organization_id "
        "site_id meter_id interval_start_utc interval_seconds interval_start_local local_date "
        "usage_kwh reading_quality flow_direction",
        "site_id meter_id interval_start_utc receipt_id line_number",
    ),
    _intermediate(
        "int_days_touched",
        "readings",
        "Meter days that this build makes anew, with what is expected of them: rows arrived, a "
        "key's rows were judged again, CDS readings changed, or the clock passed.",
        "site_id meter_id local_date usage_month day_start_utc day_end_utc interval_seconds "
        "expected_start_utc? expected_end_utc? expected_intervals",
        "site_id meter_id local_date",
    ),
    _intermediate(
        "int_readings_versioned",
        "readings",
        "Values that held in turn for the intervals that were received more than once.",
        "site_id meter_id interval_start_utc interval_seconds interval_start_local local_date "
        "version_number is_current usage_kwh previous_usage_kwh? reading_quality flow_direction "
        "upload_source receipt_id line_number received_at_utc previous_receipt_id? "
        "previous_received_at_utc? first_received_at_utc version_count",
        "site_id meter_id interval_start_utc version_number",
    ),
    _intermediate(
        "int_intervals_missing",
        "completeness",
        "Runs of missing intervals within a local day: the pieces of which gaps are made.",
        "site_id meter_id local_date missing_start_utc missing_end_utc missing_intervals",
        "site_id meter_id missing_start_utc",
    ),
)

ANALYSIS_INTERMEDIATES: tuple[Table, ...] = (
    _intermediate(
        "int_analysis_months_changed",
        "baselines",
        "Months whose file of hourly counterfactuals the warehouse has to take in anew; a month "
        "without a file has gone.",
        "usage_month modified_at_utc? size_bytes?",
        "usage_month",
    ),
    _intermediate(
        "int_analysis_months_loaded",
        "baselines",
        "The file of hourly counterfactuals that the warehouse holds of every month.",
        "usage_month modified_at_utc size_bytes",
        "usage_month",
    ),
)

INTERMEDIATE_TABLES: tuple[Table, ...] = (
    *READING_INTERMEDIATES,
    *ANALYSIS_INTERMEDIATES,
    *CSI_INTERMEDIATES,
    *CDS_USAGE_INTERMEDIATES,
    *CDS_OBJECT_INTERMEDIATES,
)

DBT_TABLES: tuple[Table, ...] = (
    *STAGING_TABLES,
    *INTERMEDIATE_TABLES,
    *(table for table in MART_TABLES if table not in QUALITY_MARTS),
)
"""Every model of the dbt project."""
