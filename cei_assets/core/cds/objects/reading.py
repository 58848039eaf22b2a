"""One reference object of any kind and dialect: its row, its parts, its relations."""

from collections.abc import Callable
from dataclasses import dataclass

from cei_assets.contracts.cds_object_vocabulary import CDS_THINGS, CdsThing
from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS, CdsCode, CdsDialect, CdsObjectKind
from cei_assets.core.cds.finding import CdsReadError, Findings
from cei_assets.core.cds.objects.bills import bill_section, bill_statement
from cei_assets.core.cds.objects.certificates import eac
from cei_assets.core.cds.objects.content import Content
from cei_assets.core.cds.objects.customers import (
    account,
    meter_device,
    service_contract,
    service_point,
)
from cei_assets.core.cds.objects.groups import aggregation, production_project
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Need
from cei_assets.core.cds.segment import content_sha256, digest, moment_or_none
from cei_assets.core.intake.batch_body import type_name

CONTENTS: dict[CdsObjectKind, Callable[[Members], Content]] = {
    CdsObjectKind.ACCOUNTS: account,
    CdsObjectKind.SERVICE_CONTRACTS: service_contract,
    CdsObjectKind.SERVICE_POINTS: service_point,
    CdsObjectKind.METER_DEVICES: meter_device,
    CdsObjectKind.BILL_STATEMENTS: bill_statement,
    CdsObjectKind.BILL_SECTIONS: bill_section,
    CdsObjectKind.AGGREGATIONS: aggregation,
    CdsObjectKind.EACS: eac,
    CdsObjectKind.PRODUCTION_PROJECTS: production_project,
}
"""How each kind is read; usage segments are read elsewhere."""

_TIMES = {"cds_created", "cds_modified", "cds_synced"}
_OF_C_ONLY = (
    "cds_synced", "account_types", "contract_types", "service_types", "servicepoint_types",
    "meter_types", "section_types", "aggregation_types", "usage_details",
)  # fmt: skip
"""Members by one of which an object shows to be of dialect C."""


@dataclass(frozen=True, kw_only=True)
class CdsObject:
    """A version of a reference object; moments are microseconds UTC.

    `dialect` is C or B, since objects of A and B are alike. `content_sha256` leaves out
    `cds_synced`; `version_id` is the digest of server, kind, id, modification and content.
    """

    kind: CdsObjectKind
    object_id: str
    pointer: str
    created_us: int | None
    modified_us: int
    synced_us: int | None
    content_sha256: str
    version_id: str
    content: Content
    dialect: CdsDialect

    @property
    def thing(self) -> CdsThing:
        """What the object is, as relations name it."""
        return CDS_THINGS[self.kind]


def read_object(
    item: object, kind: CdsObjectKind, *, pointer: str, server: str, findings: Findings
) -> CdsObject:
    """A reference object; unknown members and words are counted and ignored.

    Raises CdsReadError with the pointer to what makes the object unusable: no object, a member
    that both texts require and that is absent, a member of another type than both give it.
    """
    if not isinstance(item, dict):
        raise CdsReadError(
            CdsCode.NOT_AN_OBJECT,
            f"one of {kind.value} is {type_name(item)}, not an object",
            pointer=pointer,
            value=item,
        )
    members = Members(
        members=item,
        pointer=pointer,
        findings=findings,
        is_new=any(name in item for name in _OF_C_ONLY),
        asked=set(_TIMES),
    )
    object_id = members.required_text(CDS_ID_FIELDS[kind])
    modified = members.moment("cds_modified", need=Need.REQUIRED)
    assert modified is not None  # noqa: S101  # it is required
    content = CONTENTS[kind](members)
    members.count_unknown(CDS_THINGS[kind].value)
    digest_of_content = content_sha256(item)
    return CdsObject(
        kind=kind,
        object_id=object_id,
        pointer=pointer,
        created_us=moment_or_none(item, "cds_created", pointer, findings, is_expected=True),
        modified_us=modified,
        synced_us=moment_or_none(item, "cds_synced", pointer, findings, is_expected=False),
        content_sha256=digest_of_content,
        version_id=digest([server, kind.value, object_id, modified, digest_of_content]),
        content=content,
        dialect=CdsDialect.C if members.is_new else CdsDialect.B,
    )
