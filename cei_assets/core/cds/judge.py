"""The verdict on a file of customer data: its rows in the contract's tables, and what was refused.

What is malformed is refused where it stands, value or segment; everything else of the file goes in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsDialect, CdsObjectKind, CdsValueStatus
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_REJECTS
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.costs import cost_table
from cei_assets.core.cds.dialect import dialect_of
from cei_assets.core.cds.directions import check_directions
from cei_assets.core.cds.document import (
    MAX_BYTES,
    Document,
    Part,
    ambiguous_objects,
    read_document,
)
from cei_assets.core.cds.expand import (
    Block,
    Rows,
    Shape,
    blocks_of,
    check_shape,
    row_count,
    rows_of,
)
from cei_assets.core.cds.finding import CdsFinding, CdsReadError, Findings
from cei_assets.core.cds.interval_table import CdsSource, energy_kwh, interval_table
from cei_assets.core.cds.relations import relation_table
from cei_assets.core.cds.segment import Segment, read_segment
from cei_assets.core.cds.segment_table import segment_table
from cei_assets.core.cds.shares import check_shares
from cei_assets.core.cds.sums import FormatSum, format_sums
from cei_assets.core.cds.supply_mix import mix_table

MAX_ROWS = 5_000_000
"""Rows of one file, about 2 GB of them; a null set is five bytes, and a row for every format."""


@dataclass(frozen=True, kw_only=True)
class CdsLimits:
    """How much of a file is read at most."""

    max_bytes: int = MAX_BYTES
    max_rows: int = MAX_ROWS


@dataclass(frozen=True, kw_only=True)
class CdsTables:
    """Tables of one file as the contract declares them (`contracts/tables/cds`)."""

    segments: pa.Table
    intervals: pa.Table
    relations: pa.Table
    supply_mix: pa.Table
    costs: pa.Table
    rejects: pa.Table


@dataclass(frozen=True, kw_only=True)
class CdsVerdict:
    """What a file holds and what is wrong with it.

    `segments` counts those that were kept, `rejected` those that were refused; `objects` counts
    the file's objects by kind.
    """

    status: UploadStatus
    dialect: CdsDialect | None
    objects: dict[CdsObjectKind, int]
    segments: int
    rejected: int
    tables: CdsTables
    sums: tuple[FormatSum, ...]
    findings: Findings

    @property
    def refusals(self) -> tuple[CdsFinding, ...]:
        """Everything that was refused."""
        return tuple(finding for finding in self.findings.listed if finding.refuses)


@dataclass(kw_only=True)
class _Reading:
    """What is known of a file while it is read."""

    source: CdsSource
    limits: CdsLimits
    findings: Findings
    segments: list[Segment]
    shapes: list[Shape]
    repeats_names: list[bool]
    blocks: list[Block]
    rows: int = 0
    rejected: int = 0


def judge_cds(content: bytes, *, source: CdsSource, limits: CdsLimits | None = None) -> CdsVerdict:
    """Read a file of CDS customer data in any dialect.

    Usage segments become rows; objects of other kinds are counted and told to be not read. The
    same segment version a second time in a file is told and kept once. Never raises for what a
    file holds.
    """
    limits = limits or CdsLimits()
    reading = _Reading(
        source=source, limits=limits, findings=Findings(),
        segments=[], shapes=[], repeats_names=[], blocks=[],
    )  # fmt: skip
    try:
        document = read_document(content, findings=reading.findings, max_bytes=limits.max_bytes)
    except CdsReadError as error:
        reading.findings.add(error.finding)
        return _verdict(reading, Document(parts=()), None, is_file_refused=True)
    usage = [part for part in document.parts if part.kind is CdsObjectKind.USAGE_SEGMENTS]
    items = [item for part in usage for item in part.objects]
    dialect = dialect_of(items, findings=reading.findings)
    for part in usage:
        _read_part(part, reading, is_ambiguous=document.is_ambiguous)
    _tell_others(document.parts, findings=reading.findings)
    return _verdict(reading, document, dialect, is_file_refused=False)


def _read_part(part: Part, reading: _Reading, *, is_ambiguous: bool) -> None:
    known = {segment.version_id for segment in reading.segments}
    for index, item in enumerate(part.objects):
        pointer = part.pointer_to(index)
        # Of a refused segment only the refusal is told.
        findings = Findings()
        try:
            segment = read_segment(
                item, pointer=pointer, server=reading.source.server, findings=findings
            )
            _check_rows(segment, reading)
        except CdsReadError as error:
            reading.findings.add(error.finding)
            reading.rejected += 1
            continue
        if segment.version_id in known:
            reading.findings.tell(
                CdsCode.DUPLICATE_SEGMENT, pointer, "the same segment again", segment.segment_id
            )
            continue
        known.add(segment.version_id)
        reading.findings.take(findings)
        _take(segment, reading, repeats_names=is_ambiguous and any(ambiguous_objects(item)))


def _check_rows(segment: Segment, reading: _Reading) -> None:
    if reading.rows + row_count(segment) > reading.limits.max_rows:
        raise CdsReadError(
            CdsCode.TOO_MANY_ROWS,
            f"{row_count(segment):,} rows more, over the file's limit of "
            f"{reading.limits.max_rows:,}; send it in parts",
            pointer=f"{segment.pointer}/values",
        )


def _take(segment: Segment, reading: _Reading, *, repeats_names: bool) -> None:
    reading.rows += row_count(segment)
    reading.shapes.append(check_shape(segment, findings=reading.findings))
    reading.blocks += blocks_of(segment, len(reading.segments), findings=reading.findings)
    reading.segments.append(segment)
    reading.repeats_names.append(repeats_names)


def _tell_others(parts: Sequence[Part], *, findings: Findings) -> None:
    for part in parts:
        if part.kind is not CdsObjectKind.USAGE_SEGMENTS and part.objects:
            findings.tell(
                CdsCode.NOT_READ,
                part.pointer,
                f"{len(part.objects)} {part.kind.value}: only usage segments are read here",
            )


def _verdict(
    reading: _Reading, document: Document, dialect: CdsDialect | None, *, is_file_refused: bool
) -> CdsVerdict:
    findings, source = reading.findings, reading.source
    rows = rows_of(reading.blocks, findings=findings)
    lists = tuple(block for block in reading.blocks if block.cells is None)
    mix = mix_table(rows, lists, source=source, findings=findings)
    pointers = {one.version_id: one.pointer for one in reading.segments}
    check_shares(mix, pointers, findings=findings)
    check_directions(rows, energy_kwh(rows), findings=findings)
    relations = relation_table(reading.segments, reading.blocks, source=source, findings=findings)
    costs = cost_table(rows, source=source, findings=findings)
    objects: dict[CdsObjectKind, int] = {}
    for part in document.parts:
        objects[part.kind] = objects.get(part.kind, 0) + len(part.objects)
    return CdsVerdict(
        status=_status(reading, is_file_refused=is_file_refused),
        dialect=dialect,
        objects=objects,
        segments=len(reading.segments),
        rejected=reading.rejected,
        tables=CdsTables(
            segments=segment_table(
                reading.segments, reading.shapes, reading.repeats_names, dialect=dialect,
                counts=_slot_counts(rows, len(reading.segments)), source=source,
            ),
            intervals=interval_table(rows, source=source),
            relations=relations,
            supply_mix=mix,
            costs=costs,
            rejects=_reject_table(findings, source),
        ),
        sums=format_sums(rows),
        findings=findings,
    )  # fmt: skip


def _status(reading: _Reading, *, is_file_refused: bool) -> UploadStatus:
    if is_file_refused or (reading.rejected and not reading.segments):
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
