"""Segment versions that are stored already, for tests of what is done with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cei_assets.contracts.cds_vocabulary import CdsDialect
from cei_assets.core.cds.stored import SegmentFacts


def facts(version_id: str) -> SegmentFacts:
    """A period marker of that version."""
    return SegmentFacts(
        version_id=version_id,
        segment_id=version_id,
        content_sha256=version_id,
        dialect=CdsDialect.C,
        created_us=None,
        modified_us=0,
        start_us=0,
        end_us=0,
        interval_us=1,
        set_count=0,
        format_count=0,
        unknown_type_count=0,
        value_count=0,
        missing_count=0,
        invalid_count=0,
        is_period_marker=True,
        is_aggregated=False,
        has_length_mismatch=False,
        has_span_mismatch=False,
        has_repeated_names=False,
    )


@dataclass
class Known:
    """Texts that are stored, by their digests."""

    digests: set[str] = field(default_factory=set)

    def by_text(self, digests: Sequence[str]) -> Mapping[str, SegmentFacts]:
        """Those that are known."""
        return {digest: facts(digest) for digest in digests if digest in self.digests}

    def by_version(self, version_id: str) -> SegmentFacts | None:
        """Not asked here."""
        raise AssertionError(version_id)
