"""Tables of the reference objects of CDS that Python writes: accounts to certificates, as seen.

A row is one version of one object as one file shows it; which version holds is decided from all.
"""

from cei_assets.contracts.model import Reference, Table
from cei_assets.contracts.tables.cds import cds_table

_RECEIPT = "receipt_id received_date observed_at_utc cds_server"
_SEEN = (
    f"{_RECEIPT} json_pointer object_version_id content_sha256 cds_created_utc? cds_modified_utc "
    "cds_synced_utc?"
)
_PART = f"{_RECEIPT} object_version_id"
_GRAIN = "receipt_id object_version_id"


def _object(name: str, description: str, names: str) -> Table:
    return cds_table(name, description, f"{_SEEN} {names}", _GRAIN)


def _part(name: str, description: str, names: str, *, of: str, grain: str) -> Table:
    reference = Reference(columns=tuple(_GRAIN.split()), table=of)
    return cds_table(name, description, f"{_PART} {names}", f"{_GRAIN} {grain}", (reference,))


CDS_ACCOUNTS = _object(
    "cds_accounts",
    "Versions of customers' accounts.",
    "cds_account_id cds_account_parent? customer_number? account_number? account_name? "
    "account_address? account_types? account_status? account_entity? account_contacts? "
    "account_programs?",
)
CDS_SERVICE_CONTRACTS = _object(
    "cds_service_contracts",
    "Versions of contracts of an account for a service.",
    "cds_servicecontract_id cds_account_id account_number? contract_number? contract_address? "
    "contract_status? contract_types? contract_start? contract_end? contract_end_known "
    "service_types? rateplan_code? rateplan_name? contract_entity? service_programs?",
)
CDS_SERVICE_POINTS = _object(
    "cds_service_points",
    "Versions of points at which a service is delivered.",
    "cds_servicepoint_id servicepoint_number? servicepoint_types? servicepoint_address? latitude? "
    "longitude? premises?",
)
CDS_METER_DEVICES = _object(
    "cds_meter_devices",
    "Versions of meters.",
    "cds_meterdevice_id meter_number? meter_types? meter_apps?",
)
CDS_BILL_STATEMENTS = _object(
    "cds_bill_statements",
    "Versions of bills of an account.",
    "cds_billstatement_id cds_account_id account_number statement_date currency "
    "previous_balance_amount? previous_balance_amount_text? previous_balance_paid? "
    "previous_balance_paid_text? previous_balance_unpaid? previous_balance_unpaid_text? "
    "new_charges_amount? new_charges_amount_text? new_balance_amount? new_balance_amount_text? "
    "amount_due amount_due_text amount_due_date shutoff_prevention_minimum_due? "
    "shutoff_prevention_minimum_due_text? shutoff_prevention_date? file_uri? file_mimetype? "
    "account_programs?",
)
CDS_BILL_CHARGES = _part(
    "cds_bill_charges",
    "Charges and credits on the front page of bills.",
    "cds_billstatement_id part_position part_id? part_name? part_types? currency charge_amount? "
    "charge_amount_text? is_in_amount_due? charge_billsections?",
    of="cds_bill_statements",
    grain="part_position",
)
CDS_BILL_SECTIONS = _object(
    "cds_bill_sections",
    "Versions of sections of bills: what one period and service cost.",
    "cds_billsection_id cds_billstatement_id? cds_account_id account_number section_types? "
    "section_start_date section_end_date currency distribution_entity? supply_entity? "
    "service_programs?",
)
CDS_BILL_USAGE_DETAILS = _part(
    "cds_bill_usage_details",
    "Billed quantities of sections: totals, reads and demand, which overlap.",
    "cds_billsection_id part_position part_id? part_name? part_types? detail_value? "
    "detail_value_text? native_unit? detail_kwh? detail_start_date? detail_end_date? "
    "detail_start_utc? detail_end_utc? flow_direction? demand_type? tou? tier? season? "
    "is_estimated start_read? end_read? read_multiplier? detail_readings?",
    of="cds_bill_sections",
    grain="part_position",
)
CDS_BILL_COST_DETAILS = _part(
    "cds_bill_cost_details",
    "Totals of sections, which overlap: never to be summed.",
    "cds_billsection_id part_position part_id? part_name? part_types? currency detail_cost? "
    "detail_cost_text?",
    of="cds_bill_sections",
    grain="part_position",
)
CDS_BILL_LINE_ITEMS = _part(
    "cds_bill_line_items",
    "Charges of sections; rows that only total others are marked.",
    "cds_billsection_id part_position part_id? part_name? part_types? line_start_date "
    "line_end_date has_own_dates currency detail_cost? detail_cost_text? detail_value? "
    "detail_value_text? native_unit? line_rate? line_rate_text? is_total related_usage_details? "
    "related_cost_details?",
    of="cds_bill_sections",
    grain="part_position",
)
CDS_AGGREGATIONS = _object(
    "cds_aggregations",
    "Versions of groups whose usage is given together.",
    "cds_aggregation_id aggregation_number? aggregation_types? aggregation_scope? "
    "authorization_details? grouped_addresses? grouped_regions? consent_requirements? "
    "aggregation_details?",
)
CDS_EACS = _object(
    "cds_eacs",
    "Versions of energy attribute certificates.",
    "cds_eac_id beneficiary_type? beneficiaries? eac_numbers? eac_format? eac_data_url? "
    "period_start_utc? period_end_utc?",
)
CDS_EAC_DETAILS = _part(
    "cds_eac_details",
    "What certificates say of issue, production and retirement, where their object carries it.",
    "cds_eac_id part_position eac_number? certificate_from? certificate_to? certificate_count? "
    "certificate_quantity? certificate_quantity_text? certificate_unit? certificate_kwh? "
    "issuing_body? registry_id? issue_date? retirement_date? retirement_organisation? "
    "beneficiary_id? beneficiary_name? program_type? device_id? device_name? device_country? "
    "device_commissioned? device_origin? device_destination? technology_code? technology_type? "
    "fuel_code? production_start_utc? production_end_utc? direct_emission_factor? "
    "lca_emission_factor? emission_factor_unit? emission_factor_source?",
    of="cds_eacs",
    grain="part_position",
)
CDS_PRODUCTION_PROJECTS = _object(
    "cds_production_projects",
    "Versions of production projects, as reviewers of the draft proposed them.",
    "cds_productionproject_id project_number? project_name? project_timezone? contract_start? "
    "contract_end? contract_end_known contract_rule? contract_type? available_formats? "
    "available_reading_validity? project_meter_numbers?",
)
CDS_OBJECT_RELATIONS = cds_table(
    "cds_object_relations",
    "What reference objects are related to, as their versions say.",
    f"{_RECEIPT} object_version_id from_kind from_id object_relation to_kind to_id",
    f"{_GRAIN} object_relation to_kind to_id",
)
CDS_OBJECT_TABLES: tuple[Table, ...] = (
    CDS_ACCOUNTS,
    CDS_SERVICE_CONTRACTS,
    CDS_SERVICE_POINTS,
    CDS_METER_DEVICES,
    CDS_BILL_STATEMENTS,
    CDS_BILL_CHARGES,
    CDS_BILL_SECTIONS,
    CDS_BILL_USAGE_DETAILS,
    CDS_BILL_COST_DETAILS,
    CDS_BILL_LINE_ITEMS,
    CDS_AGGREGATIONS,
    CDS_EACS,
    CDS_EAC_DETAILS,
    CDS_PRODUCTION_PROJECTS,
    CDS_OBJECT_RELATIONS,
)
