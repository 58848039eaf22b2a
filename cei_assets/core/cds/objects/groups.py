"""Groups of things: aggregations, and the production projects that reviewers proposed."""

from cei_assets.contracts.cds_object_vocabulary import CdsObjectRelation, CdsThing
from cei_assets.core.cds.members import is_text
from cei_assets.core.cds.objects.canonical import canonical
from cei_assets.core.cds.objects.content import Content, related
from cei_assets.core.cds.objects.customers import check_order
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Need

_GROUPED = {
    "grouped_accounts": CdsThing.ACCOUNT,
    "grouped_servicecontracts": CdsThing.SERVICE_CONTRACT,
    "grouped_servicepoints": CdsThing.SERVICE_POINT,
    "grouped_meterdevices": CdsThing.METER_DEVICE,
    "grouped_aggregations": CdsThing.AGGREGATION,
}
_OF_TYPES = (
    "countries", "provinces", "municipalities", "locals", "buildings", "account_numbers",
    "account_types", "account_program_numbers", "contract_numbers", "service_types",
    "rateplan_code", "rateplan_codes", "service_program_numbers", "servicepoint_numbers",
    "servicepoint_types", "premise_numbers", "meter_numbers", "meter_types", "meter_app_numbers",
    "needs_consent",
)  # fmt: skip
"""What only some types of aggregation carry; kept together, as written."""


def aggregation(item: Members) -> Content:
    """A group and its members that may be seen; any number of them is taken."""
    members = {thing: item.ids(name) for name, thing in _GROUPED.items()}
    found = {name: item.find(name)[1] for name in _OF_TYPES}
    details = {name: value for name, value in found.items() if value is not None}
    return Content(
        row={
            "aggregation_number": item.text("aggregation_number", need=Need.STATED),
            "aggregation_types": item.words(
                "aggregation_types", "aggregation_type", need=Need.REQUIRED
            ),
            "aggregation_scope": item.text("scope"),
            "authorization_details": item.json("authorization_details"),
            "grouped_addresses": _addresses(item),
            "grouped_regions": item.json("grouped_regions", "regions"),
            "consent_requirements": item.json("consent_requirements", "consents_required"),
            "aggregation_details": canonical(details) if details else None,
        },
        relations=tuple(
            one
            for thing, ids in members.items()
            for one in related(CdsObjectRelation.MEMBER, thing, ids)
        ),
    )


def _addresses(item: Members) -> str | None:
    """Texts in dialect C, in B objects of which one member is the address."""
    name, listed = item.items("grouped_addresses", "addresses")
    if not item.says(name):
        return None
    found = []
    for index, one in enumerate(listed):
        address = one.get("full_address") if isinstance(one, dict) else one
        if is_text(address):
            found.append(address)
        else:
            item.refuse(name, "a list of addresses", one, index=index)
    return canonical(found)


def production_project(item: Members) -> Content:
    """A project and its meters: by number as proposed, by id where a body has ids."""
    start = item.day("contract_start", "contract_start_date")
    ends = ("contract_end", "contract_end_date")
    end = item.day(*ends)
    check_order(item, ends[0], start, end)
    numbers = item.ids("meter_numbers", "meter_number")
    meters = item.ids("related_meterdevices")
    return Content(
        row={
            "project_number": item.text("project_number"),
            "project_name": item.text("project_name", "name"),
            "project_timezone": item.text("timezone"),
            "contract_start": start,
            "contract_end": end,
            "contract_end_known": item.knowledge(*ends),
            "contract_rule": item.digits("contract_rule"),
            "contract_type": item.text("contract_type"),
            "available_formats": item.words("available_formats"),
            "available_reading_validity": item.words("available_reading_validity"),
            "project_meter_numbers": canonical(numbers) if numbers else None,
        },
        relations=related(CdsObjectRelation.MEMBER, CdsThing.METER_DEVICE, meters),
    )
