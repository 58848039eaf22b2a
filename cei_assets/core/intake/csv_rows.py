"""A CSV drop as batches of text rows with their physical line numbers."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from cei_assets.core.intake.csv_dialect import Dialect, HeaderTargets, read_header
from cei_assets.core.intake.reject_bound import too_many_rejects
from cei_assets.core.intake.row_source import MALFORMED_SCHEMA, MAX_RAW_TEXT, RowBatch
from cei_assets.core.intake.text_chunks import TextChunks, record_ends
from cei_assets.core.intake.unpacking import unpacked_pieces
from cei_assets.core.intake.verdict import FileFacts, Limits, UnusableFileError

Integers = npt.NDArray[np.int64]
CHUNK_BYTES = 16 << 20
_BLOCK_BYTES = 4 << 20
_FEW_DISTINCT = ("site_id", "station_id", "meter_id", "timestamp_utc", "unit")
_LINE_FEED = ord("\n")
_MARKED_NUMBER = r"\A\s*[+-]?[0-9]*[.,][0-9]+([eE][+-]?[0-9]+)?\s*\z"
_TEXT = pa.string()
_CODED_TEXT = pa.dictionary(pa.int32(), _TEXT)


class CsvRows:
    """The rows of a CSV drop; see RowSource. Memory is bounded by the size of a chunk.

    A line is a row of its own unless a quoted cell holds line feeds. `facts` is final once
    `batches` is exhausted. Raises UnusableFileError while reading when the file as a whole
    cannot be used.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        targets: HeaderTargets,
        limits: Limits,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self.decimal_mark = "."
        self.facts = FileFacts()
        self._stream = stream
        self._targets = targets
        self._limits = limits
        self._chunk_bytes = chunk_bytes

    def batches(self) -> Iterator[RowBatch]:
        """Batches of rows in the file's order."""
        pieces = unpacked_pieces(self._stream, limits=self._limits, piece_bytes=self._chunk_bytes)
        text = TextChunks(pieces, limits=self._limits)
        dialect: Dialect | None = None
        line, is_first = 1, True
        for chunk in text.chunks():
            body = chunk
            if dialect is None:
                header, body, lines = _header(chunk)
                line += lines
                if header is None:
                    continue
                dialect = self._dialect(header, chunk)
            if body:
                lines = int(np.count_nonzero(np.frombuffer(body, np.uint8) == _LINE_FEED))
                batch = _batch(body, dialect, line, lines, self._limits.max_rejects)
                if is_first and dialect.delimiter != ",":
                    self.decimal_mark = _decimal_mark(batch.rows)
                is_first = False
                yield batch
                line += lines
        if dialect is None:
            raise UnusableFileError("the file has no header, only blank lines")
        warnings = [*text.warnings, *dialect.warnings]
        if is_first:
            warnings.append("the file has a header and no rows")
        self.facts = FileFacts(
            encoding=text.encoding,
            delimiter=dialect.delimiter,
            warnings=tuple(warnings),
        )

    def _dialect(self, header: str, chunk: bytes) -> Dialect:
        try:
            return read_header(header, targets=self._targets)
        except UnusableFileError as error:
            if b"\0" not in chunk:
                raise
            raise UnusableFileError(
                "the file is binary or UTF-16 without a byte-order mark; expected text in UTF-8"
            ) from error


def _header(chunk: bytes) -> tuple[str | None, bytes, int]:
    """First line with text, what follows it, and how many lines that used up."""
    blank = len(chunk) - len(chunk.lstrip())
    start = chunk.rfind(b"\n", 0, blank) + 1
    end = chunk.find(b"\n", start)
    if blank == len(chunk):
        return None, b"", chunk.count(b"\n")
    return chunk[start:end].decode("utf-8"), chunk[end + 1 :], chunk.count(b"\n", 0, end) + 1


def _batch(
    body: bytes, dialect: Dialect, first_line: int, lines: int, max_rejects: int
) -> RowBatch:
    """Rows of a chunk: at once where every line is a row, else record by record."""
    try:
        rows = _parsed(pa.py_buffer(body), dialect, parallel=True)
    except pa.ArrowInvalid:
        rows = None
    if rows is not None and rows.num_rows == lines:
        numbers = np.arange(first_line, first_line + lines)
        return RowBatch(rows=_numbered(rows, numbers), malformed=MALFORMED_SCHEMA.empty_table())
    return _batch_by_record(body, dialect, first_line, max_rejects)


def _batch_by_record(body: bytes, dialect: Dialect, first_line: int, max_rejects: int) -> RowBatch:
    """Rows of a chunk with blank lines, quoted line feeds or malformed lines.

    Records end outside quotes. When that leaves a malformed record that spans lines, a quote was
    never closed: then every line is a record, so that one bad line costs no other.
    """
    characters = np.frombuffer(body, np.uint8)
    records = _Records(body, record_ends(characters), dialect)
    if records.swallows_lines():
        records = _Records(body, np.flatnonzero(characters == _LINE_FEED), dialect)
    return records.batch(first_line, max_rejects)


class _Records:
    """Records of a chunk that end at `ends`, each well formed, malformed or blank."""

    def __init__(self, body: bytes, ends: Integers, dialect: Dialect) -> None:
        self._body = body
        self._dialect = dialect
        if not len(ends) or ends[-1] != len(body) - 1:
            ends = np.r_[ends, len(body) - 1]
        self._offsets = np.r_[0, ends + 1].astype(np.int32)
        self._texts = pa.StringArray.from_buffers(
            len(ends), pa.py_buffer(self._offsets), pa.py_buffer(body)
        )
        self._is_blank = pc.equal(pc.utf8_trim_whitespace(self._texts), "").to_numpy(
            zero_copy_only=False
        )
        self._is_good = self._well_formed() & ~self._is_blank

    def _well_formed(self) -> npt.NDArray[np.bool_]:
        """Whether records have as many cells as the header and quote whole cells.

        A quote inside a cell that does not begin with one is text. Quoted cells are taken out
        before the delimiters are counted.
        """
        sign = "\\t" if self._dialect.delimiter == "\t" else self._dialect.delimiter
        quoted = '"(?:[^"]|"")*"'
        cell = f'(?:{quoted}|[^"{sign}\\n][^{sign}\\n]*|)'
        has_shape = pc.match_substring_regex(self._texts, f"\\A{cell}(?:{sign}{cell})*\\n\\z")
        bare = pc.replace_substring_regex(self._texts, f"(\\A|{sign}){quoted}", "\\1")
        signs = pc.count_substring(bare, self._dialect.delimiter)
        good = pc.and_(pc.equal(signs, len(self._dialect.columns) - 1), has_shape)
        flags: npt.NDArray[np.bool_] = good.to_numpy(zero_copy_only=False)
        return flags

    def swallows_lines(self) -> bool:
        """Whether a malformed record spans several lines."""
        bad = self._texts.filter(pa.array(~self._is_good & ~self._is_blank))
        return bool(pc.any(pc.greater(pc.count_substring(bad, "\n"), 1)).as_py())

    def batch(self, first_line: int, max_rejects: int) -> RowBatch:
        """Rows of the good records and the malformed ones, with the line each starts on."""
        starts = self._offsets[:-1]
        feeds = np.flatnonzero(np.frombuffer(self._body, np.uint8) == _LINE_FEED)
        numbers = first_line + np.searchsorted(feeds, starts)
        bad = np.flatnonzero(~self._is_good & ~self._is_blank)
        if len(bad) > max_rejects:
            raise too_many_rejects(max_rejects, first=f"on line {numbers[bad[0]]} (MALFORMED_ROW)")
        good = self._texts.filter(pa.array(self._is_good))
        rows = _parsed(_bytes_of(good), self._dialect, parallel=False)
        return RowBatch(
            rows=_numbered(rows, numbers[self._is_good]),
            malformed=self._malformed(bad, numbers[bad]),
        )

    def _malformed(self, bad: Integers, numbers: Integers) -> pa.Table:
        texts = pc.utf8_rtrim(self._texts.take(pa.array(bad)), "\n")
        delimiter = self._dialect.delimiter
        cells = pc.add(pc.count_substring(texts, delimiter), 1).cast(_TEXT)
        counted = pc.binary_join_element_wise(
            "the row has ", cells, f" cells, the header {len(self._dialect.columns)}, with "
            f"delimiter {delimiter!r}; expected as many cells as columns", "",
        )  # fmt: skip
        detail = pc.if_else(
            pc.match_substring(texts, '"'),
            "quotes do not match, or the number of cells differs from the header's; quote whole "
            "cells only and double a quote inside them",
            counted,
        )
        return pa.table(
            [
                pa.array(numbers, pa.int64()),
                pa.nulls(len(texts), pa.string()),
                pc.utf8_slice_codeunits(texts, 0, MAX_RAW_TEXT),
                detail,
            ],
            schema=MALFORMED_SCHEMA,
        )


def _bytes_of(texts: pa.StringArray) -> pa.Buffer:
    """The texts one after another; a filtered array is packed and starts at its first byte."""
    if not len(texts):
        return pa.py_buffer(b"")
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return data.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))


def _parsed(data: pa.Buffer, dialect: Dialect, *, parallel: bool) -> pa.Table:
    """Text columns of CSV data.

    Raises pyarrow.ArrowInvalid for a row with another number of cells; a handler that leaves it out
    would be called from Python for each such row.
    """
    named = [target for target in dialect.columns if target is not None]
    types = {name: _CODED_TEXT if name in _FEW_DISTINCT else _TEXT for name in named}
    if not data.size:
        return pa.schema(types.items()).empty_table()
    names = [target or f"unused_{at}" for at, target in enumerate(dialect.columns)]
    return pa_csv.read_csv(
        pa.BufferReader(data),
        read_options=pa_csv.ReadOptions(
            column_names=names,
            use_threads=parallel,
            block_size=_BLOCK_BYTES if parallel else data.size + 1,
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=dialect.delimiter,
            newlines_in_values=not parallel,
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=named,
            column_types=types,
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _numbered(rows: pa.Table, numbers: Integers) -> pa.Table:
    return rows.append_column("line_number", pa.array(numbers, pa.int64()))


def _decimal_mark(rows: pa.Table) -> str:
    """Mark of the first number that has one; a comma can be one where it is no delimiter."""
    column = next(name for name in ("value", "temperature_c") if name in rows.column_names)
    marked = rows[column].filter(pc.match_substring_regex(rows[column], _MARKED_NUMBER))
    if not len(marked):
        return "."
    return "," if "," in marked[0].as_py() else "."
