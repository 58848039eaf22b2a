"""Which objects a listing of the mock CDS server has: filters and order (specification, 1.1)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from tests.cds_mock_bodies import Store

Body = dict[str, Any]
Match = Callable[[Body, list[str], Store], bool]


def _own(key: str) -> Match:
    return lambda body, wanted, _store: body.get(key) in wanted


def _any_of(key: str) -> Match:
    return lambda body, wanted, _store: bool(set(body.get(key, [])) & set(wanted))


def _numbered(related: str, table: str, number: str, id_key: str) -> Match:
    """By the numbers of related objects, which the object itself does not carry."""

    def match(body: Body, wanted: list[str], store: Store) -> bool:
        ids = {item[id_key] for item in store[table] if item.get(number) in wanted}
        return bool(set(body.get(related, [])) & ids)

    return match


def _contains(*keys: str) -> Match:
    def match(body: Body, wanted: list[str], _store: Store) -> bool:
        text = " ".join(str(body.get(key) or "") for key in keys).lower()
        return " ".join(wanted).lower() in text

    return match


_USAGE_RELATED = {
    "cds_account_ids": _any_of("related_accounts"),
    "cds_servicecontract_ids": _any_of("related_servicecontracts"),
    "cds_servicepoint_ids": _any_of("related_servicepoints"),
    "cds_meterdevice_ids": _any_of("related_meterdevices"),
    "cds_billsection_ids": _any_of("related_billsections"),
    "account_numbers": _numbered(
        "related_accounts", "accounts", "account_number", "cds_account_id"
    ),
    "contract_numbers": _numbered(
        "related_servicecontracts",
        "service_contracts",
        "contract_number",
        "cds_servicecontract_id",
    ),
    "servicepoint_numbers": _numbered(
        "related_servicepoints", "service_points", "servicepoint_number", "cds_servicepoint_id"
    ),
    "meter_numbers": _numbered(
        "related_meterdevices", "meter_devices", "meter_number", "cds_meterdevice_id"
    ),
}
FILTERS: dict[str, dict[str, Match]] = {
    "accounts": {
        "cds_account_ids": _own("cds_account_id"),
        "customer_numbers": _own("customer_number"),
        "account_numbers": _own("account_number"),
        "account_statuses": _own("account_status"),
        "q": _contains("account_number", "account_name", "account_address", "customer_number"),
    },
    "service_contracts": {
        "cds_servicecontract_ids": _own("cds_servicecontract_id"),
        "account_numbers": _own("account_number"),
        "contract_numbers": _own("contract_number"),
        "contract_statuses": _own("contract_status"),
        "contract_types": _any_of("contract_types"),
        "service_types": _any_of("service_types"),
        "q": _contains("contract_number", "contract_address", "rateplan_code", "rateplan_name"),
    },
    "service_points": {
        "cds_servicepoint_ids": _own("cds_servicepoint_id"),
        "servicepoint_number": _own("servicepoint_number"),
        "servicepoint_numbers": _own("servicepoint_number"),
        "current_servicecontracts": _any_of("current_servicecontracts"),
        "previous_servicecontracts": _any_of("previous_servicecontracts"),
        "q": _contains("servicepoint_number", "servicepoint_address"),
    },
    "meter_devices": {
        "cds_meterdevice_ids": _own("cds_meterdevice_id"),
        "meter_number": _own("meter_number"),
        "current_servicepoints": _any_of("current_servicepoints"),
        "previous_servicepoints": _any_of("previous_servicepoints"),
        "q": _contains("meter_number"),
    },
    "bill_statements": {
        "cds_billstatement_ids": _own("cds_billstatement_id"),
        "cds_account_ids": _own("cds_account_id"),
        "account_numbers": _own("account_number"),
    },
    "bill_sections": {
        "cds_billsection_ids": _own("cds_billsection_id"),
        "cds_billstatement_ids": _own("cds_billstatement_id"),
        "cds_account_ids": _own("cds_account_id"),
        "account_numbers": _own("account_number"),
        "cds_servicecontract_ids": _any_of("related_servicecontracts"),
        "contract_numbers": _USAGE_RELATED["contract_numbers"],
    },
    "aggregations": {
        "cds_aggregation_ids": _own("cds_aggregation_id"),
        "aggregation_numbers": _own("aggregation_number"),
        "aggregation_types": _any_of("aggregation_types"),
        "q": _contains("aggregation_number", "grouped_addresses"),
    },
    "usage_segments": {"cds_usagesegment_ids": _own("cds_usagesegment_id"), **_USAGE_RELATED},
    "eacs": {
        "cds_eac_ids": _own("cds_eac_id"),
        "eac_numbers": _any_of("eac_numbers"),
        "beneficiaries": _any_of("beneficiaries"),
    },
}
# First and last moment of an object, for `after` and `before`: both edges count.
SPANS = {
    "bill_statements": ("statement_date", "statement_date"),
    "bill_sections": ("start_date", "end_date"),
    "usage_segments": ("segment_start", "segment_end"),
    "eacs": ("period_start", "period_end"),
}


class BadFilterError(Exception):
    """A parameter that the object's listing does not have, or that cannot be read."""


def listed(store: Store, table: str, parameters: Mapping[str, str]) -> list[Body]:
    """Objects that all parameters take, in the order of the listing."""
    found = store[table]
    for name, value in parameters.items():
        if name in {"before", "after"} and table in SPANS:
            edge = _moment(value)
            start, end = SPANS[table]
            if name == "before":
                found = [body for body in found if _moment(body[start]) <= edge]
            else:
                found = [body for body in found if _moment(body[end]) >= edge]
        elif name in FILTERS[table]:
            match = FILTERS[table][name]
            found = [body for body in found if match(body, value.split(" "), store)]
        else:
            raise BadFilterError(name)
    return ordered(found, table)


def ordered(found: list[Body], table: str) -> list[Body]:
    """The order that the specification gives; of usage by what a segment carries itself."""
    if table == "usage_segments":
        newest = sorted(found, key=lambda body: body["cds_modified"], reverse=True)
        return sorted(newest, key=lambda body: (body["related_accounts"],
                                                body["related_servicecontracts"],
                                                _moment(body["segment_start"])))  # fmt: skip
    newest = sorted(found, key=lambda body: body["cds_modified"], reverse=True)
    if table == "bill_statements":
        return sorted(newest, key=lambda body: body["statement_date"], reverse=True)
    if table == "bill_sections":
        return sorted(newest, key=lambda body: (body["account_number"], body["start_date"]))
    if table == "eacs":
        return sorted(newest, key=lambda body: body["period_start"], reverse=True)
    return newest


def _moment(text: str) -> datetime | date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFilterError(text) from error
