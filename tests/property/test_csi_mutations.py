"""A valid month, mutated: the verdict never raises and agrees with a naive reading of the rules.

The oracle reads row by row and asks one question: may this file succeed? It shares nothing with the
rules but Python's csv module.
"""

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.csi_vocabulary import HEADER_TEMPLATE, CsiResult
from cei_assets.core.csi.finding import CsiVerdict
from tests.csi_reports import (
    APPLICATION_ID,
    Rows,
    column,
    csv_line,
    judged,
    report,
    report_bytes,
    report_rows,
)

MONTH = date(2014, 2, 1)
VALID = report(MONTH)
LETTERS = "ABCDEFGHIJKL"
MIDDLE = 1300
SEED = 20140201

CELLS: dict[str, str] = {
    "empty": "",
    "blank": " ",
    "tab": "\t",
    "zero": "0",
    "minus zero": "-0",
    "integer": "4313",
    "plus": "+5",
    "negative": "-120",
    "leading zeros": "0007",
    "largest bigint": "9223372036854775807",
    "beyond bigint": "9223372036854775808",
    "very long integer": "9" * 5_000,
    "decimal": "1234.5",
    "bare point": ".5",
    "trailing point": "2.",
    "twelve places": "0.000000000001",
    "thirteen places": "0.0000000000001",
    "zeros behind": "1.50000000000000000",
    "beyond the type": "12345678901234567",
    "exponent": "1E-05",
    "large exponent": "1E+999999999999",
    "small exponent": "1e-40",
    "decimal comma": "0,5",
    "thousands": "1,234",
    "underscore": "1_000",
    "nan": "NaN",
    "infinity": "inf",
    "not available": "N/A",
    "hexadecimal": "0x1F",
    "formula": "=1+1",
    "spreadsheet error": "#DIV/0!",
    "full-width digits": "\uff11\uff12",
    "arabic digits": "\u0661\u0662",
    "unit": "12 therms",
    "quote": 'the "big" one',
    "only a quote": '"',
    "several lines": "a\r\nb",
    "line separator": "a\u2028b",
    "next line": "1\x85",
    "no-break space": "\u00a05",
    "longest": "x" * 32_767,
    "too long": "x" * 32_768,
    "same id": APPLICATION_ID,
    "other id": "SCG-99999",
    "small id": APPLICATION_ID.lower(),
    "label of another row": "2014-02-03 10:00",
    "label of another month": "2014-03-01 00:15",
    "no such day": "2014-02-29 00:15",
    "24:00": "2014-02-14 24:00",
    "seconds": "2014-02-14 13:15:00",
    "spreadsheet date": "2/14/2014 13:15",
}


# --- the oracle


def may_succeed(content: bytes) -> bool:
    """Whether the rules let a file through for the one-tank application with gas back-up."""
    rows = naive_rows(content)
    if rows is None or not rows or rows[0] != list(HEADER_TEMPLATE):
        return False
    labels = naive_labels()
    return len(rows) == len(labels) + 1 and all(
        row_may_pass(tuple(row), label) for row, label in zip(rows[1:], labels, strict=True)
    )


@cache
def naive_labels() -> list[str]:
    midnight = datetime(2014, 2, 1)  # noqa: DTZ001 - labels have no zone
    return [
        f"{midnight + timedelta(minutes=15 * number):%Y-%m-%d %H:%M}"
        for number in range(1, 28 * 96 + 1)
    ]


def naive_rows(content: bytes) -> Rows | None:
    """The records without blank ones at the end; None when the bytes are no CSV file."""
    if b"\0" in content or content[:2] in (b"PK", b"\xff\xfe", b"\xfe\xff") or not content.strip():
        return None
    if len(content) > 10 * 1024 * 1024:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("cp1252", errors="replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    while rows and all(not cell.strip(" \t") for cell in rows[-1]) and len(rows[-1]) < 2:
        rows.pop()
    return rows


@cache
def row_may_pass(row: tuple[str, ...], label: str) -> bool:
    return (
        len(row) == 12
        and row[0] == APPLICATION_ID
        and row[1] == label
        and row[3] == ""
        and is_integer(row[4])
        and is_number(row[5])
        and row[6] == row[7] == ""
        and max(len(cell) for cell in row) <= 32_767
    )


def is_integer(cell: str) -> bool:
    if cell == "":
        return True
    digits = cell[1:] if cell[0] in "+-" else cell
    if not digits or any(digit not in "0123456789" for digit in digits):
        return False
    return len(digits.lstrip("0")) < 20 and -(2**63) <= int(cell) < 2**63


def is_number(cell: str) -> bool:
    if cell == "":
        return True
    if not re.fullmatch(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?", cell):
        return False
    return abs(to_twelve_places(cell)) < Decimal(10) ** 16


def to_twelve_places(cell: str) -> Decimal:
    """Halves to even, whatever the number of digits."""
    with localcontext() as context:
        context.prec = 20_000
        return (Decimal(cell) * 10**12).to_integral_value(ROUND_HALF_EVEN) / 10**12


def agree(content: bytes) -> CsiVerdict:
    """The verdict on a file, after it was compared with the oracle and looked at for its shape."""
    verdict = judged(content, MONTH)
    assert (verdict.result is CsiResult.SUCCESS) == may_succeed(content)
    told = Counter(finding.rule for finding in verdict.findings)
    assert max(told.values(), default=0) <= 20
    lines = len(re.findall(rb"\r\n|\r|\n", content)) + 1
    for finding in verdict.findings:
        assert finding.count >= told[finding.rule]
        assert finding.line is None or 1 <= finding.line <= lines
        assert finding.message.isprintable()
    if verdict.result is CsiResult.SUCCESS:
        holds_the_cells(verdict, content)
    else:
        assert verdict.intervals is None
    return verdict


def holds_the_cells(verdict: CsiVerdict, content: bytes) -> None:
    rows = naive_rows(content)
    assert rows is not None
    assert verdict.intervals is not None
    cells = [list(turned) for turned in zip(*rows[1:], strict=True)]
    accepted = verdict.intervals
    assert accepted["total_btu"].to_pylist() == [int(cell) if cell else None for cell in cells[4]]
    assert accepted["backup_gas_therms"].to_pylist() == [
        to_twelve_places(cell) if cell else None for cell in cells[5]
    ]
    for name, position in (("gallons_text", 2), ("alarms", 8), ("trends", 11)):
        if "\ufffd" not in "".join(cells[position]):
            assert accepted[name].to_pylist() == [cell or None for cell in cells[position]]
    assert accepted["solar_btu"].null_count == len(rows[1:])


# --- every cell class in every column


@pytest.mark.parametrize("name", CELLS)
def test_every_class_of_cell_in_every_column(name: str) -> None:
    for position in range(12):
        agree(_with_cell(position, CELLS[name]))


def _with_cell(position: int, cell: str) -> bytes:
    """The valid month with one other cell in its middle."""
    lines = VALID.split(b"\r\n")
    cells = lines[MIDDLE].decode().split(",")
    cells[position] = cell
    lines[MIDDLE] = csv_line(cells).encode()
    return b"\r\n".join(lines)


@pytest.mark.parametrize("position", range(12))
def test_every_header_cell_changed(position: int) -> None:
    for changed in ("", HEADER_TEMPLATE[position].upper(), f"{HEADER_TEMPLATE[position]} ", "x"):
        header = list(HEADER_TEMPLATE)
        header[position] = changed
        assert agree(report(MONTH, header=header)).result is CsiResult.FAILURE


# --- every structural edit


def _move(rows: Rows, source: int, target: int) -> None:
    rows.insert(target, rows.pop(source))


def _swap(rows: Rows, one: int, other: int) -> None:
    rows[one], rows[other] = rows[other], rows[one]


STRUCTURAL: dict[str, Callable[[Rows], object]] = {
    "nothing": lambda _rows: None,
    "delete the first row": lambda rows: rows.pop(0),
    "delete a row": lambda rows: rows.pop(MIDDLE),
    "delete the last row": lambda rows: rows.pop(),
    "delete a day": lambda rows: rows.__delitem__(slice(960, 1056)),
    "delete all rows": lambda rows: rows.clear(),
    "keep one row": lambda rows: rows.__delitem__(slice(1, None)),
    "repeat the first row": lambda rows: rows.insert(0, rows[0]),
    "repeat a row": lambda rows: rows.insert(MIDDLE, rows[MIDDLE]),
    "repeat the last row": lambda rows: rows.append(rows[-1]),
    "repeat the month": lambda rows: rows.extend(rows[:]),
    "repeat a row in place of the next": lambda rows: rows.__setitem__(MIDDLE, rows[MIDDLE - 1]),
    "swap neighbours": lambda rows: _swap(rows, MIDDLE, MIDDLE + 1),
    "swap the ends": lambda rows: _swap(rows, 0, -1),
    "swap far rows": lambda rows: _swap(rows, 10, 2000),
    "move the first row to the end": lambda rows: _move(rows, 0, len(rows) - 1),
    "move a row up": lambda rows: _move(rows, 2000, 5),
    "reverse": lambda rows: rows.reverse(),
    "insert a blank line": lambda rows: rows.insert(MIDDLE, []),
    "insert a blank line first": lambda rows: rows.insert(0, []),
    "append blank lines": lambda rows: rows.extend([[], [], [" "]]),
    "insert a row of commas": lambda rows: rows.insert(MIDDLE, [""] * 12),
    "append a row of commas": lambda rows: rows.append([""] * 12),
    "insert the header again": lambda rows: rows.insert(MIDDLE, list(HEADER_TEMPLATE)),
    "append a sum": lambda rows: rows.append(["Total", "", "", "", "123", *[""] * 7]),
    "empty every cell": lambda rows: [row.clear() for row in rows],
    "one more cell": lambda rows: rows[MIDDLE].append(""),
    "one more cell everywhere": lambda rows: [row.append("") for row in rows],
    "two rows in one": lambda rows: rows[MIDDLE].extend(rows.pop(MIDDLE + 1)),
    **{
        f"remove cell {letter}": lambda rows, position=position: rows[MIDDLE].pop(position)
        for position, letter in enumerate(LETTERS)
    },
    **{
        f"remove column {letter}": lambda rows, position=position: [
            row.pop(position) for row in rows
        ]
        for position, letter in enumerate(LETTERS)
    },
    **{
        f"empty column {letter}": lambda rows, position=position: [
            row.__setitem__(position, "") for row in rows
        ]
        for position, letter in enumerate(LETTERS)
    },
    **{
        f"swap columns {letter} and the next": lambda rows, position=position: [
            row.insert(position, row.pop(position + 1)) for row in rows
        ]
        for position, letter in enumerate(LETTERS[:-1])
    },
}
HARMLESS = {"nothing", "append blank lines", "empty column C", "empty column E", "empty column F"}


@pytest.mark.parametrize("name", STRUCTURAL)
def test_every_structural_edit(name: str) -> None:
    rows = report_rows(MONTH)
    STRUCTURAL[name](rows)
    verdict = agree(report_bytes(rows))
    untouched = name in HARMLESS or re.fullmatch(r"empty column [DG-L]", name)
    harmless = untouched or re.fullmatch(r"swap columns [G-K] and the next", name)
    assert (verdict.result is CsiResult.SUCCESS) == bool(harmless)


# --- bytes


def _flipped(content: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(content))
    flipped = content[position] ^ (1 << chance.randrange(8))
    return content[:position] + bytes([flipped]) + content[position + 1 :]


def _byte_edits() -> Iterator[bytes]:
    # Fixed places, so that a failure is found again.
    chance = random.Random(SEED)  # noqa: S311 - no secret
    for _ in range(40):
        yield _flipped(VALID, chance)
    # The first rows: small files, all of whose bits can be flipped.
    for _ in range(60):
        yield _flipped(VALID[:400], chance)
    for _ in range(15):
        position = chance.randrange(len(VALID))
        yield VALID[:position] + chance.randbytes(3) + VALID[position:]
    for mark in (b'"', b",", b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b";", b"\\", b" "):
        for position in (0, len(VALID) // 2, len(VALID)):
            yield VALID[:position] + mark + VALID[position:]


def test_flipped_and_inserted_bytes() -> None:
    for content in _byte_edits():
        agree(content)


def test_truncations() -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    ends = [0, 1, 2, 3, 14, len(VALID) - 1, *(chance.randrange(len(VALID)) for _ in range(30))]
    # The last row is whole without its line end, and without empty log cells it is not.
    for end in (*ends, len(VALID) - 2, len(VALID) - 3, len(VALID) - 8):
        verdict = agree(VALID[:end])
        assert (verdict.result is CsiResult.SUCCESS) == (end >= len(VALID) - 2)
    for start in (1, 5, 300, 400, len(VALID) // 2):
        assert agree(VALID[start:]).result is CsiResult.FAILURE


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_fail_without_raising(content: bytes) -> None:
    assert agree(content).result is CsiResult.FAILURE


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet='\r\n",;\t 0.-SCG\u2028', max_size=60))
def test_any_text_below_the_header_fails_without_raising(text: str) -> None:
    header = VALID[: VALID.index(b"\r\n") + 2]
    assert agree(header + text.encode()).result is CsiResult.FAILURE


# --- random edits together

CELL = st.sampled_from(list(CELLS.values())) | st.text(max_size=5)
ROW = st.integers(0, 28 * 96 - 1)
EDIT = st.one_of(
    st.tuples(st.just("write"), ROW, st.integers(0, 11), CELL),
    st.tuples(st.just("log"), ROW, st.sampled_from([2, 8, 9, 10, 11]), CELL),
    st.tuples(st.just("energy"), ROW, st.just(column("E")), st.sampled_from(["", "0", "-5", "99"])),
    st.tuples(st.sampled_from(["delete", "repeat", "swap", "shorten"]), ROW, ROW, st.just("")),
)


def _apply(rows: Rows, edit: tuple[str, int, int, str]) -> None:
    kind, row, other, cell = edit
    row %= len(rows)
    match kind:
        case "delete":
            del rows[row]
        case "repeat":
            rows.insert(other, list(rows[row]))
        case "swap":
            _swap(rows, row, other % len(rows))
        case "shorten":
            del rows[row][other % 12 :]
        case _:
            if len(rows[row]) == 12:
                rows[row][other] = cell


@settings(max_examples=50, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=4))
def test_random_edits_together(changes: list[tuple[str, int, int, str]]) -> None:
    rows = report_rows(MONTH)
    for change in changes:
        _apply(rows, change)
    try:
        content = report_bytes(rows)
    except UnicodeEncodeError:
        return
    agree(content)
