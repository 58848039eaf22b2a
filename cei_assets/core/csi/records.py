"""Rules F02, F06, F07, F08, F10 and W11: a text as records of a CSV file, with their lines.

A line is the physical line on which a record starts; LF, CRLF and CR end lines, nothing else does.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from cei_assets.contracts.csi_vocabulary import HEADER_TEMPLATE, CsiRule
from cei_assets.core.csi.program import CsiOptions
from cei_assets.core.csi.wording import FindingCollector

WIDTH = len(HEADER_TEMPLATE)
Record = list[str]
Columns = tuple[tuple[str, ...], ...]
_LINE_END = re.compile(r"\r\n|\r|\n")
_OTHER_DELIMITERS = {";": "';'", "\t": "tabs", "|": "'|'"}


class _RecordReader(Protocol):
    """What `csv.reader` returns; its type has no public name."""

    @property
    def line_num(self) -> int:
        """How many physical lines it has read."""

    def __iter__(self) -> Iterator[Record]: ...

    def __next__(self) -> Record: ...


@dataclass(frozen=True, kw_only=True)
class Records:
    """The header and the records below it, without blank ones at the end; `lines` are theirs.

    `columns` are the rows turned, None where a row lacks fields or has too many.
    """

    header: Record
    rows: Sequence[Record]
    lines: Sequence[int]
    columns: Columns | None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Rows with all 12 fields, by column: 12 tuples as long as `lines`.

    `has_first` and `has_last` tell whether the file's first and last data row are among them.
    """

    lines: Sequence[int]
    columns: Columns
    has_first: bool
    has_last: bool


def read_records(text: str, *, options: CsiOptions, found: FindingCollector) -> Records | None:
    """The records of a text that is not blank; None when it is no readable CSV file."""
    delimiter = _other_delimiter(text, options)
    if delimiter is not None:
        found.add(
            CsiRule.F08,
            f"fields separated by {delimiter}, expected ','. "
            "Save the sheet as CSV with commas and decimal points.",
            line=1,
        )
        return None
    reader = _reader(text)
    try:
        # One more than header and rows may be; blank lines at the end do not count as rows.
        records = list(islice(reader, options.max_rows + 1))
        further_blanks = _count_blank(reader)
    except csv.Error:
        _explain_error(text, options, found)
        return None
    if further_blanks is None:
        found.add(
            CsiRule.F02,
            f"file has more than {options.max_rows:,} data rows. "
            "Upload one month of one application: 2,688 to 2,976 rows.",
        )
        return None
    lines = _start_lines(text, len(records), ended_on=reader.line_num - further_blanks)
    read = _without_blank_end(records, lines, further_blanks, found)
    _judge_cell_lengths(read, options, found)
    return read


def whole_rows(records: Records, *, found: FindingCollector) -> Sheet:
    """The rows that have 12 fields; the others break F07, none at all breaks F10."""
    rows, lines = records.rows, records.lines
    if not rows:
        found.add(
            CsiRule.F10,
            "header only, no data rows. Write a row for every 15-minute interval of the month.",
        )
    if records.columns is not None:
        columns = records.columns or ((),) * WIDTH
        return Sheet(lines=lines, columns=columns, has_first=True, has_last=True)
    kept = [position for position, row in enumerate(rows) if len(row) == WIDTH]
    for row, line in zip(rows, lines, strict=True):
        if len(row) != WIDTH:
            _add_wrong_width(row, line, found)
    return Sheet(
        lines=[lines[position] for position in kept],
        columns=_turned([rows[position] for position in kept]) or ((),) * WIDTH,
        has_first=len(rows[0]) == WIDTH,
        has_last=len(rows[-1]) == WIDTH,
    )


def _turned(rows: Sequence[Record]) -> Columns:
    return tuple(zip(*rows, strict=True))


def _add_wrong_width(row: Record, line: int, found: FindingCollector) -> None:
    if _is_blank(row):
        text = f"blank line between data rows, expected {WIDTH} fields. Delete the line."
    else:
        fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
        text = (
            f"{fields}, expected {WIDTH}. Write a comma for every empty cell, and quotes around a "
            "text with a comma in it."
        )
    found.add(CsiRule.F07, text, line=line)


def _reader(text: str) -> _RecordReader:
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _is_blank(record: Record) -> bool:
    return not record or (len(record) == 1 and not record[0].strip(" \t"))


def _count_blank(reader: Iterator[Record]) -> int | None:
    """How many blank records follow; None as soon as one is not blank."""
    count = 0
    for record in reader:
        if not _is_blank(record):
            return None
        count += 1
    return count


def _start_lines(text: str, count: int, *, ended_on: int) -> Sequence[int]:
    """Lines on which the first `count` records start; read again where one spans several."""
    if ended_on == count:
        return range(1, count + 1)
    reader = _reader(text)
    lines = []
    for _ in range(count):
        lines.append(reader.line_num + 1)
        next(reader)
    return lines


def _without_blank_end(
    records: list[Record], lines: Sequence[int], further_blanks: int, found: FindingCollector
) -> Records:
    end = len(records)
    while end > 1 and _is_blank(records[end - 1]):
        end -= 1
    blanks = len(records) - end + further_blanks
    if blanks:
        ignored = "1 trailing blank line" if blanks == 1 else f"{blanks:,} trailing blank lines"
        found.add(CsiRule.W11, f"{ignored} ignored. Nothing needs to be done.", count=blanks)
    rows = records[1:end]
    return Records(
        header=records[0],
        rows=rows,
        lines=lines[1:end],
        # Turning a row of very many fields would take a hundred times the file's size in memory.
        columns=_turned(rows) if set(map(len, rows)) <= {WIDTH} else None,
    )


def _judge_cell_lengths(records: Records, options: CsiOptions, found: FindingCollector) -> None:
    limit = options.max_cell_characters
    stripes = records.rows if records.columns is None else records.columns
    # A stripe that is short as a whole has no long cell: no need to look at each.
    if not any(
        len("".join(cells)) > limit and max(map(len, cells)) > limit
        for cells in (records.header, *stripes)
    ):
        return
    for line, record in zip((1, *records.lines), (records.header, *records.rows), strict=True):
        for position, cell in enumerate(record):
            if len(cell) > limit:
                _add_long_cell(line, position, cell, limit, found)


def _add_long_cell(
    line: int, position: int, cell: str, limit: int, found: FindingCollector
) -> None:
    found.add(
        CsiRule.F02,
        f"cell {position + 1} has {len(cell):,} characters, limit {limit:,}. Shorten its text.",
        line=line,
        column=position if position < WIDTH else None,
        value=cell,
    )


def _explain_error(text: str, options: CsiOptions, found: FindingCollector) -> None:
    """Says where and why the reader stopped: it does not tell on which line the record began."""
    reader = _reader(text)
    start = 1
    try:
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as error:
        is_open = text[_offset_of_line(text, start) :].count('"') % 2 == 1
        if "field limit" in str(error) and not is_open:
            found.add(
                CsiRule.F02,
                f"a cell has more than {options.max_cell_characters:,} characters, the limit. "
                "Shorten its text.",
                line=start,
            )
        elif "field limit" in str(error) or "unexpected end" in str(error):
            found.add(
                CsiRule.F06,
                f"quote opened on line {start} is never closed. "
                "Close it, and write a quote within a text twice.",
                line=start,
            )
        else:
            found.add(
                CsiRule.F06,
                f"text follows a closing quote on line {reader.line_num}, in the row that starts "
                f"on line {start} ({error}). Close every quote right before a comma or the line's "
                "end, and write a quote within a text twice.",
                line=start,
            )


def _offset_of_line(text: str, line: int) -> int:
    ends = islice(_LINE_END.finditer(text), line - 1)
    return max((end.end() for end in ends), default=0)


def _other_delimiter(text: str, options: CsiOptions) -> str | None:
    """How the first line is delimited when it reads as a header or a row that way, else None."""
    end = _LINE_END.search(text)
    first_line = text if end is None else text[: end.start()]
    if first_line.count(",") == WIDTH - 1:
        return None
    for mark, name in _OTHER_DELIMITERS.items():
        marks = first_line.count(mark)
        first_cell = first_line.split(mark, maxsplit=1)[0].strip().strip('"')
        starts_well = first_cell.casefold() == HEADER_TEMPLATE[0].casefold() or re.fullmatch(
            options.application_id_pattern, first_cell
        )
        if marks == WIDTH - 1 or (marks and starts_well):
            return name
    return None
