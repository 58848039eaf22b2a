"""Closed lists of the reference objects of CDS customer data, in the words of dialect C."""

from enum import StrEnum

from cei_assets.contracts.cds_vocabulary import CdsObjectKind


class CdsThing(StrEnum):
    """What a relation leads from or to; customers, rate plans and programs are named only."""

    ACCOUNT = "account"
    SERVICE_CONTRACT = "service_contract"
    SERVICE_POINT = "service_point"
    METER_DEVICE = "meter_device"
    BILL_STATEMENT = "bill_statement"
    BILL_SECTION = "bill_section"
    AGGREGATION = "aggregation"
    EAC = "eac"
    PRODUCTION_PROJECT = "production_project"
    CUSTOMER = "customer"
    RATE_PLAN = "rateplan"
    PROGRAM = "program"


CDS_THINGS: dict[CdsObjectKind, CdsThing] = {
    CdsObjectKind.ACCOUNTS: CdsThing.ACCOUNT,
    CdsObjectKind.SERVICE_CONTRACTS: CdsThing.SERVICE_CONTRACT,
    CdsObjectKind.SERVICE_POINTS: CdsThing.SERVICE_POINT,
    CdsObjectKind.METER_DEVICES: CdsThing.METER_DEVICE,
    CdsObjectKind.BILL_STATEMENTS: CdsThing.BILL_STATEMENT,
    CdsObjectKind.BILL_SECTIONS: CdsThing.BILL_SECTION,
    CdsObjectKind.AGGREGATIONS: CdsThing.AGGREGATION,
    CdsObjectKind.EACS: CdsThing.EAC,
    CdsObjectKind.PRODUCTION_PROJECTS: CdsThing.PRODUCTION_PROJECT,
}
"""What an object of each kind is; usage segments are no reference objects."""


class CdsObjectRelation(StrEnum):
    """How an object is related to another.

    `current` and `previous`: where a meter or point is or was. `account`, `parent`, `statement`:
    what it belongs to. `member`: what an aggregation or a project holds. `sibling`: another
    section for the same contract. `beneficiary`: whom a certificate is for. `related`: what a
    section or a charge is about.
    """

    CURRENT = "current"
    PREVIOUS = "previous"
    ACCOUNT = "account"
    PARENT = "parent"
    STATEMENT = "statement"
    MEMBER = "member"
    SIBLING = "sibling"
    BENEFICIARY = "beneficiary"
    RELATED = "related"


class CdsBeneficiary(StrEnum):
    """Whom a certificate is for; `general` names nobody."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    SERVICE_CONTRACT = "servicecontract"
    RATE_PLAN = "rateplan"
    PROGRAM = "program"
    GENERAL = "general"


CDS_BENEFICIARY_THINGS: dict[CdsBeneficiary, CdsThing] = {
    CdsBeneficiary.CUSTOMER: CdsThing.CUSTOMER,
    CdsBeneficiary.ACCOUNT: CdsThing.ACCOUNT,
    CdsBeneficiary.SERVICE_CONTRACT: CdsThing.SERVICE_CONTRACT,
    CdsBeneficiary.RATE_PLAN: CdsThing.RATE_PLAN,
    CdsBeneficiary.PROGRAM: CdsThing.PROGRAM,
}
"""What the ids of beneficiaries of a type are ids of."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAME = "electric water natural_gas fuel_oil"
CDS_WORDS: dict[str, frozenset[str]] = {
    "account_types": _words(
        "customer thirdparty internal parent child test residential commercial industrial "
        "agriculture municipal billed_monthly billed_quarterly"
    ),
    "account_status": _words("active suspended closed unknown"),
    "contract_status": _words("active paused stopped closed unknown"),
    "contract_types": _words("utility_service project billed_monthly billed_quarterly"),
    "service_types": _words(
        f"{_SAME} waste_water solid_waste residential commercial industrial agriculture metered "
        "unmetered distribution supply generation"
    ),
    "servicepoint_types": _words(
        f"{_SAME} single_service multi_service physical virtual edge internal"
    ),
    "meter_types": _words(
        "electric_usage water_usage natural_gas_usage fuel_oil_usage forward_only reverse_only "
        "bidirectional physical_meter virtual_meter electric_demand ami_meter amr_meter "
        "analog_meter wifi_capable wifi_enabled wifi_configured zigbee_capable zigbee_enabled "
        "zigbee_configured central_apps_capable customer_apps_capable"
    ),
    "section_types": _words(
        f"service_contract sub_account other_section {_SAME} distribution supply"
    ),
    "charge_types": _words(
        "electric_total water_total natural_gas_total fuel_oil_total waste_water_total "
        "solid_waste_total tax fixed_fee flat_rate interest deposit differed credit_bank program "
        "adhoc amount_due_sum_difference"
    ),
    "usage_detail_types": _words(
        "electric_usage water_usage natural_gas_usage fuel_oil_usage electric_demand time_of_use "
        "tiered directional seasonal ami_reading amr_reading analog_meter customer_provided "
        "estimated"
    ),
    "cost_detail_types": _words(
        "overall_total subtotal fixed_charges usage_charges taxes distribution supply "
        "transmission other"
    ),
    "line_item_types": _words(
        "fixed_charge usage_charge tax distribution supply transmission other"
    ),
    "aggregation_types": _words(
        "public listed confidential region country province municipality local building "
        "account_number account_type account_program_number contract_number service_type "
        "rateplan_code service_program_number servicepoint_number servicepoint_type "
        "premise_number meter_number meter_type meter_app_number"
    ),
    "available_formats": _words("settlement scada forecast_day_ahead forecast_hour_ahead"),
    "available_reading_validity": _words("contracted total_gross net_metering"),
}
"""Words of each list of dialect C, by what the lists are of.

B names single words instead of lists and leaves most of them undefined: those are kept as written.
"""

CDS_WORD_ALIASES: dict[str, dict[str, str]] = {
    "cost_detail_types": {"bill_section_total": "overall_total"},
}
"""Words that C's text has beside the one of its list."""
