"""Bytes of any encoding and line end as chunks of whole lines: UTF-8, line feeds only."""

import codecs
from collections.abc import Iterator

import numpy as np

from cei_assets.core.intake.verdict import Limits, UnusableFileError

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_QUOTE, _LINE_FEED = ord('"'), ord("\n")


class TextChunks:
    """The text of a file in chunks that end where a record ends.

    `encoding` and `warnings` are final once `chunks` is exhausted: a byte that is not UTF-8 shows
    up where it stands, and from that chunk on the text is read as Windows-1252.
    """

    def __init__(self, pieces: Iterator[bytes], *, limits: Limits) -> None:
        self.encoding = "utf-8"
        self.warnings: list[str] = []
        self._pieces = pieces
        self._limits = limits

    def chunks(self) -> Iterator[bytes]:
        """Chunks of whole records, each ending in a line feed.

        Raises UnusableFileError for an empty file, for UTF-32 and for an endless line.
        """
        first = next(self._pieces, b"")
        if not first:
            raise UnusableFileError("the file is empty; expected a header line and data rows")
        rest = b""
        for piece in _line_feeds(self._decoded(first)):
            chunk, rest = _split(rest, piece)
            if len(rest) > self._limits.max_line_bytes:
                raise UnusableFileError(
                    f"a line is longer than {self._limits.max_line_bytes} bytes; "
                    "expected one reading a line"
                )
            if chunk:
                yield self._utf8(chunk)
        if rest:
            yield self._utf8(rest + b"\n")

    def _decoded(self, first: bytes) -> Iterator[bytes]:
        if first.startswith(_UTF32):
            raise UnusableFileError("the file is UTF-32; expected text in UTF-8")
        encoding = _UTF16.get(first[:2])
        if encoding is not None:
            self.encoding = "utf-16"
            decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
            yield decoder.decode(first[2:]).encode("utf-8", "replace")
            for piece in self._pieces:
                yield decoder.decode(piece).encode("utf-8", "replace")
            yield decoder.decode(b"", final=True).encode("utf-8", "replace")
            return
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from self._pieces

    def _utf8(self, chunk: bytes) -> bytes:
        if chunk.isascii():
            return chunk
        if self.encoding != "windows-1252":
            try:
                chunk.decode("utf-8")
            except UnicodeDecodeError:
                self.encoding = "windows-1252"
                self.warnings.append("the text is not UTF-8 and was read as Windows-1252")
            else:
                return chunk
        return chunk.decode("windows-1252", "replace").encode("utf-8")


def _line_feeds(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces with CRLF and CR turned into LF, also where a piece ends between the two."""
    held = b""
    for piece in pieces:
        text = held + piece
        held = b""
        if b"\r" in text:
            if text.endswith(b"\r"):
                text, held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if text:
            yield text
    if held:
        yield b"\n"


def _split(rest: bytes, piece: bytes) -> tuple[bytes, bytes]:
    """Whole records of the rest and the piece behind it, and what is left.

    Without quotes the piece alone tells, and is copied once.
    """
    if b'"' in rest or b'"' in piece:
        text = rest + piece
        cut = _end_of_records(text)
        return text[:cut], text[cut:]
    cut = piece.rfind(b"\n") + 1
    if not cut:
        return b"", rest + piece
    return b"".join((rest, memoryview(piece)[:cut])), piece[cut:]


def _end_of_records(text: bytes) -> int:
    """Where the last whole record of the text ends; a quoted cell may hold line feeds.

    A quote that never closes would hold back everything behind it, so text with more than 1 MiB
    behind the last record end is cut at its last line.
    """
    cut = text.rfind(b"\n") + 1
    if text.count(b'"', 0, cut) % 2 == 0:
        return cut
    ends = record_ends(np.frombuffer(text, np.uint8)[:cut])
    if len(ends) and cut - ends[-1] < 1 << 20:
        return int(ends[-1]) + 1
    return cut


def record_ends(characters: np.ndarray) -> np.ndarray:
    """Positions of the line feeds that stand outside quotes; `characters` is uint8."""
    inside = np.cumsum(characters == _QUOTE, dtype=np.uint8) & 1
    return np.flatnonzero((characters == _LINE_FEED) & (inside == 0))
