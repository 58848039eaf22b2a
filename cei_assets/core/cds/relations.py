"""What segments, formats and values are related to: the contract's table `cds_relations`."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsRelation, CdsValueType
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_RELATIONS
from cei_assets.core.cds.expand import Block
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.members import ids, optional_text
from cei_assets.core.cds.segment import Segment

_WITH_CERTIFICATES = (CdsValueType.ELECTRIC_SUPPLY_MIX, CdsValueType.EACS_APPLIED)
_MEMBERS = frozenset({"eacs", "eac", "nums", "cds_eac_id"})

Relation = tuple[CdsRelation, str, int | None, int | None]
"""Kind, id, position of the format, position of the set."""


def relation_table(
    segments: Iterable[Segment],
    blocks: Iterable[Block],
    *,
    source: CdsSource,
    findings: Findings,
) -> pa.Table:
    """Ids of segments, meters of formats and certificates of values, each once per place."""
    rows: dict[tuple[str, Relation], None] = {}
    for segment in segments:
        version = segment.version_id
        rows.update(dict.fromkeys((version, found) for found in _of_segment(segment)))
    for block in blocks:
        if block.value_format.value_type in _WITH_CERTIFICATES:
            version = block.segment.version_id
            found = _of_values(block, findings=findings)
            rows.update(dict.fromkeys((version, relation) for relation in found))
    return _table(rows, source)


def _of_segment(segment: Segment) -> Iterator[Relation]:
    for kind, related in segment.related.items():
        for related_id in related:
            yield kind, related_id, None, None
    for value_format in segment.formats:
        for meter in value_format.meters:
            yield CdsRelation.METER_DEVICE, meter, value_format.position, None


def _of_values(block: Block, *, findings: Findings) -> Iterator[Relation]:
    position = block.value_format.position
    for index, slot in enumerate(block.slots):
        for item in slot if isinstance(slot, list) else (slot,):
            if isinstance(item, dict) and not _MEMBERS.isdisjoint(item):
                pointer = block.pointer_to(index)
                for kind, found in _certificates(item, pointer, findings=findings):
                    yield kind, found, position, index


def _certificates(
    item: dict[str, Any], pointer: str, *, findings: Findings
) -> Iterator[tuple[CdsRelation, str]]:
    for found in ids(item, "eacs", pointer=pointer, findings=findings):
        yield CdsRelation.EAC, found
    for name in ("eac", "cds_eac_id"):
        one = optional_text(item, name, pointer=pointer, findings=findings)
        if one is not None:
            yield CdsRelation.EAC, one
    for found in ids(item, "nums", pointer=pointer, findings=findings):
        yield CdsRelation.EAC_NUMBER, found


def _table(rows: Iterable[tuple[str, Relation]], source: CdsSource) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "receipt_id": source.receipt_id,
                "received_date": source.received_date,
                "cds_server": source.server,
                "segment_version_id": version,
                "relation_kind": kind.value,
                "related_id": related_id,
                "format_position": format_position,
                "set_position": set_position,
            }
            for version, (kind, related_id, format_position, set_position) in rows
        ],
        schema=arrow_schema(CDS_RELATIONS),
    )
