"""Energy attribute certificates in today's form and in the earlier ones of 2024."""

from cei_assets.contracts.cds_object_vocabulary import (
    CDS_BENEFICIARY_THINGS,
    CdsBeneficiary,
    CdsObjectRelation,
)
from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.objects.canonical import canonical
from cei_assets.core.cds.objects.certificate_details import certificate_details
from cei_assets.core.cds.objects.content import Content, related
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Need

_EARLIER = ("eac_number", "values", "value", "source_id", "assignment_type")
"""Members of the forms of April and August 2024, which had no format and no address of data."""


def eac(item: Members) -> Content:
    """A certificate, its beneficiaries, and its details where the object itself carries them."""
    need = Need.OPTIONAL if item.says(*_EARLIER) else Need.REQUIRED
    start = item.moment("period_start", "production_start", need=need)
    end = item.moment("period_end", "production_end", need=need)
    if start is not None and end is not None and end < start:
        raise CdsReadError(
            CdsCode.END_BEFORE_START,
            "period_end is before period_start",
            pointer=item.place("period_end"),
            value=item.find("period_end", "production_end")[1],
        )
    kind = _beneficiary_type(item, need=need)
    beneficiaries = item.ids("beneficiaries", "assignments", need=need)
    thing = None if kind is None else CDS_BENEFICIARY_THINGS.get(kind)
    details = certificate_details(item)
    return Content(
        row={
            "beneficiary_type": None if kind is None else kind.value,
            "beneficiaries": canonical(beneficiaries),
            "eac_numbers": _numbers(item, need=need),
            "eac_format": item.text("eac_format", need=need),
            "eac_data_url": item.text("eac_data_url", need=need),
            "period_start_utc": start,
            "period_end_utc": end,
        },
        parts={"cds_eac_details": details},
        relations=()
        if thing is None
        else related(CdsObjectRelation.BENEFICIARY, thing, beneficiaries),
    )


def _beneficiary_type(item: Members, *, need: Need) -> CdsBeneficiary | None:
    item.find("beneficiary_type", "assignment_type", need=need)
    name = "beneficiary_type" if item.says("beneficiary_type") else "assignment_type"
    item.text(name)
    return item.one_of(name, CdsBeneficiary)


def _numbers(item: Members, *, need: Need) -> str:
    numbers = item.ids("eac_numbers", need=need)
    one = item.text("eac_number")
    return canonical(numbers or (() if one is None else (one,)))
