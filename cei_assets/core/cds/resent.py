"""Segments that were sent before: found by their text and cut out before the file is parsed.

Parsing numbers as they are written is most of the work on a file, and `cds_synced` moves every day
while nothing else does. So the digest of a segment's text is taken without that moment.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.moments import microseconds_of
from cei_assets.core.cds.stored import SegmentFacts, StoredVersions

MOST_BYTES = 64 << 20
"""Pages of a pull are smaller; looking through more of them would take too much memory."""

_KEY = b'"usage_segments"'
_LIST = re.compile(rb'"usage_segments"\s*:\s*\[')
_SYNCED = b'"cds_synced"'
_SYNCED_AT = re.compile(rb'"cds_synced"\s*:\s*"([^"]*)"')
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_OPENS, _CLOSES, _COMMA, _QUOTE = 1, 2, 3, 4
_CLASSES = np.zeros(256, dtype=np.uint8)
for _class, _characters in ((_OPENS, b"{["), (_CLOSES, b"}]"), (_COMMA, b","), (_QUOTE, b'"')):
    _CLASSES[list(_characters)] = _class
_IN_LIST, _IN_SEGMENT = 2, 3

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Resent:
    """A segment of the file whose rows are stored, and when it was synced now."""

    facts: SegmentFacts
    synced_us: int | None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file without the segments that are known; an empty object stands for each of them.

    `resent` are these by their position in the list of segments, `digests` the digests of the
    texts of all others that have one.
    """

    content: bytes
    resent: Mapping[int, Resent] = field(default_factory=dict)
    digests: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Text:
    """Where a segment's text stands, its digest without `cds_synced`, and that moment."""

    start: int
    end: int
    digest: str
    synced_us: int | None


def cut_resent(content: bytes, *, server: str, stored: StoredVersions) -> Sent:
    """Take the segments out of an envelope that are stored already; `server` is whose ids they are.

    Equal text means an equal version, so what is cut out would be read as what is stored. Whatever
    is unusual (another form than an envelope, no JSON, names that repeat) stays as it is.
    """
    texts = _texts(content, server=server) if len(content) <= MOST_BYTES else {}
    known = stored.by_text([text.digest for text in texts.values()]) if texts else {}
    pieces, position = [], 0
    resent, digests = {}, {}
    for index, text in texts.items():
        facts = known.get(text.digest)
        if facts is None:
            digests[index] = text.digest
            continue
        resent[index] = Resent(facts=facts, synced_us=text.synced_us)
        pieces += [content[position : text.start], b"{}"]
        position = text.end
    pieces.append(content[position:])
    return Sent(content=b"".join(pieces), resent=resent, digests=digests)


def _texts(content: bytes, *, server: str) -> dict[int, _Text]:
    """The segments' texts by their position in the list, in order."""
    masked = _ESCAPE.sub(b"__", content) if b"\\" in content else content
    begin = _LIST.search(masked)
    if begin is None or masked.count(_KEY) != 1:
        return {}
    marks = _Marks(masked)
    texts = {}
    for index, start, end in marks.objects_of_list(begin.end() - 1):
        text = _text(content, start, end, marks=marks, server=server)
        if text is not None:
            texts[index] = text
    return texts


def _text(content: bytes, start: int, end: int, *, marks: "_Marks", server: str) -> _Text | None:
    """None where the text alone does not tell when it was synced."""
    text = content[start:end]
    digest = sha256(server.encode() + b"\0")
    synced_us = None
    mentions = text.count(_SYNCED)
    if b"\\" in text or mentions > 1:
        return None
    if mentions:
        found = _SYNCED_AT.search(text)
        if found is None or marks.depth_at(start + found.start()) != _IN_SEGMENT:
            return None
        try:
            synced_us = microseconds_of(found[1].decode(), pointer="")
        except (CdsReadError, UnicodeDecodeError):
            return None
        digest.update(text[: found.start(1)])
        text = text[found.end(1) :]
    digest.update(text)
    return _Text(start=start, end=end, digest=digest.hexdigest(), synced_us=synced_us)


class _Marks:
    """Brackets and commas outside of strings, with the depth behind each of them."""

    def __init__(self, masked: bytes) -> None:
        classes = _CLASSES[np.frombuffer(masked, dtype=np.uint8)]
        found = np.flatnonzero(classes)
        kinds = classes[found]
        is_quote = kinds == _QUOTE
        outside = (np.cumsum(is_quote, dtype=np.int32) & 1 == 0) & ~is_quote
        self._position: Positions = found[outside]
        self._kind = kinds[outside]
        steps = (self._kind == _OPENS).astype(np.int8) - (self._kind == _CLOSES).astype(np.int8)
        self._depth = np.cumsum(steps, dtype=np.int32)
        self._is_object = np.frombuffer(masked, dtype=np.uint8)[self._position] == ord("{")

    def depth_at(self, position: int) -> int:
        """How many brackets are open at a position."""
        before = int(np.searchsorted(self._position, position))
        return int(self._depth[before - 1]) if before else 0

    def objects_of_list(self, opening: int) -> list[tuple[int, int, int]]:
        """Place in the list, start and end (excluded) of the objects of the envelope's list.

        `opening` is where its bracket stands. Nothing for a list at another depth or without end.
        """
        first = int(np.searchsorted(self._position, opening))
        if self._depth[first] != _IN_LIST or not self._is_object[0]:
            return []
        after = np.flatnonzero(self._depth[first:] < _IN_LIST)
        if not len(after):
            return []
        inside = slice(first + 1, first + int(after[0]))
        kind, depth, position = self._kind[inside], self._depth[inside], self._position[inside]
        opens = (kind == _OPENS) & (depth == _IN_SEGMENT)
        closes = (kind == _CLOSES) & (depth == _IN_LIST)
        places = np.cumsum((kind == _COMMA) & (depth == _IN_LIST))[opens]
        spans = zip(
            places.tolist(),
            position[opens].tolist(),
            position[closes].tolist(),
            self._is_object[inside][opens].tolist(),
            strict=True,
        )
        return [(place, start, end + 1) for place, start, end, is_object in spans if is_object]
