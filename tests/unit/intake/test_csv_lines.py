"""Encodings, delimiters, line ends, quotes; line numbers are those of an editor."""

import gzip
import io
import struct
import zipfile
from decimal import Decimal

import pytest

from cei_assets.core.intake.csv_dialect import READING_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.verdict import Limits
from tests.intake_drops import HEADER, accepted, codes, details, judged, rows

LINES = [f"mill,main,2026-01-01T{hour:02d}:00:00Z,{hour}.5,kWh" for hour in range(4)]


def _lines(content: bytes | str, **options: int) -> list[int]:
    data = content.encode() if isinstance(content, str) else content
    source = CsvRows(io.BytesIO(data), targets=READING_TARGETS, limits=Limits(), **options)
    return [
        number for batch in source.batches() for number in batch.rows["line_number"].to_pylist()
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, line_end: str) -> None:
    content = rows(*LINES).replace(",", delimiter).replace("\n", line_end)
    verdict = judged(content)
    assert verdict.rows_accepted == 4
    assert verdict.facts.delimiter == delimiter
    assert [line for (line,) in accepted(verdict, "line_number")] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252")],
)
def test_encodings(encoding: str, name: str) -> None:
    content = rows(*LINES, "Müll,main,2026-01-01T00:00:00Z,1,kWh")
    verdict = judged(content.encode(encoding))
    assert verdict.facts.encoding == name
    assert verdict.rows_accepted == 4
    assert "'Müll'" in details(verdict)[0]
    warned = any("Windows-1252" in warning for warning in verdict.facts.warnings)
    assert warned == (name == "windows-1252")


def test_utf_16_big_endian_is_read_by_its_byte_order_mark() -> None:
    assert judged(b"\xfe\xff" + rows(*LINES).encode("utf-16-be")).rows_accepted == 4


def test_a_last_line_without_line_end_counts() -> None:
    assert judged(rows(*LINES).rstrip("\n")).rows_accepted == 4


def test_a_decimal_comma_counts_where_the_comma_is_no_delimiter() -> None:
    verdict = judged("site;meter;ts;value\nmill;main;2026-01-01T00:00:00Z;1,5\n")
    assert accepted(verdict, "usage_kwh") == [(Decimal("1.5"),)]


def test_a_thousands_point_among_decimal_commas_is_refused() -> None:
    verdict = judged(
        "site;meter;ts;value\n"
        "mill;main;2026-01-01T00:00:00Z;1,5\n"
        "mill;main;2026-01-01T01:00:00Z;1.500\n"
        "mill;main;2026-01-01T02:00:00Z;1.500,5\n"
        "mill;main;2026-01-01T03:00:00Z;2\n"
    )
    assert codes(verdict) == [(3, "INVALID_VALUE"), (4, "INVALID_VALUE")]
    assert "decimal commas" in details(verdict)[0]
    assert verdict.rows_accepted == 2


def test_a_decimal_comma_among_decimal_points_is_refused() -> None:
    verdict = judged(
        "site;meter;ts;value\n"
        "mill;main;2026-01-01T00:00:00Z;1.5\n"
        "mill;main;2026-01-01T01:00:00Z;1,5\n"
    )
    assert codes(verdict) == [(3, "INVALID_VALUE")]


@pytest.mark.parametrize("junk", ["n,a", "1.234,5", "1,234.5", ",", "x.y"])
def test_a_value_that_is_no_number_does_not_tell_the_decimal_mark(junk: str) -> None:
    for mark in (".", ","):
        verdict = judged(
            "site;meter;ts;value\n"
            f"mill;main;2026-01-01T00:00:00Z;{junk}\n"
            f"mill;main;2026-01-01T01:00:00Z;1{mark}5\n"
            f"mill;main;2026-01-01T02:00:00Z;-2{mark}5\n"
        )
        assert codes(verdict) == [(2, "INVALID_VALUE"), (4, "INVALID_VALUE")]
        assert accepted(verdict, "usage_kwh") == [(Decimal("1.5"),)]


def test_a_decimal_comma_where_the_comma_is_the_delimiter_is_refused() -> None:
    assert codes(judged(rows('mill,main,2026-01-01T00:00:00Z,"1,5",kWh'))) == [(2, "INVALID_VALUE")]


def test_zero_bytes_cost_their_own_rows_only() -> None:
    """A logger that loses power leaves a block of zero bytes."""
    bad = "mi\0ll,main,2026-01-01T05:00:00Z,1,kWh"
    verdict = judged(rows(LINES[0], bad, *LINES[1:]) + "\0" * 512)
    assert verdict.rows_accepted == 4
    assert codes(verdict) == [(3, "UNKNOWN_SITE"), (7, "MALFORMED_ROW")]


def test_blank_lines_are_no_rows_and_keep_the_numbers_right() -> None:
    content = "\n\n" + HEADER + f"\n{LINES[0]}\n\n   \n{LINES[1]}\n\n"
    assert _lines(content) == [5, 8]


def test_many_blank_lines_before_the_header_are_read_once() -> None:
    """Reading them again for each of them would take hours."""
    before = 2_000_000
    assert _lines("\n" * before + "  \n" + HEADER + LINES[0] + "\n") == [before + 3]


def test_a_row_with_too_few_or_too_many_cells_is_malformed_by_itself() -> None:
    verdict = judged(rows(LINES[0], "mill,main", LINES[1], LINES[2] + ",x", LINES[3]))
    assert codes(verdict) == [(3, "MALFORMED_ROW"), (5, "MALFORMED_ROW")]
    assert verdict.rejects["raw_text"].to_pylist() == ["mill,main", LINES[2] + ",x"]
    assert "the row has 2 cells, the header 5" in details(verdict)[0]
    assert [line for (line,) in accepted(verdict, "line_number")] == [2, 4, 6]


def test_a_quoted_line_feed_belongs_to_its_row_and_the_next_number_is_physical() -> None:
    header = "site,meter,ts,value,note\n"
    content = header + (
        'mill,main,2026-01-01T00:00:00Z,1,"two\nlines, and ""quotes"""\n'
        "mill,main,2026-01-01T01:00:00Z,2,plain\n"
    )
    assert _lines(content) == [2, 4]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    bad = 'mill,"main,2026-01-01T05:00:00Z,1,kWh'
    verdict = judged(rows(LINES[0], bad, *LINES[1:]))
    assert codes(verdict) == [(3, "MALFORMED_ROW")]
    assert verdict.rejects["raw_text"].to_pylist() == [bad]
    assert verdict.rows_accepted == 4


def test_a_quote_that_opens_the_last_record_and_never_closes_is_malformed() -> None:
    verdict = judged(rows('mill,"ma\nin",2026-01-01T00:00:00Z,",kWh', ""))
    assert {code for _, code in codes(verdict)} == {"MALFORMED_ROW"}


@pytest.mark.parametrize("between", ["", "\n", "x\n"])
def test_a_quote_inside_a_bare_cell_is_text(between: str) -> None:
    row = 'mill,main,2026-01-01T0{}:00:00Z,1,5" pipe\n'
    content = "site,meter,ts,value,note\n" + row.format(0) + between + row.format(1)
    verdict = judged(content)
    assert verdict.rows_accepted == 2
    assert verdict.rows_rejected == between.count("x")


def test_quoted_cells_are_read_without_their_quotes() -> None:
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in LINES)
    assert judged(HEADER + quoted + "\n").rows_accepted == 4


def test_a_file_in_many_chunks_reads_like_one_in_a_single_chunk() -> None:
    body = [
        LINES[n % 4] if n % 7 else 'mill,"ma\nin",2026-01-01T00:00:00Z,1,kWh' for n in range(200)
    ]
    content = rows(*body)
    whole = _lines(content)
    assert len(whole) == 200
    for size in (64, 100, 1000):
        assert _lines(content, chunk_bytes=size) == whole


def test_delimiters_that_differ_from_the_header_s_make_every_row_malformed() -> None:
    verdict = judged(HEADER + "".join(line.replace(",", ";") + "\n" for line in LINES))
    assert [code for _, code in codes(verdict)] == ["MALFORMED_ROW"] * 4
    assert verdict.status == "rejected"


def _zipped(*members: tuple[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def test_gzip_and_zip_of_one_member_are_unpacked() -> None:
    assert judged(gzip.compress(rows(*LINES).encode())).rows_accepted == 4
    assert judged(_zipped(("a.csv", rows(*LINES)))).rows_accepted == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_zipped(), "holds 0 files"),
        (_zipped(("a", "x"), ("b", "y")), "holds 2 files"),
        (_zipped(("a.csv", "x"))[:-5], "cannot be read"),
        (gzip.compress(rows(*LINES).encode())[:-9], "broken or cut off"),
        (b"", "empty"),
        (b"\n \n\n", "no header"),
        (gzip.compress(b""), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        (rows(*LINES).encode("utf-16-le"), "UTF-16 without a byte-order mark"),
        (rows(*LINES).encode("utf-16-be"), "UTF-16 without a byte-order mark"),
        (rows(*LINES).encode("utf-32"), "UTF-32"),
        (_zipped(("[Content_Types].xml", "x"), ("xl/workbook.xml", "y")), "save it as CSV"),
    ],
    ids=[
        "zip-without-member",
        "zip-with-two-members",
        "zip-cut-off",
        "gzip-cut-off",
        "no-bytes",
        "blank-lines",
        "gzip-of-nothing",
        "picture",
        "utf-16-le-without-mark",
        "utf-16-be-without-mark",
        "utf-32",
        "workbook",
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, words: str) -> None:
    verdict = judged(content)
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert words in details(verdict)[0]


def test_the_list_of_files_of_a_zip_archive_is_bounded() -> None:
    many = _zipped(*((f"{'x' * 200}{n}", "") for n in range(5000)))
    assert "lists many files" in details(judged(many))[0]


def test_a_zip_archive_of_the_large_kind_is_unpacked() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        member.write(rows(*LINES).encode())
    assert judged(packed.getvalue()).rows_accepted == 4
    assert judged(_with_large_end(packed.getvalue(), size=None)).rows_accepted == 4
    claimed = judged(_with_large_end(packed.getvalue(), size=1 << 40))
    assert "lists many files" in details(claimed)[0]


def _with_large_end(archive: bytes, *, size: int | None) -> bytes:
    """The archive with the end record of a large one before its own."""
    at = archive.rindex(b"PK\x05\x06")
    directory_bytes, start = struct.unpack_from("<2L", archive, at + 12)
    large = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size or directory_bytes, start
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    return archive[:at] + large + locator + archive[at:]


def test_unpacking_is_bounded_in_size() -> None:
    packed = gzip.compress(rows(*LINES * 100).encode())
    verdict = judged(packed, limits=Limits(max_unpacked_bytes=1000))
    assert "more than 1000 bytes" in details(verdict)[0]


def test_unpacking_is_bounded_in_ratio() -> None:
    packed = gzip.compress((HEADER + LINES[0] + "\n").encode() + b" " * (20 << 20))
    verdict = judged(packed, limits=Limits(max_unpacked_ratio=100))
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert "more than 100 times" in details(verdict)[0]


def test_a_line_without_end_is_refused() -> None:
    verdict = judged(HEADER + "x" * 3000, limits=Limits(max_line_bytes=1000))
    assert "longer than 1000 bytes" in details(verdict)[0]
