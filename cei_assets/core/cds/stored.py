"""What is known of segment versions whose rows another receipt has stored.

An incremental pull sends nearly everything again. What was stored is found by its text, before it
is parsed, or else by its version, before it is expanded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cei_assets.contracts.cds_vocabulary import CdsDialect


@dataclass(frozen=True, kw_only=True)
class SegmentFacts:
    """A segment version without its slots, as `cds_segments` tells of it.

    Moments and interval are whole microseconds (UTC). Counts are those of a full read.
    """

    version_id: str
    segment_id: str
    content_sha256: str
    dialect: CdsDialect | None
    created_us: int | None
    modified_us: int
    start_us: int
    end_us: int
    interval_us: int
    set_count: int
    format_count: int
    unknown_type_count: int
    value_count: int
    missing_count: int
    invalid_count: int
    is_period_marker: bool
    is_aggregated: bool
    has_length_mismatch: bool
    has_span_mismatch: bool
    has_repeated_names: bool

    @property
    def slot_count(self) -> int:
        """Slots that are rows of `cds_intervals`."""
        return self.value_count + self.missing_count + self.invalid_count

    @property
    def row_count(self) -> int:
        """Rows that count against the limit of a file, lists of shares too."""
        return (self.format_count - self.unknown_type_count) * self.set_count


class StoredVersions(Protocol):
    """Versions whose rows receipts other than the judged one have stored under this judgement."""

    def by_text(self, digests: Sequence[str]) -> Mapping[str, SegmentFacts]:
        """Those of the texts with these digests that are known, by digest."""

    def by_version(self, version_id: str) -> SegmentFacts | None:
        """The version, when it is stored."""
