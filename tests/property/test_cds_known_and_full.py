"""Whatever a file has become: with what is stored it is read as without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from cei_assets.core.cds.judge import CdsVerdict, judge_cds
from cei_assets.core.cds.stored import SegmentFacts
from tests.cds_drops import envelope
from tests.cds_segments import SOURCE, net, segment, text_of


@dataclass
class Stored:
    """What the first reading of a page stored."""

    versions: dict[str, SegmentFacts] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def by_text(self, digests: Sequence[str]) -> Mapping[str, SegmentFacts]:
        """Those that are known."""
        return {
            digest: self.versions[self.texts[digest]] for digest in digests if digest in self.texts
        }

    def by_version(self, version_id: str) -> SegmentFacts | None:
        """The version, when it is stored."""
        return self.versions.get(version_id)


SEGMENTS = [
    segment(*net(1, None, 2.5), cds_usagesegment_id="plain"),
    segment(*net(1), cds_usagesegment_id="odd", note='}], "x" {', cds_synced=None),
    segment(*net(3, 4), end="2026-03-01T01:00:00Z", cds_usagesegment_id="span"),
    segment(formats=(), end="2026-04-01T00:00:00Z", cds_usagesegment_id="marker"),
]
PAGE = envelope(*SEGMENTS)
_first = judge_cds(PAGE.encode(), source=SOURCE, stored=Stored())
STORED = Stored(
    versions={facts.version_id: facts for facts in _first.stored}, texts=dict(_first.texts)
)
_WORDS = ("usage_segments", "cds_synced", "values", "2026-05-01T00:00:00Z")
_pieces = st.sampled_from(
    [*'{}[],:" \\0-\u00e9', "null", *(f'"{word}":' for word in _WORDS), text_of(SEGMENTS[0])]
)
_places = st.integers(0, len(PAGE))
_edits = st.lists(st.tuples(_places, st.integers(0, 40), _pieces | st.just("")), max_size=3)


def _edited(edits: Sequence[tuple[int, int, str]]) -> bytes:
    text = PAGE
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    return text.encode()


def _shown(verdict: CdsVerdict) -> list[dict[str, object]]:
    return verdict.tables.segments.drop_columns(["cds_dialect"]).to_pylist()


def _refused(verdict: CdsVerdict) -> list[tuple[str, str]]:
    return [(one.code.value, one.pointer) for one in verdict.refusals]


@given(edits=_edits)
def test_a_file_is_read_alike_whether_its_segments_are_known_or_not(
    edits: list[tuple[int, int, str]],
) -> None:
    content = _edited(edits)
    full = judge_cds(content, source=SOURCE)
    known = judge_cds(content, source=SOURCE, stored=STORED)
    assert _shown(known) == _shown(full)
    assert _refused(known) == _refused(full)
    assert known.status is full.status
    rows = known.tables.intervals.num_rows + known.repeated_rows
    assert rows == full.tables.intervals.num_rows + full.repeated_rows


@given(edits=_edits)
def test_what_is_read_is_known_the_next_time(edits: list[tuple[int, int, str]]) -> None:
    content = _edited(edits)
    first = judge_cds(content, source=SOURCE, stored=STORED)
    learned = Stored(
        versions={**STORED.versions, **{facts.version_id: facts for facts in first.stored}},
        texts={**STORED.texts, **first.texts},
    )
    again = judge_cds(content, source=SOURCE, stored=learned)
    assert again.stored == ()
    assert again.tables.intervals.num_rows == 0
    assert _shown(again) == _shown(first)
