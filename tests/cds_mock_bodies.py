"""Authored bodies of the nine CDS objects in the three dialects, for one small customer.

`customer(dialect, meters=n)` is a store: lists of objects by list key, related by their ids. Its
usage is one segment a meter and day. Values are exact decimals written as JSON numbers.
"""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

Store = dict[str, list[dict[str, Any]]]
START = datetime(2026, 1, 1, tzinfo=UTC)
_A_FORMATS = ["kwh_net", "kwh_fwd", "kwh_rev"]
# B allows the same string twice: variants of one value.
_B_FORMATS = ["usage_net_kwh", "usage_fwd_kwh", "usage_rev_kwh"] * 2
_ENTITY = {
    "id": "ent-1",
    "types": ["distributor", "supplier"],
    "entity_number": "NORTHGRID-7",
    "entity_name": "North Grid Cooperative",
    "entity_abbreviation": None,
}
_PROGRAM = {
    "id": "prg-1",
    "program_number": "PRG-77",
    "types": ["active", "pilot"],
    "name": "Load shift pilot",
    "description": "Shifts compressors out of the peak",
    "documentation": "https://northgrid.example/programs/77",
}


def instant(moment: datetime) -> str:
    """As bodies write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def customer(dialect: str = "C", *, meters: int = 3, days: int = 2, hours: int = 24) -> Store:
    """A customer with `meters` contracts, points and meters, and hourly usage of each.

    Every meter has a segment a day for `days`, of the first `hours` of that day.
    """
    numbers = range(1, meters + 1)
    return {
        "accounts": [account(dialect)],
        "service_contracts": [contract(dialect, number) for number in numbers],
        "service_points": [point(dialect, number) for number in numbers],
        "meter_devices": [meter(dialect, number) for number in numbers],
        "bill_statements": [statement(dialect, month) for month in (1, 2)],
        "bill_sections": [section(dialect, month) for month in (1, 2)],
        "aggregations": [aggregation(dialect)],
        "usage_segments": [
            segment(dialect, number, day=day, hours=hours)
            for number in numbers
            for day in range(days)
        ],
        "eacs": [eac(dialect, number) for number in (1, 2)],
    }


def synced(dialect: str, *, modified: datetime = START) -> dict[str, Any]:
    """What objects carry of their history."""
    times = {"cds_created": instant(START), "cds_modified": instant(modified)}
    return times | ({"cds_synced": instant(modified)} if dialect == "C" else {})


def account(dialect: str) -> dict[str, Any]:
    common = {
        "cds_account_id": "acc-1",
        **synced(dialect),
        "cds_account_parent": None,
        "customer_number": None,
        "account_number": "7001-A",
        "account_name": "Acme Components",
        "account_address": "1 Mill Lane\nNorthtown",
    }
    if dialect != "C":
        return common | {
            "account_type": "business",
            "account_contacts": [{"type": "email", "value": "energy@acme.example"}],
        }
    return common | {
        "account_entity": deepcopy(_ENTITY),
        "account_types": ["customer", "industrial"],
        "account_status": "active",
        "account_contacts": [{"id": "c1", "types": ["email"], "value": "energy@acme.example"}],
        "account_programs": [deepcopy(_PROGRAM)],
    }


def contract(dialect: str, number: int) -> dict[str, Any]:
    common = {
        "cds_servicecontract_id": f"con-{number}",
        **synced(dialect),
        "cds_account_id": "acc-1",
        "account_number": "7001-A",
        "contract_number": f"K-{number}",
        "contract_address": "1 Mill Lane\nNorthtown",
        "contract_status": "active",
        "contract_start": "2020-01-01",
        "contract_end": None,
        "rateplan_code": "I-TOU",
        "rateplan_name": "Industry by time of use",
    }
    if dialect != "C":
        return common | {
            "contract_type": "distribution_and_supply",
            "contract_entity": "North Grid Cooperative",
            "service_type": "electric",
            "service_class": "industrial",
        }
    return common | {
        "contract_types": ["utility_service", "billed_monthly"],
        "contract_entity": deepcopy(_ENTITY),
        "service_types": ["electric", "industrial", "metered"],
        "service_programs": [],
    }


def point(dialect: str, number: int) -> dict[str, Any]:
    common = {
        "cds_servicepoint_id": f"pnt-{number}",
        **synced(dialect),
        "servicepoint_number": f"P-{number}",
        "servicepoint_address": "1 Mill Lane\nNorthtown",
        "latitude": 45.07,
        "longitude": 7.68,
        "current_servicecontracts": [f"con-{number}"],
        "previous_servicecontracts": [],
    }
    if dialect != "C":
        return common | {
            "servicepoint_type": "electric_meter",
            "premise_number": None,
            "premise_type": None,
        }
    return common | {
        "servicepoint_types": ["electric", "single_service", "physical"],
        "premises": [{"id": "prm-1", "premise_number": "B-1", "types": ["building"]}],
    }


def meter(dialect: str, number: int) -> dict[str, Any]:
    """The first meter stands at a point it has left: found through *previous* points only."""
    has_left = number == 1
    common = {
        "cds_meterdevice_id": f"met-{number}",
        **synced(dialect),
        "meter_number": f"M-{number}",
        "current_servicepoints": [] if has_left else [f"pnt-{number}"],
        "previous_servicepoints": [f"pnt-{number}"] if has_left else [],
    }
    if dialect != "C":
        return common | {"meter_type": "usage_forward_only"}
    return common | {"meter_types": ["electric_usage", "bidirectional", "ami_meter"]}


def segment(
    dialect: str,
    number: int,
    *,
    day: int = 0,
    hours: int = 24,
    modified: datetime = START,
    null_slots: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Net, forward and reverse of a meter and day; in B and C each twice (C: raw and revenue)."""
    start = START + timedelta(days=day)
    forms: list[Any] = list(_A_FORMATS if dialect == "A" else _B_FORMATS)
    if dialect == "C":
        forms = [
            {"id": f"{direction}-{quality}", "type": "electric_usage", "units": "kWh",
             "direction": direction, "quality": quality, "tou": None}
            for quality in ("raw", "revenue")
            for direction in ("net", "forward", "reverse")
        ]  # fmt: skip
    key = "eu" if dialect == "C" else "v"
    usage = [{key: 1.5}, {key: 2.25}, {key: -0.75}]
    values: list[list[Any]] = [usage * (len(forms) // 3) for _ in range(hours)]
    for slot in null_slots:
        values[slot] = [None] * len(forms)
    body = {
        "cds_usagesegment_id": f"use-{number}-{day}",
        **synced(dialect, modified=modified),
        "related_aggregations": [],
        "related_accounts": ["acc-1"],
        "related_servicecontracts": [f"con-{number}"],
        "related_servicepoints": [f"pnt-{number}"],
        "related_meterdevices": [f"met-{number}"],
        "related_billsections": [],
        "segment_start": instant(start),
        "segment_end": instant(start + timedelta(hours=hours)),
        "interval": 3600,
        "formats" if dialect == "C" else "format": forms,
        "values": values,
    }
    return body | ({"related_eacs": []} if dialect == "A" else {})


def statement(dialect: str, month: int) -> dict[str, Any]:
    common = {
        "cds_billstatement_id": f"bil-{month}",
        **synced(dialect),
        "cds_account_id": "acc-1",
        "account_number": "7001-A",
        "statement_date": f"2026-{month + 1:02}-03",
        "currency": "EUR",
        "previous_balance_unpaid": 0,
        "new_charges_amount": 120.5,
        "amount_due": 120.5,
        "amount_due_date": f"2026-{month + 1:02}-24",
        "shutoff_prevention_minimum_due": None,
        "shutoff_prevention_date": None,
    }
    if dialect != "C":
        charges = [{"name": "Electricity", "cost": 120.5}]
        return common | {"new_charges": charges, "program_participations": []}
    charges = [
        {"id": "ch-1", "name": "Electricity", "types": ["electric_total"], "amount": 120.5,
         "included_in_amount_due": True}
    ]  # fmt: skip
    return common | {"file_uri": None, "new_charges": charges, "account_programs": []}


def section(dialect: str, month: int) -> dict[str, Any]:
    start, end = f"2026-{month:02}-01", "2026-01-31" if month == 1 else "2026-02-28"
    common = {
        "cds_billsection_id": f"sec-{month}",
        **synced(dialect),
        "cds_billstatement_id": f"bil-{month}",
        "cds_account_id": "acc-1",
        "account_number": "7001-A",
        "start_date": start,
        "end_date": end,
        "currency": "EUR",
        "related_servicecontracts": ["con-1"],
        "related_servicepoints": ["pnt-1"],
        "related_meterdevices": ["met-1"],
        "related_billsections": [],
    }
    if dialect != "C":
        return common | {
            "section_type": "service",
            "distribution_entity": {"name": "North Grid Cooperative"},
            "load_serving_entity": None,
            "energy_summary": [
                {"summary_type": "total", "start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z",
                 "value": 1116.0, "unit": "kwh", "tier_level": None, "tou_bucket": None}
            ],
            "line_items": [
                {"item_type": "energy", "for": "supply", "cost": 120.5, "value": 1116.0,
                 "rate": 0.108, "unit": "kwh"}
            ],
        }  # fmt: skip
    return common | {
        "section_types": ["service_contract", "electric"],
        "distribution_entity": deepcopy(_ENTITY),
        "supply_entity": None,
        "usage_details": [
            {"id": "u1", "name": "Energy", "types": ["electric_usage"], "value": 1116.0,
             "units": "kWh", "start_date": start, "end_date": end}
        ],
        "cost_details": [{"id": "k1", "name": "Total", "types": ["overall_total"], "cost": 120.5}],
        "line_items": [
            {"id": "l1", "name": "Energy", "types": ["usage_charge"], "start_date": start,
             "end_date": end, "cost": 120.5, "value": 1116.0, "units": "kWh", "rate": None,
             "related_usage_details": ["u1"], "related_cost_details": ["k1"]}
        ],
    }  # fmt: skip


def aggregation(dialect: str) -> dict[str, Any]:
    common = {
        "cds_aggregation_id": "agg-1",
        **synced(dialect),
        "aggregation_number": "B-1",
    }
    if dialect != "C":
        addresses = [{"full_address": "1 Mill Lane"}]
        return common | {"aggregation_type": "building", "addresses": addresses}
    return common | {
        "aggregation_types": ["building", "listed"],
        "scope": "",
        "authorization_details": [],
        "grouped_accounts": ["acc-1"],
        "grouped_servicecontracts": [],
        "grouped_servicepoints": [],
        "grouped_meterdevices": [],
        "grouped_aggregations": [],
        "grouped_addresses": ["1 Mill Lane"],
        "grouped_regions": [
            {"id": "r1", "name": "10100", "types": ["postal_code"], "postal_codes": ["10100"]}
        ],
        "consent_requirements": [
            {"id": "q1", "name": "Large tenant", "types": ["sometimes"],
             "documentation": "https://northgrid.example/consent"}
        ],
    }  # fmt: skip


def eac(dialect: str, number: int) -> dict[str, Any]:
    is_general = number > 1
    return {
        "cds_eac_id": f"eac-{number}",
        **synced(dialect),
        "beneficiary_type": "general" if is_general else "servicecontract",
        "beneficiaries": [] if is_general else ["con-1"],
        "eac_numbers": [f"GO-{number}"],
        "eac_format": "energytag",
        "eac_data_url": "https://registry.example/v1/",
        "period_start": "2026-01-01T00:00:00Z",
        "period_end": "2026-02-01T00:00:00Z",
    }


def trimmed(body: dict[str, Any], *, since: datetime, until: datetime) -> dict[str, Any]:
    """The part of a segment inside a grant's window, as a server publishes it: under a new id."""
    start = datetime.fromisoformat(body["segment_start"])
    seconds = body["interval"]
    kept = [
        (start + timedelta(seconds=index * seconds), value_set)
        for index, value_set in enumerate(body["values"])
        if start + timedelta(seconds=index * seconds) >= since
        and start + timedelta(seconds=(index + 1) * seconds) <= until
    ]
    if len(kept) == len(body["values"]) or not kept:
        return body
    return body | {
        "cds_usagesegment_id": f"{body['cds_usagesegment_id']}-trimmed",
        "segment_start": instant(kept[0][0]),
        "segment_end": instant(kept[-1][0] + timedelta(seconds=seconds)),
        "values": [value_set for _, value_set in kept],
    }
