"""Whose values they are: the narrowest thing that a format or its segment names."""

from dataclasses import dataclass

from cei_assets.contracts.cds_vocabulary import CdsRelation
from cei_assets.core.cds.formats import ValueFormat
from cei_assets.core.cds.segment import Segment

_NARROWEST_FIRST = (
    CdsRelation.METER_DEVICE,
    CdsRelation.SERVICE_POINT,
    CdsRelation.SERVICE_CONTRACT,
    CdsRelation.ACCOUNT,
)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What values are attributed to; both None where nothing single is named."""

    kind: CdsRelation | None = None
    resource_id: str | None = None


def resource_of(value_format: ValueFormat, segment: Segment) -> Resource:
    """The one meter of the format, else of the segment, else its point, contract or account.

    Of a segment with aggregations it is the aggregation. A kind of which several are listed does
    not tell whose the values are, so the next wider kind is looked at.
    """
    aggregations = segment.related[CdsRelation.AGGREGATION]
    if aggregations:
        return _single(CdsRelation.AGGREGATION, aggregations)
    if len(value_format.meters) == 1:
        return _single(CdsRelation.METER_DEVICE, value_format.meters)
    for kind in _NARROWEST_FIRST:
        if len(segment.related[kind]) == 1:
            return _single(kind, segment.related[kind])
    return Resource()


def _single(kind: CdsRelation, ids: tuple[str, ...]) -> Resource:
    return Resource(kind=kind, resource_id=ids[0] if len(ids) == 1 else None)
