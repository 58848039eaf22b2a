"""Tables that dbt builds from the reference objects of CDS: histories, relations, bills."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.contracts.tables.cds_objects import (
    CDS_ACCOUNTS,
    CDS_AGGREGATIONS,
    CDS_BILL_CHARGES,
    CDS_BILL_LINE_ITEMS,
    CDS_EAC_DETAILS,
    CDS_EACS,
    CDS_METER_DEVICES,
    CDS_OBJECT_TABLES,
    CDS_PRODUCTION_PROJECTS,
    CDS_SERVICE_CONTRACTS,
    CDS_SERVICE_POINTS,
)

_SIGHTING = frozenset(
    (
        "receipt_id", "received_date", "observed_at_utc", "json_pointer", "content_sha256",
        "cds_modified_utc", "cds_synced_utc",
    )
)  # fmt: skip
_OF_A_VERSION = frozenset(("cds_server", "object_version_id", "cds_created_utc", *_SIGHTING))
_OBJECT = "object_kind cds_server cds_object_id"
_HISTORY = (
    "cds_created_utc? cds_modified_utc object_version_id object_version_number "
    "object_version_count valid_from_utc valid_to_utc? is_current first_seen_utc last_seen_utc "
    "last_synced_utc? is_withdrawn withdrawn_at_utc?"
)
_BILL = "cds_server cds_billsection_id"


def _table(layer: str, name: str, description: str, names: str, grain: str) -> Table:
    return Table(
        name=name,
        layer=layer,
        subject="cds",
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
    )


def _intermediate(name: str, description: str, names: str, grain: str) -> Table:
    return _table("intermediate", name, description, names, grain)


def _mart(name: str, description: str, names: str, grain: str) -> Table:
    return _table("marts", name, description, names, grain)


def _names(table: Table, *, without: frozenset[str]) -> str:
    """The columns of a table but for some, as they are declared there."""
    return " ".join(
        f"{one.name}{'?' * one.nullable}" for one in table.columns if one.name not in without
    )


def _content(table: Table) -> Table:
    """What versions say, each version once, whoever shows it."""
    return _intermediate(
        f"int_{table.name}",
        f"{table.description[:-1]}: what each says, once.",
        _names(table, without=_SIGHTING),
        " ".join(name for name in table.grain if name != "receipt_id"),
    )


def _dimension(name: str, of: Table, description: str) -> Table:
    (key,) = [name for name in of.column_names if name not in _OF_A_VERSION][:1]
    content = _names(of, without=_OF_A_VERSION)
    return _mart(
        name,
        f"{description}, a row for every version with the time in which it held.",
        f"cds_server {content} {_HISTORY}",
        f"cds_server {key} object_version_number",
    )


CDS_OBJECT_INTERMEDIATES: tuple[Table, ...] = (
    *(_content(table) for table in CDS_OBJECT_TABLES),
    _intermediate(
        "int_cds_listings",
        "Every page that was pulled, and what its listing was asked for.",
        f"{_names(CDS_LISTINGS, without=frozenset())} refused_count",
        "receipt_id",
    ),
    _intermediate(
        "int_cds_listings_whole",
        "Listings that give all there is of their window: what they lack is not there.",
        "cds_server object_kind batch_id listing_number grant_ids window_since_utc? "
        "window_until_utc? listing_began_utc listing_ended_utc",
        "cds_server object_kind batch_id listing_number",
    ),
    _intermediate(
        "int_cds_object_sightings",
        "Which file shows which version of which object.",
        f"receipt_id received_date {_OBJECT} object_version_id cds_modified_utc cds_synced_utc? "
        "observed_at_utc span_start? span_end?",
        "receipt_id object_version_id",
    ),
    _intermediate(
        "int_cds_objects_withdrawn",
        "Objects that later whole listings of all their grants lack.",
        f"{_OBJECT} withdrawn_at_utc",
        _OBJECT,
    ),
    _intermediate(
        "int_cds_object_versions",
        "History of every object: its versions in their order, with the time in which each held.",
        f"{_OBJECT} object_version_id cds_modified_utc first_seen_utc last_seen_utc "
        "last_synced_utc? object_version_number object_version_count is_modified_repeated "
        "valid_from_utc valid_to_utc? is_current withdrawn_at_utc?",
        "object_version_id",
    ),
    _intermediate(
        "int_cds_object_edges",
        "Every relation that any version ever stated.",
        "cds_server from_kind from_id object_relation to_kind to_id",
        "cds_server from_kind from_id object_relation to_kind to_id",
    ),
    _intermediate(
        "int_cds_object_numbers",
        "Every number that an account, contract, point or meter was ever shown with.",
        "cds_server object_kind object_id visible_number",
        "cds_server object_kind object_id visible_number",
    ),
    _intermediate(
        "int_cds_object_commodities",
        "Whether contracts, points and meters that name commodities are electric.",
        "cds_server resource_kind resource_id is_electric",
        "cds_server resource_kind resource_id",
    ),
    _intermediate(
        "int_cds_bill_sections_current",
        "Sections of bills as they now are, without withdrawn ones.",
        f"{_BILL} object_version_id section_start_date section_end_date meter_count",
        _BILL,
    ),
    _intermediate(
        "int_cds_billed_use",
        "Electric use that sections state, or why they state none.",
        f"{_BILL} billed_direction? billed_way? billed_kwh? is_billed_estimated billed_obstacle?",
        _BILL,
    ),
    _intermediate(
        "int_cds_bill_resources",
        "Things whose metered use stands beside a section's bill.",
        f"{_BILL} match_rank resource_kind resource_id cds_resource",
        f"{_BILL} match_rank cds_resource",
    ),
    _intermediate(
        "int_cds_bill_periods",
        "Instants between which the billed days of sections lie.",
        f"{_BILL} object_version_id section_start_date section_end_date timezone timezone_source "
        "bill_start_utc bill_end_utc",
        _BILL,
    ),
    _intermediate(
        "int_cds_bills_touched",
        "Sections whose metered use this build makes anew; without digest those that have gone.",
        f"{_BILL} input_digest?",
        _BILL,
    ),
    _intermediate(
        "int_cds_metered_use",
        "Metered energy of the billed days of every section.",
        f"{_BILL} input_digest metered_by? metered_count metered_way? metered_seconds? "
        "metered_use_kwh? covered_share estimated_share? is_cut is_doubled",
        _BILL,
    ),
)

CDS_OBJECT_MARTS: tuple[Table, ...] = (
    _dimension("dim_cds_accounts", CDS_ACCOUNTS, "Customers' accounts"),
    _dimension("dim_cds_service_contracts", CDS_SERVICE_CONTRACTS, "Contracts for a service"),
    _dimension("dim_cds_service_points", CDS_SERVICE_POINTS, "Points of delivery"),
    _dimension("dim_cds_meter_devices", CDS_METER_DEVICES, "Meters of CDS servers"),
    _dimension("dim_cds_aggregations", CDS_AGGREGATIONS, "Groups of customers"),
    _dimension("dim_cds_eacs", CDS_EACS, "Energy attribute certificates"),
    _dimension("dim_cds_production_projects", CDS_PRODUCTION_PROJECTS, "Production projects"),
    _mart(
        "bridge_cds_relations",
        "What objects are related to, from both ends, with the time in which it held.",
        "cds_server from_kind from_id object_relation to_kind to_id is_stated valid_from_utc "
        "valid_to_utc? is_current",
        "cds_server from_kind from_id object_relation to_kind to_id is_stated valid_from_utc",
    ),
    _mart(
        "bridge_cds_usage",
        "Whose use a thing's intervals are: its own, its points', contracts' and accounts', with "
        "the time in which they are.",
        "cds_server cds_resource owner_kind owner_id owned_from_utc? owned_to_utc?",
        "cds_server cds_resource owner_kind owner_id owned_from_utc",
    ),
    _mart(
        "rpt_cds_meters",
        "Meters that servers list and the register's meters that they stand for, or the line to "
        "add.",
        "cds_server cds_meterdevice_id meter_number? meter_types? is_electric? has_usage "
        "mapping_status mapped_through? site_id? meter_id? mapped_direction? mapped_from? "
        "mapped_to? mapping_line?",
        "cds_server cds_meterdevice_id site_id meter_id mapped_direction mapped_from",
    ),
    _mart(
        "fct_cds_eac_details",
        "What certificates say of issue, production and retirement.",
        f"cds_server {_names(CDS_EAC_DETAILS, without=_OF_A_VERSION)} is_withdrawn",
        "cds_server cds_eac_id part_position",
    ),
    _mart(
        "fct_cds_bills",
        "Bills as they now are, and whether what is due is what they charge.",
        "cds_server cds_billstatement_id cds_account_id account_number statement_date currency "
        "previous_balance_amount? previous_balance_paid? previous_balance_unpaid? "
        "new_charges_amount? new_balance_amount? amount_due amount_due_date "
        "shutoff_prevention_minimum_due? shutoff_prevention_date? charge_count "
        "included_charges_amount? unexplained_amount? is_balanced? file_uri? file_mimetype? "
        f"account_programs? {_HISTORY}",
        "cds_server cds_billstatement_id",
    ),
    _mart(
        "fct_cds_bill_charges",
        "Charges and credits on the front page of bills.",
        f"cds_server {_names(CDS_BILL_CHARGES, without=_OF_A_VERSION)}",
        "cds_server cds_billstatement_id part_position",
    ),
    _mart(
        "fct_cds_bill_sections",
        "Sections of bills as they now are: what was billed for which days.",
        "cds_server cds_billsection_id cds_billstatement_id? cds_account_id account_number "
        "section_types? section_start_date section_end_date currency section_total? line_count "
        "lines_amount? section_difference? distribution_entity? supply_entity? service_programs? "
        f"{_HISTORY}",
        _BILL,
    ),
    _mart(
        "fct_cds_bill_lines",
        "Charges of sections; rows that only total others are marked and never summed.",
        f"cds_server {_names(CDS_BILL_LINE_ITEMS, without=_OF_A_VERSION | {'detail_value_text'})}",
        f"{_BILL} part_position",
    ),
    _mart(
        "fct_cds_bills_metered",
        "Billed electric use of sections beside the metered use of the same local days.",
        f"{_BILL} cds_billstatement_id? cds_account_id account_number section_start_date "
        "section_end_date timezone timezone_source bill_start_utc bill_end_utc billed_way? "
        "billed_direction? billed_kwh? is_billed_estimated metered_by? metered_count metered_way? "
        "metered_seconds? metered_use_kwh? covered_share estimated_share? is_cut "
        "bill_difference_kwh? bill_difference_percent? is_comparable comparison_obstacle? "
        "is_within_tolerance?",
        _BILL,
    ),
)
