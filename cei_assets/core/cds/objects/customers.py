"""Accounts, contracts, points and meters: each names the wider thing that it belongs to."""

from datetime import date

from cei_assets.contracts.cds_object_vocabulary import CdsObjectRelation, CdsThing
from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.objects.canonical import canonical
from cei_assets.core.cds.objects.content import Content, related
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Need

ENTITY = (dict, str)
"""An entity of dialect C is an object, of B often its name alone."""


def account(item: Members) -> Content:
    """An account and the account that groups it."""
    parent = item.text("cds_account_parent", need=Need.STATED)
    return Content(
        row={
            "cds_account_parent": parent,
            "customer_number": item.text("customer_number"),
            "account_number": item.text("account_number"),
            "account_name": item.text("account_name"),
            "account_address": item.text("account_address"),
            "account_types": item.words("account_types", "account_type"),
            "account_status": item.state("account_status"),
            "account_entity": item.json("account_entity", kinds=ENTITY),
            "account_contacts": item.json("account_contacts"),
            "account_programs": item.json("account_programs"),
        },
        relations=related(CdsObjectRelation.PARENT, CdsThing.ACCOUNT, parent),
    )


def service_contract(item: Members) -> Content:
    """A contract and its account; class and commodity of dialect B are types of service in C."""
    owner = item.required_text("cds_account_id")
    start, end = item.day("contract_start"), item.day("contract_end")
    check_order(item, "contract_end", start, end)
    return Content(
        row={
            "cds_account_id": owner,
            "account_number": item.text("account_number"),
            "contract_number": item.text("contract_number"),
            "contract_address": item.text("contract_address"),
            "contract_status": item.state("contract_status", need=Need.REQUIRED),
            "contract_types": item.words("contract_types", "contract_type", need=Need.REQUIRED),
            "contract_start": start,
            "contract_end": end,
            "contract_end_known": item.knowledge("contract_end"),
            "service_types": item.words(
                "service_types", "service_type", "service_class", need=Need.REQUIRED
            ),
            "rateplan_code": item.text("rateplan_code"),
            "rateplan_name": item.text("rateplan_name"),
            "contract_entity": item.json("contract_entity", kinds=ENTITY),
            "service_programs": item.json("service_programs"),
        },
        relations=related(CdsObjectRelation.ACCOUNT, CdsThing.ACCOUNT, owner),
    )


def check_order(item: Members, name: str, start: date | None, end: date | None) -> None:
    """Tell an end before its start."""
    if start is not None and end is not None and end < start:
        item.findings.tell(
            CdsCode.DATE_ORDER, item.place(name), f"{name} is before the start", end.isoformat()
        )


def service_point(item: Members) -> Content:
    """A point and the contracts that it is or was served by."""
    contracts = CdsThing.SERVICE_CONTRACT
    current = item.ids("current_servicecontracts", need=Need.REQUIRED)
    previous = item.ids("previous_servicecontracts", need=Need.REQUIRED)
    return Content(
        row={
            "servicepoint_number": item.text("servicepoint_number", need=Need.STATED),
            "servicepoint_types": item.words(
                "servicepoint_types", "servicepoint_type", need=Need.REQUIRED
            ),
            "servicepoint_address": item.text("servicepoint_address"),
            "latitude": item.number("latitude").value,
            "longitude": item.number("longitude").value,
            "premises": _premises(item),
        },
        relations=(
            *related(CdsObjectRelation.CURRENT, contracts, current),
            *related(CdsObjectRelation.PREVIOUS, contracts, previous),
        ),
    )


def _premises(item: Members) -> str | None:
    """Dialect B has one premise in two members."""
    listed = item.json("premises")
    number, kind = item.text("premise_number"), item.text("premise_type")
    if listed is not None or (number is None and kind is None):
        return listed
    return canonical([{"premise_number": number, "types": [kind] if kind else []}])


def meter_device(item: Members) -> Content:
    """A meter and the points where it is or was."""
    current = item.ids("current_servicepoints", need=Need.REQUIRED)
    previous = item.ids("previous_servicepoints", need=Need.REQUIRED)
    return Content(
        row={
            "meter_number": item.text("meter_number"),
            "meter_types": item.words("meter_types", "meter_type", need=Need.REQUIRED),
            "meter_apps": item.json("meter_apps"),
        },
        relations=(
            *related(CdsObjectRelation.CURRENT, CdsThing.SERVICE_POINT, current),
            *related(CdsObjectRelation.PREVIOUS, CdsThing.SERVICE_POINT, previous),
        ),
    )
