"""The usage segments of a file: read in full, or found to be stored already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cei_assets.contracts.cds_vocabulary import (
    CdsCode,
    CdsDialect,
    CdsObjectKind,
    CdsValueStatus,
)
from cei_assets.core.cds.availability import check_availability
from cei_assets.core.cds.counts import ObjectCounts
from cei_assets.core.cds.document import Part, ambiguous_objects
from cei_assets.core.cds.expand import Block, Shape, blocks_of, check_shape, row_count, slot_count
from cei_assets.core.cds.finding import CdsReadError, Findings
from cei_assets.core.cds.resent import Sent
from cei_assets.core.cds.segment import Segment, read_segment
from cei_assets.core.cds.stored import SegmentFacts, StoredVersions

_KIND = CdsObjectKind.USAGE_SEGMENTS


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A version as one file shows it; microseconds UTC."""

    facts: SegmentFacts
    pointer: str
    synced_us: int | None


@dataclass(kw_only=True)
class UsageReading:
    """The segments of a file while it is read.

    `segments` and `blocks` are those that are read in full and their slots. `repeated_rows` counts
    slots of versions that are stored already or stood in the file before. `texts` are versions by
    the digest of their text, where that was not known.
    """

    server: str
    max_rows: int
    stored: StoredVersions | None
    findings: Findings
    counts: ObjectCounts
    segments: list[Segment] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    repeated_rows: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    _shapes: list[Shape] = field(default_factory=list)
    _repeats_names: list[bool] = field(default_factory=list)
    # In the order of the file; a number is the place in `segments` of one that is read in full.
    _shown: list[Sighting | int] = field(default_factory=list)
    _versions: set[str] = field(default_factory=set)
    _rows: int = 0

    @property
    def known_dialects(self) -> set[CdsDialect]:
        """Dialects of what is stored."""
        known = (shown.facts.dialect for shown in self._shown if isinstance(shown, Sighting))
        return {dialect for dialect in known if dialect is not None}

    def take(self, part: Part, *, sent: Sent, is_ambiguous: bool) -> None:
        """Read a list of segments; of a refused one only the refusal is told.

        The same version again is told and counted, one that is stored is seen and told nothing of.
        The limit of rows holds for all of them.
        """
        for index, item in enumerate(part.objects):
            pointer = part.pointer_to(index)
            resent = sent.resent.get(index)
            try:
                if resent is None:
                    self._read(item, pointer, sent.digests.get(index), is_ambiguous=is_ambiguous)
                else:
                    self._see(resent.facts, pointer, synced_us=resent.synced_us)
            except CdsReadError as error:
                self.findings.add(error.finding)
                self.counts.refused[_KIND] += 1

    def sightings(
        self, slots: Mapping[str, Sequence[int]], *, dialect: CdsDialect | None
    ) -> tuple[list[Sighting], list[SegmentFacts]]:
        """All that the file shows, and facts of what was read in full.

        `slots` counts the slots of each segment that was read in full, by value status.
        """
        read = [
            self._facts(
                index,
                {status: slots[status.value][index] for status in CdsValueStatus},
                dialect=dialect,
            )
            for index in range(len(self.segments))
        ]
        shown = [
            shown
            if isinstance(shown, Sighting)
            else Sighting(
                facts=read[shown],
                pointer=self.segments[shown].pointer,
                synced_us=self.segments[shown].synced_us,
            )
            for shown in self._shown
        ]
        return shown, read

    def _read(self, item: object, pointer: str, digest: str | None, *, is_ambiguous: bool) -> None:
        findings = Findings()
        segment = read_segment(item, pointer=pointer, server=self.server, findings=findings)
        if digest is not None:
            self.texts[digest] = segment.version_id
        known = self.stored.by_version(segment.version_id) if self.stored else None
        if known is not None:
            self._see(known, pointer, synced_us=segment.synced_us)
            return
        if not self._is_first(
            segment.version_id,
            segment.segment_id,
            pointer,
            rows=row_count(segment),
            slots=slot_count(segment),
        ):
            return
        self.findings.take(findings)
        self._shapes.append(check_shape(segment, findings=self.findings))
        blocks = blocks_of(segment, len(self.segments), findings=self.findings)
        check_availability(blocks, findings=self.findings)
        self.blocks += blocks
        self._repeats_names.append(is_ambiguous and any(ambiguous_objects(item)))
        self._shown.append(len(self.segments))
        self.segments.append(segment)

    def _see(self, facts: SegmentFacts, pointer: str, *, synced_us: int | None) -> None:
        """A version whose rows are stored."""
        if self._is_first(
            facts.version_id,
            facts.segment_id,
            pointer,
            rows=facts.row_count,
            slots=facts.slot_count,
        ):
            self._shown.append(Sighting(facts=facts, pointer=pointer, synced_us=synced_us))
            self.repeated_rows += facts.slot_count

    def _is_first(
        self, version_id: str, segment_id: str, pointer: str, *, rows: int, slots: int
    ) -> bool:
        """Whether the file has not shown the version before. Raises CdsReadError over the limit."""
        if self._rows + rows > self.max_rows:
            raise CdsReadError(
                CdsCode.TOO_MANY_ROWS,
                f"{rows:,} rows more, over the file's limit of {self.max_rows:,}; send it in parts",
                pointer=f"{pointer}/values",
            )
        if version_id in self._versions:
            self.findings.tell(
                CdsCode.DUPLICATE_SEGMENT, pointer, "the same segment again", segment_id
            )
            self.counts.repeated[_KIND] += 1
            self.repeated_rows += max(slots, 1)
            return False
        self._versions.add(version_id)
        self._rows += rows
        self.counts.kept[_KIND] += 1
        return True

    def _facts(
        self, index: int, slots: Mapping[CdsValueStatus, int], *, dialect: CdsDialect | None
    ) -> SegmentFacts:
        segment, shape = self.segments[index], self._shapes[index]
        return SegmentFacts(
            version_id=segment.version_id,
            segment_id=segment.segment_id,
            content_sha256=segment.content_sha256,
            dialect=dialect,
            created_us=segment.created_us,
            modified_us=segment.modified_us,
            start_us=segment.start_us,
            end_us=segment.end_us,
            interval_us=segment.interval_us,
            set_count=len(segment.values),
            format_count=len(segment.formats),
            unknown_type_count=sum(one.value_type is None for one in segment.formats),
            value_count=slots[CdsValueStatus.VALUE],
            missing_count=slots[CdsValueStatus.MISSING],
            invalid_count=slots[CdsValueStatus.INVALID],
            is_period_marker=segment.is_period_marker,
            is_aggregated=segment.is_aggregated,
            has_length_mismatch=shape.has_length_mismatch,
            has_span_mismatch=shape.has_span_mismatch,
            has_repeated_names=self._repeats_names[index],
        )
