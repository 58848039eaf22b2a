"""The verdict on a file of customer data: its rows in the contract's tables, and what was refused.

What is malformed is refused where it stands, value or segment; everything else of the file goes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsDialect, CdsObjectKind, CdsValueStatus
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_REJECTS
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.collector import paused_collector
from cei_assets.core.cds.costs import cost_table
from cei_assets.core.cds.counts import ObjectCounts
from cei_assets.core.cds.dialect import dialect_of
from cei_assets.core.cds.directions import check_directions
from cei_assets.core.cds.document import MAX_BYTES, Document, read_document
from cei_assets.core.cds.expand import Rows, rows_of
from cei_assets.core.cds.finding import CdsFinding, CdsReadError, Findings
from cei_assets.core.cds.interval_table import CdsSource, energy_kwh, interval_table
from cei_assets.core.cds.objects.collect import Collected
from cei_assets.core.cds.objects.tables import object_tables
from cei_assets.core.cds.relations import relation_table
from cei_assets.core.cds.resent import Sent, cut_resent
from cei_assets.core.cds.segment_table import segment_table
from cei_assets.core.cds.shares import check_shares
from cei_assets.core.cds.stored import SegmentFacts, StoredVersions
from cei_assets.core.cds.sums import FormatSum, format_sums
from cei_assets.core.cds.supply_mix import mix_table
from cei_assets.core.cds.usage import UsageReading

MAX_ROWS = 5_000_000
"""Rows of one file, about 2 GB of them; a null set is five bytes, and a row for every format."""

_USAGE = CdsObjectKind.USAGE_SEGMENTS


@dataclass(frozen=True, kw_only=True)
class CdsLimits:
    """How much of a file is read at most."""

    max_bytes: int = MAX_BYTES
    max_rows: int = MAX_ROWS


@dataclass(frozen=True, kw_only=True)
class CdsTables:
    """Tables of one file as the contract declares them (`contracts/tables/cds`, `cds_objects`).

    `objects` has every table of reference objects by its name, also the empty ones.
    """

    segments: pa.Table
    intervals: pa.Table
    relations: pa.Table
    supply_mix: pa.Table
    costs: pa.Table
    rejects: pa.Table
    objects: Mapping[str, pa.Table]


@dataclass(frozen=True, kw_only=True)
class CdsVerdict:
    """What a file holds and what is wrong with it.

    `objects` counts the file's objects by kind, `counts` what became of them. `stored` are the
    versions whose rows are in the tables, `texts` versions by the digest of their text;
    `repeated_rows` counts rows that are stored already or stand in the file twice.
    """

    status: UploadStatus
    dialect: CdsDialect | None
    objects: dict[CdsObjectKind, int]
    counts: ObjectCounts
    tables: CdsTables
    sums: tuple[FormatSum, ...]
    findings: Findings
    stored: tuple[SegmentFacts, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    repeated_rows: int = 0

    @property
    def segments(self) -> int:
        """Usage segments that were kept."""
        return self.counts.kept[_USAGE]

    @property
    def rejected(self) -> int:
        """Usage segments that were refused."""
        return self.counts.refused[_USAGE]

    @property
    def refusals(self) -> tuple[CdsFinding, ...]:
        """Everything that was refused."""
        return tuple(finding for finding in self.findings.listed if finding.refuses)


@dataclass(kw_only=True)
class _Reading:
    """What is known of a file while it is read."""

    source: CdsSource
    findings: Findings
    counts: ObjectCounts
    usage: UsageReading
    objects: Collected = field(default_factory=Collected)


def judge_cds(
    content: bytes,
    *,
    source: CdsSource,
    limits: CdsLimits | None = None,
    stored: StoredVersions | None = None,
) -> CdsVerdict:
    """Read a file of CDS customer data in any dialect.

    Usage segments become rows of slots, other objects a row each with their parts and relations.
    The same version a second time in a file is told and kept once. Of versions that are `stored`
    only the sighting is kept. Never raises for what a file holds.
    """
    limits = limits or CdsLimits()
    with paused_collector():
        return _judged(content, source=source, limits=limits, stored=stored)


def _judged(
    content: bytes, *, source: CdsSource, limits: CdsLimits, stored: StoredVersions | None
) -> CdsVerdict:
    reading = _reading(source, limits=limits, stored=stored)
    try:
        document, sent = _opened(content, reading, limits=limits, stored=stored)
    except CdsReadError as error:
        return _refused(error, reading)
    usage = [part for part in document.parts if part.kind is _USAGE]
    items = [item for part in usage for item in part.objects]
    dialect = dialect_of(items, findings=reading.findings)
    for part in document.parts:
        if part.kind is _USAGE:
            reading.usage.take(part, sent=sent, is_ambiguous=document.is_ambiguous)
        else:
            reading.objects.take(
                part,
                server=source.server,
                findings=reading.findings,
                counts=reading.counts,
            )
    return _verdict(reading, document, dialect, is_file_refused=False)


def refuse_cds(error: CdsReadError, *, source: CdsSource) -> CdsVerdict:
    """The verdict on a file that is refused before it is read."""
    return _refused(error, _reading(source, limits=CdsLimits(), stored=None))


def _reading(source: CdsSource, *, limits: CdsLimits, stored: StoredVersions | None) -> _Reading:
    findings, counts = Findings(), ObjectCounts()
    usage = UsageReading(
        server=source.server,
        max_rows=limits.max_rows,
        stored=stored,
        findings=findings,
        counts=counts,
    )
    return _Reading(source=source, findings=findings, counts=counts, usage=usage)


def _refused(error: CdsReadError, reading: _Reading) -> CdsVerdict:
    reading.findings.add(error.finding)
    return _verdict(reading, Document(parts=()), None, is_file_refused=True)


def _opened(
    content: bytes, reading: _Reading, *, limits: CdsLimits, stored: StoredVersions | None
) -> tuple[Document, Sent]:
    """The file's objects, without the segments that are stored where that can be known by text.

    Raises CdsReadError for a file that cannot be used.
    """
    sent = Sent(content=content)
    if stored is not None and len(content) <= limits.max_bytes:
        sent = cut_resent(content, server=reading.source.server, stored=stored)
    if sent.resent:
        findings = Findings()
        try:
            document = read_document(sent.content, findings=findings, max_bytes=limits.max_bytes)
        except CdsReadError:
            document = Document(parts=(), is_ambiguous=True)
        if not document.is_ambiguous:
            reading.findings.take(findings)
            return document, sent
        # Places of mistakes are told by the whole file.
        sent = Sent(content=content, digests=sent.digests)
    document = read_document(content, findings=reading.findings, max_bytes=limits.max_bytes)
    return document, sent


def _verdict(
    reading: _Reading, document: Document, dialect: CdsDialect | None, *, is_file_refused: bool
) -> CdsVerdict:
    findings, source, usage = reading.findings, reading.source, reading.usage
    rows = rows_of(usage.blocks, findings=findings)
    lists = tuple(block for block in usage.blocks if block.cells is None)
    mix = mix_table(rows, lists, source=source, findings=findings)
    pointers = {one.version_id: one.pointer for one in usage.segments}
    check_shares(mix, pointers, findings=findings)
    check_directions(rows, energy_kwh(rows), findings=findings)
    relations = relation_table(usage.segments, usage.blocks, source=source, findings=findings)
    costs = cost_table(rows, source=source, findings=findings)
    slots = _slot_counts(rows, len(usage.segments))
    sightings, stored = usage.sightings(slots, dialect=dialect)
    objects: dict[CdsObjectKind, int] = {}
    for part in document.parts:
        objects[part.kind] = objects.get(part.kind, 0) + len(part.objects)
    repeated = reading.counts.repeated.total() - reading.counts.repeated[_USAGE]
    return CdsVerdict(
        status=_status(reading, is_file_refused=is_file_refused),
        dialect=max(
            filter(None, (dialect, *usage.known_dialects)), default=reading.objects.dialect
        ),
        objects=objects,
        counts=reading.counts,
        tables=CdsTables(
            segments=segment_table(sightings, source=source),
            intervals=interval_table(rows, source=source),
            relations=relations,
            supply_mix=mix,
            costs=costs,
            rejects=_reject_table(findings, source),
            objects=object_tables(reading.objects.objects, source=source),
        ),
        sums=format_sums(rows),
        findings=findings,
        stored=tuple(stored),
        texts=usage.texts,
        repeated_rows=usage.repeated_rows + repeated,
    )


def _status(reading: _Reading, *, is_file_refused: bool) -> UploadStatus:
    counts = reading.counts
    if is_file_refused or (counts.refused.total() and not counts.kept.total()):
        return UploadStatus.REJECTED
    refused = any(finding.refuses for finding in reading.findings.listed)
    return UploadStatus.PARTIAL if refused else UploadStatus.ACCEPTED


def _slot_counts(rows: Rows, segments: int) -> dict[str, list[int]]:
    """Slots of every segment by status."""
    of_block = np.array([block.segment_index for block in rows.blocks], dtype=np.int64)
    status = rows.status.to_numpy(zero_copy_only=False)
    of_row = of_block[rows.block_index]
    return {
        kind.value: np.bincount(of_row[status == kind.value], minlength=segments).tolist()
        for kind in CdsValueStatus
    }


def _reject_table(findings: Findings, source: CdsSource) -> pa.Table:
    refused: list[dict[str, Any]] = [
        {
            "receipt_id": source.receipt_id,
            "received_date": source.received_date,
            "cds_server": source.server,
            "reject_number": number,
            "json_pointer": finding.pointer,
            "cds_code": finding.code.value,
            "detail": finding.detail,
            "value_text": finding.value,
        }
        for number, finding in enumerate(
            (finding for finding in findings.listed if finding.refuses), start=1
        )
    ]
    return pa.Table.from_pylist(refused, schema=arrow_schema(CDS_REJECTS))
