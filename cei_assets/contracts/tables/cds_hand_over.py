"""CDS tables that stand between the steps: register, listings, build inputs, mapped readings."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Table


def _table(name: str, subject: str, description: str, names: str, grain: str) -> Table:
    return Table(
        name=name,
        layer="raw",
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
    )


CDS_METERS = _table(
    "cds_meters",
    "cds_register",
    "Which meter of the register a server's meter, point, contract or account stands for.",
    "cds_server resource_kind cds_reference site_id meter_id mapped_direction mapped_from? "
    "mapped_to?",
    "cds_server resource_kind cds_reference mapped_direction mapped_from",
)
CDS_SITES = _table(
    "cds_sites",
    "cds_register",
    "The register's sites as the CDS tables need them; derived, never edited.",
    "site_id organization_id timezone country",
    "site_id",
)
CDS_SITE_METERS = _table(
    "cds_site_meters",
    "cds_register",
    "The register's meters as the CDS tables need them; derived, never edited.",
    "site_id meter_id interval_seconds",
    "site_id meter_id",
)
CDS_SITE_FACTORS = _table(
    "cds_site_factors",
    "cds_register",
    "Greenhouse gases of a kWh by site and year, from the register's factors; derived.",
    "site_id year kgco2e_per_kwh source",
    "site_id year",
)
CDS_REGISTER_TABLES: tuple[Table, ...] = (CDS_METERS, CDS_SITES, CDS_SITE_METERS, CDS_SITE_FACTORS)

CDS_LISTINGS = _table(
    "cds_listings",
    "cds",
    "What a pulled file was asked for: listing, page, window, and whether it gives all there is.",
    "receipt_id received_date cds_server batch_id object_kind listing_number page_number "
    "page_count batch_file_count window_since_utc? window_until_utc? is_filtered cds_access "
    "grant_ids? observed_at_utc server_timezone?",
    "receipt_id",
)

CDS_PARAMETERS = _table(
    "cds_parameters",
    "cds_build",
    "One row: the clock of this build of the CDS tables and of the last one.",
    "as_of_utc previous_as_of_utc? is_full_refresh",
    "",
)
CDS_PENDING_RECEIPTS = _table(
    "cds_pending_receipts",
    "cds_build",
    "Receipts of CDS files that the CDS tables may not hold yet.",
    "receipt_id received_date",
    "receipt_id",
)
CDS_BUILD_TABLES: tuple[Table, ...] = (CDS_PARAMETERS, CDS_PENDING_RECEIPTS)

CDS_READINGS = _table(
    "cds_readings",
    "cds_hand_over",
    "Interval readings of mapped CDS meters that hold, for the readings' facts.",
    "site_id meter_id interval_start_utc interval_seconds local_date usage_month usage_kwh "
    "reading_quality flow_direction receipt_id line_number received_at_utc received_date "
    "organization_id",
    "site_id meter_id interval_start_utc",
)
CDS_DAYS = _table(
    "cds_days",
    "cds_hand_over",
    "Meter days whose CDS readings changed since the readings' facts were last built.",
    "site_id meter_id local_date",
    "site_id meter_id local_date",
)
CDS_HAND_OVER_TABLES: tuple[Table, ...] = (CDS_READINGS, CDS_DAYS)
