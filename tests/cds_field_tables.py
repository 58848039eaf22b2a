"""The field tables of CDS customer data (`cds_usage_segments.md`, 1.3 to 1.8 and 7), and a check.

Columns of a table: field, type, B, C (req, opt, or - for absent), and where null is allowed: no
word, `null` (both) or `nullC`. Dialect A has no table of its own: it is B with other format
strings, and with `related_eacs`. What no table names may not be sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

ENUMS = {
    name: set(values.split())
    for name, values in {
        "account": "customer thirdparty internal parent child test residential commercial "
        "industrial agriculture municipal billed_monthly billed_quarterly",
        "account_status": "active suspended closed unknown",
        "contact": "phone_number email home work mobile preferred primary secondary",
        "entity": "distributor supplier iou muni cca retailer generator dso tso iso",
        "program": "active inactive eligible ineligible low_income flat_rate payment_plan "
        "protected survey pilot rebate credit_bank demand_response ev thermostat",
        "contract_status": "active paused stopped closed unknown",
        "contract": "utility_service project billed_monthly billed_quarterly",
        "service": "electric water natural_gas fuel_oil waste_water solid_waste residential "
        "commercial industrial agriculture metered unmetered distribution supply generation",
        "servicepoint": "electric water natural_gas fuel_oil single_service multi_service "
        "physical virtual edge internal",
        "premise": "service_group building land zone",
        "meter": "electric_usage water_usage natural_gas_usage fuel_oil_usage forward_only "
        "reverse_only bidirectional physical_meter virtual_meter electric_demand ami_meter "
        "amr_meter analog_meter central_apps_capable customer_apps_capable",
        "charge": "electric_total water_total natural_gas_total fuel_oil_total waste_water_total "
        "solid_waste_total tax fixed_fee flat_rate interest deposit differed credit_bank program "
        "adhoc amount_due_sum_difference",
        "section": "service_contract sub_account other_section electric water natural_gas "
        "fuel_oil distribution supply",
        "usage_detail": "electric_usage water_usage natural_gas_usage fuel_oil_usage "
        "electric_demand time_of_use tiered directional seasonal ami_reading amr_reading "
        "analog_meter customer_provided estimated",
        "cost_detail": "overall_total bill_section_total subtotal fixed_charges usage_charges "
        "taxes distribution supply transmission other",
        "line_item": "fixed_charge usage_charge tax distribution supply transmission other",
        "aggregation": "public listed confidential region country province municipality local "
        "building account_number account_type contract_number service_type rateplan_code",
        "region": "geographic postal_code county neighborhood city_block",
        "consent": "always sometimes never",
        "beneficiary": "customer account servicecontract rateplan program general",
        "quality": "raw manual valid revenue estimated calculated corrected website",
        "direction": "net forward reverse",
        "tou": "super_peak peak partial_peak off_peak super_off_peak",
        "tier": "baseline overage tier_1 tier_2 tier_3 tier_4 tier_5 tier_6 tier_7 tier_8 tier_9",
        "season": "spring summer fall winter",
        "demand": "peak average starting ending",
        "attribution": "base individual residual",
        "supply": "general carbonfree peaker solar wind hydro geothermal biomass nuclear storage "
        "demand_management distributed natural_gas coal oil",
        "electric_unit": "Wh kWh MWh",
        "demand_unit": "W kW MW",
        "water_unit": "m3 L gal ft3 CCF MCF MMCF",
        "gas_unit": "Btu therm Sm3 scf",
        "oil_unit": "L gal",
        "unit": "Wh kWh MWh W kW MW m3 ft3 CCF MCF MMCF MMCFD L gal Btu therm Sm3 scf SCFM C F "
        "var kvar varh kvarh years months days hours minutes seconds money count percent",
        "format_B": "usage_kwh usage_fwd_kwh usage_rev_kwh usage_net_kwh aggregated_kwh demand_kw "
        "water_m3 water_gal water_ft3 gas_therm gas_mmbtu gas_ccf gas_mcf supply_mix eacs",
        "format_A": "kwh_net kwh_fwd kwh_rev eac_kwh supply_mix",
    }.items()
}

_SYNC = """
cds_created             datetime                req req
cds_modified            datetime                req req
cds_synced              datetime                -   req
"""
_TEXTS = {
    "usage_segments": _SYNC
    + """
cds_usagesegment_id     string                  req req
related_aggregations    ids                     req req
related_accounts        ids                     req req
related_servicecontracts ids                    req req
related_servicepoints   ids                     req req
related_meterdevices    ids                     req req
related_billsections    ids                     req req
related_eacs            ids                     A   -
segment_start           datetime                req req
segment_end             datetime                req req
interval                decimal                 req req
format                  list                    req -
formats                 list                    -   req
values                  list                    req req
""",
    "accounts": _SYNC
    + """
cds_account_id          string                  req req
cds_account_parent      string                  req req null
customer_number         string                  req opt null
account_number          string                  req opt
account_entity          object:entity           -   opt null
account_name            string                  opt opt
account_address         string                  opt opt
account_type            string                  req -
account_types           enums:account           -   opt
account_status          enum:account_status     -   opt
account_contacts        list:contact            req opt
account_programs        list:program            -   opt
""",
    "service_contracts": _SYNC
    + """
cds_servicecontract_id  string                  req req
cds_account_id          string                  req req
account_number          string                  req opt
contract_number         string                  req opt null
contract_address        string                  opt opt
contract_status         string                  req -
contract_status         enum:contract_status    -   req
contract_type           string                  req -
contract_types          enums:contract          -   req
contract_entity         string                  req -
contract_entity         object:entity           -   opt null
contract_start          date                    opt opt
contract_end            date                    opt opt null
service_type            string                  req -
service_class           string                  req -
service_types           enums:service           -   req
rateplan_code           string                  req opt
rateplan_name           string                  req opt
service_programs        list:program            -   opt
""",
    "service_points": _SYNC
    + """
cds_servicepoint_id     string                  req req
servicepoint_number     string                  req req null
servicepoint_type       string                  req -
servicepoint_types      enums:servicepoint      -   req
servicepoint_address    string                  req opt null
latitude                decimal                 req opt null
longitude               decimal                 req opt null
current_servicecontracts ids                    req req
previous_servicecontracts ids                   req req
premise_number          string                  req -   null
premise_type            string                  req -   null
premises                list:premise            -   opt
""",
    "meter_devices": _SYNC
    + """
cds_meterdevice_id      string                  req req
meter_number            string                  req opt null
meter_type              string                  req -
meter_types             enums:meter             -   req
current_servicepoints   ids                     req req
previous_servicepoints  ids                     req req
meter_apps              list                    -   opt
""",
    "bill_statements": _SYNC
    + """
cds_billstatement_id    string                  req req
cds_account_id          string                  req req
account_number          string                  req req
statement_date          date                    req req
currency                currency                req req
file_uri                url                     opt opt nullC
file_mimetype           string                  opt opt
previous_balance_amount decimal                 opt opt
previous_balance_paid   decimal                 opt opt
previous_balance_unpaid decimal                 opt opt
new_charges_amount      decimal                 opt opt
new_charges             list:charge             opt opt
new_balance_amount      decimal                 opt opt
amount_due              decimal                 req req
amount_due_date         date                    req req
shutoff_prevention_minimum_due decimal          req req null
shutoff_prevention_date date                    req req null
program_participations  list                    req -
account_programs        list:program            -   opt
""",
    "bill_sections": _SYNC
    + """
cds_billsection_id      string                  req req
cds_billstatement_id    string                  req req null
cds_account_id          string                  req req
account_number          string                  req req
section_type            string                  req -
section_types           enums:section           -   req
start_date              date                    req req
end_date                date                    req req
currency                currency                req req
distribution_entity     object                  req -   null
distribution_entity     object:entity           -   req null
load_serving_entity     object                  req -   null
supply_entity           object:entity           -   req null
related_servicecontracts ids                    req req
related_servicepoints   ids                     req req
related_meterdevices    ids                     req req
related_billsections    ids                     req req
energy_summary          list:energy_summary     req -
usage_details           list:usage_detail       -   req
cost_details            list:cost_detail        -   req
line_items              list:line_item          req opt
service_programs        list:program            -   opt
""",
    "aggregations": _SYNC
    + """
cds_aggregation_id      string                  req req
aggregation_type        string                  req -
aggregation_types       enums:aggregation       -   req
aggregation_number      string                  req req null
scope                   string                  -   req
authorization_details   list                    -   req
grouped_accounts        ids                     -   req
grouped_servicecontracts ids                    -   req
grouped_servicepoints   ids                     -   req
grouped_meterdevices    ids                     -   req
grouped_aggregations    ids                     -   req
addresses               list                    opt -
grouped_addresses       ids                     -   opt
regions                 list                    opt -
grouped_regions         list:region             -   req
consents_required       list                    opt -
consent_requirements    list:consent            -   req
""",
    "eacs": _SYNC
    + """
cds_eac_id              string                  req req
beneficiary_type        enum:beneficiary        req req
beneficiaries           ids                     req req
eac_numbers             ids                     req req
eac_format              string                  req req
eac_data_url            url                     req req
period_start            datetime                req req
period_end              datetime                req req
""",
    "entity": """
id                      string                  -   req
types                   enums:entity            -   req
entity_number           string                  -   req
entity_name             string                  -   req
entity_abbreviation     string                  -   req null
""",
    "program": """
id                      string                  -   req
program_number          string                  -   req
types                   enums:program           -   req
name                    string                  -   req
description             string                  -   req
documentation           url                     -   req
participation_number    string                  -   opt
start                   date                    -   opt
end                     date                    -   opt
""",
    "contact": """
type                    string                  req -
value                   string                  req req
id                      string                  -   req
types                   enums:contact           -   req
""",
    "premise": """
id                      string                  -   req
premise_number          string                  -   req
types                   enums:premise           -   req
""",
    "charge": """
name                    string                  req req
cost                    decimal                 req -
id                      string                  -   req
types                   enums:charge            -   req
amount                  decimal                 -   req
included_in_amount_due  bool                    -   req
related_billsections    ids                     -   opt
""",
    "energy_summary": """
summary_type            string                  req -
start                   datetime                req -
end                     datetime                req -
value                   decimal                 req -
unit                    string                  req -
readings                list                    opt -
tier_level              string                  opt -   null
tou_bucket              string                  opt -   null
""",
    "usage_detail": """
id                      string                  -   req
name                    string                  -   req
types                   enums:usage_detail      -   req
value                   decimal|string          -   req
units                   enum:unit               -   opt
start_date              date                    -   opt
end_date                date                    -   opt
demand_type             enum:demand             -   opt
tou                     enum:tou                -   opt null
tier                    enum:tier               -   opt null
direction               enum:direction          -   opt
start_read              string                  -   opt
end_read                string                  -   opt
multiplier              decimal                 -   opt
""",
    "cost_detail": """
id                      string                  -   req
name                    string                  -   req
types                   enums:cost_detail       -   req
cost                    decimal|string          -   req
""",
    "line_item": """
item_type               string                  req -
for                     string                  req -
start                   date                    opt -
end                     date                    opt -
id                      string                  -   req
name                    string                  -   req
types                   enums:line_item         -   req
start_date              date                    -   req
end_date                date                    -   req
cost                    decimal                 req req
value                   decimal                 req req null
rate                    decimal                 req req null
unit                    string                  req -   null
units                   enum:unit               -   opt
related_usage_details   ids                     -   req
related_cost_details    ids                     -   req
""",
    "region": """
id                      string                  -   req
name                    string                  -   req
types                   enums:region            -   req
postal_codes            ids                     -   opt
""",
    "consent": """
id                      string                  -   req
name                    string                  -   req
types                   enums:consent           -   req
documentation           url                     -   req
""",
    "electric_usage": """
units                   enum:electric_unit      -   req
direction               enum:direction          -   opt
tou                     enum:tou                -   opt null
tier                    enum:tier               -   opt null
season                  enum:season             -   opt null
quality                 enum:quality            -   opt
related_meterdevices    ids                     -   opt
""",
    "electric_demand": """
units                   enum:demand_unit        -   req
demand_type             enum:demand             -   req
direction               enum:direction          -   opt
tou                     enum:tou                -   opt null
tier                    enum:tier               -   opt null
season                  enum:season             -   opt null
quality                 enum:quality            -   opt
related_meterdevices    ids                     -   opt
""",
    "electric_supply_mix": """
indexes                 list                    -   req
attribution             enum:attribution        -   req
supply_type             enum:supply             -   req
""",
    "water_usage": """
units                   enum:water_unit         -   req
tier                    enum:tier               -   opt null
season                  enum:season             -   opt null
quality                 enum:quality            -   opt
related_meterdevices    ids                     -   opt
""",
    "natural_gas_usage": """
units                   enum:gas_unit           -   req
tier                    enum:tier               -   opt null
season                  enum:season             -   opt null
quality                 enum:quality            -   opt
related_meterdevices    ids                     -   opt
""",
    "fuel_oil_usage": """
units                   enum:oil_unit           -   req
tier                    enum:tier               -   opt null
season                  enum:season             -   opt null
quality                 enum:quality            -   opt
related_meterdevices    ids                     -   opt
""",
    "cost": """
currency                currency                -   req
indexes                 list                    -   req
""",
    "meter_readings": """
units                   enum:unit               -   req
related_meterdevice     string                  -   req
register                string                  -   req null
""",
}
VALUE_KEYS = {
    "electric_usage": {"eu": "decimal"},
    "electric_demand": {"ed": "decimal"},
    "electric_supply_mix": {"sm": "decimal", "ci?": "decimal", "eacs?": "ids"},
    "water_usage": {"wu": "decimal"},
    "natural_gas_usage": {"gu": "decimal"},
    "fuel_oil_usage": {"fu": "decimal"},
    "cost": {"c": "decimal"},
    "meter_readings": {"r": "string"},
}
Form = str | dict[str, Any]
OBJECTS = tuple(name for name, text in _TEXTS.items() if text.startswith(_SYNC))
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Field:
    """One line of a table, for one dialect."""

    name: str
    kind: str
    is_required: bool
    is_nullable: bool


def fields(table: str, dialect: str) -> dict[str, Field]:
    """Fields that a dialect has, by name."""
    found = {}
    for line in filter(None, _TEXTS[table].splitlines()):
        name, kind, in_b, in_c, *null = line.split()
        need = in_c if dialect == "C" else in_b
        if need == "-" or (need == "A" and dialect != "A"):
            continue
        nullable = "null" in null or ("nullC" in null and dialect == "C")
        found[name] = Field(name, kind, need == "req", nullable)
    return found


def violations(listing: dict[str, Any], table: str, dialect: str) -> list[str]:
    """What a listing body has that the specification's tables do not allow."""
    found = [f"{key}: unknown" for key in listing if key not in {table, "next", "previous"}]
    links = {key: listing.get(key) for key in ("next", "previous")}
    found += [
        f"{key}: no URL"
        for key, link in links.items()
        if link is not None and not _fits(link, "url")
    ]
    for index, item in enumerate(listing[table]):
        found += [f"{table}/{index}/{text}" for text in _object(item, table, dialect)]
        if table == "usage_segments":
            found += [f"{table}/{index}/{text}" for text in _segment(item, dialect)]
    return found


def _object(item: dict[str, Any], table: str, dialect: str) -> Iterator[str]:
    known = fields(table, dialect)
    yield from (f"{name}: unknown in {dialect}" for name in item if name not in known)
    for field in known.values():
        if field.name not in item:
            if field.is_required:
                yield f"{field.name}: required"
            continue
        value = item[field.name]
        if value is not None:
            yield from (f"{field.name}{text}" for text in _value(value, field.kind, dialect))
        elif not field.is_nullable:
            yield f"{field.name}: null"


def _value(value: object, kind: str, dialect: str) -> Iterator[str]:
    outer, _, inner = kind.partition(":")
    if outer not in {"object", "list"}:
        if not _fits(value, kind):
            yield f": {value!r} is not {kind}"
    elif not isinstance(value, dict if outer == "object" else list):
        yield f": not {kind}"
    elif inner:
        for part in [value] if isinstance(value, dict) else value:
            yield from (f"/{text}" for text in _object(part, inner, dialect))


def _segment(item: dict[str, Any], dialect: str) -> Iterator[str]:
    formats = item["formats" if dialect == "C" else "format"]
    for index, form in enumerate(formats):
        yield from (f"formats/{index}/{text}" for text in _format(form, dialect))
    for index, value_set in enumerate(item["values"]):
        if len(value_set) != len(formats):
            yield f"values/{index}: {len(value_set)} slots for {len(formats)} formats"
            continue
        for form, slot in zip(formats, value_set, strict=True):
            if slot is not None:
                yield from (f"values/{index}: {text}" for text in _slot(form, slot))


def _format(form: Form, dialect: str) -> Iterator[str]:
    if isinstance(form, str):
        if form not in ENUMS.get(f"format_{dialect}", ()):
            yield f"{form!r} is no format of {dialect}"
        return
    if dialect != "C":
        yield f"an object is no format of {dialect}"
        return
    if form.get("type") not in VALUE_KEYS or not isinstance(form.get("id"), str):
        yield f"{form!r} has no id or type"
        return
    rest = {key: value for key, value in form.items() if key not in {"id", "type"}}
    yield from _object(rest, form["type"], dialect)


def _slot(form: Form, slot: dict[str, Any]) -> Iterator[str]:
    if isinstance(form, str):
        if form not in {"supply_mix", "eac_kwh", "eacs"} and not (
            set(slot) == {"v"} and _fits(slot["v"], "decimal")
        ):
            yield f"{slot!r} is no {{v: decimal}}"
        return
    keys = VALUE_KEYS[form["type"]]
    allowed = {key.rstrip("?"): kind for key, kind in keys.items()}
    yield from (f"{key}: unknown in {form['type']}" for key in slot if key not in allowed)
    for key in keys:
        name = key.rstrip("?")
        if name not in slot:
            if not key.endswith("?"):
                yield f"{name}: required"
        elif not _fits(slot[name], allowed[name]):
            yield f"{name}: {slot[name]!r} is not {allowed[name]}"


def _fits(value: object, kind: str) -> bool:
    if "|" in kind:
        return any(_fits(value, one) for one in kind.split("|"))
    kind, _, enum = kind.partition(":")
    if kind == "enum":
        return isinstance(value, str) and value in ENUMS[enum]
    if kind == "enums":
        return isinstance(value, list) and bool(value) and all(v in ENUMS[enum] for v in value)
    if kind == "ids":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == "decimal":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, str) and _text_fits(value, kind)


def _text_fits(value: str, kind: str) -> bool:
    try:
        if kind == "datetime":
            return bool(_INSTANT.fullmatch(value) and datetime.fromisoformat(value))
        if kind == "date":
            return bool(date.fromisoformat(value)) and len(value) == 10
    except ValueError:
        return False
    if kind == "url":
        return bool(urlsplit(value).scheme and urlsplit(value).netloc)
    if kind == "currency":
        return bool(re.fullmatch(r"[A-Z]{3}", value))
    return kind == "string"
