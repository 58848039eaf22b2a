"""Rules F01 to F10, H01, H02 and W09 to W11: bytes, CSV, header."""

import gzip
import io
import zipfile
from collections.abc import Sequence

import pytest

from cei_assets.contracts.csi_vocabulary import HEADER_TEMPLATE, CsiResult, CsiSeverity
from cei_assets.core.csi.finding import CsiVerdict
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.program import CsiOptions
from tests.csi_reports import (
    broken,
    column,
    edits,
    first,
    form,
    judged,
    put,
    register,
    report,
    report_bytes,
    report_rows,
    told,
)

VALID = report()
HEADER_LINE, _, BODY = VALID.partition(b"\r\n")
BOM = b"\xef\xbb\xbf"


def lines_of(verdict: CsiVerdict, rule: str) -> list[int | None]:
    return [finding.line for finding in verdict.findings if finding.rule.name == rule]


def workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


def archive_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, VALID)
    return buffer.getvalue()


# --- bytes


@pytest.mark.parametrize(
    "content", [b"", BOM, b"\r\n", b" \t\n\n", BOM + b"\r\n "], ids=lambda content: repr(content)
)
def test_f01_rejects_a_file_without_text(content: bytes) -> None:
    verdict = judged(content)
    assert broken(verdict) == {"F01": 1}
    assert first(verdict, "F01").severity is CsiSeverity.REJECT


def test_f01_takes_a_single_character() -> None:
    assert "F01" not in broken(judged(b"x"))


def test_f02_takes_a_file_of_the_most_bytes_and_rejects_one_more() -> None:
    assert broken(judged(VALID, options=CsiOptions(max_bytes=len(VALID)))) == {}
    verdict = judged(VALID, options=CsiOptions(max_bytes=len(VALID) - 1))
    assert broken(verdict) == {"F02": 1}
    assert f"file has {len(VALID):,} bytes, limit {len(VALID) - 1:,}" in verdict.findings[0].message


def test_f02_takes_the_size_of_a_file_of_which_only_the_beginning_is_at_hand() -> None:
    verdict = judge_upload(
        VALID[:1_001],
        form=form(),
        register=register(),
        options=CsiOptions(max_bytes=1_000),
        size_bytes=5_000_000_000,
    )
    assert broken(verdict) == {"F02": 1}
    assert "file has 5,000,000,000 bytes, limit 1,000" in verdict.findings[0].message


def test_f02_takes_10_mebibytes_by_default() -> None:
    assert CsiOptions().max_bytes == 10 * 1024 * 1024


@pytest.mark.parametrize("offset", [100, 5_000])
def test_f03_rejects_a_nul_byte_and_names_its_line(offset: int) -> None:
    content = VALID[:offset] + b"\0" + VALID[offset:]
    verdict = judged(content)
    assert broken(verdict) == {"F03": 1}
    line = VALID[:offset].count(b"\n") + 1
    assert f"NUL byte at offset {offset} (line {line})" in verdict.findings[0].message
    assert verdict.findings[0].line == line


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_f03_rejects_utf_16_and_utf_32(encoding: str) -> None:
    verdict = judged(VALID.decode().encode(encoding))
    assert broken(verdict) == {"F03": 1}
    assert "looks like UTF-16" in verdict.findings[0].message


def test_f03_rejects_utf_16_without_a_nul_byte() -> None:
    assert broken(judged("\u4e00\u4e01".encode("utf-16"))) == {"F03": 1}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (workbook(), "an Excel workbook (.xlsx)"),
        (archive_of("report.csv"), "a zip archive"),
        (b"PK\x05\x06" + bytes(18), "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "an Excel workbook (.xls)"),
        (gzip.compress(VALID, mtime=0), "a gzip archive"),
    ],
    ids=["xlsx", "zip", "empty zip", "xls", "gzip"],
)
def test_f04_rejects_workbooks_and_archives_and_f03_stays_silent(content: bytes, kind: str) -> None:
    verdict = judged(content)
    assert broken(verdict) == {"F04": 1}
    assert f"this is {kind}, not a .csv" in verdict.findings[0].message


def test_f04_takes_text_that_starts_with_the_letters_pk() -> None:
    assert "F04" not in broken(judged(b"PK,1\n"))


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.b.Csv", ".csv", "a b\u00e9.csv"])
def test_f05_takes_names_that_end_in_csv(name: str) -> None:
    assert broken(judged(VALID, given_form=form(original_filename=name))) == {}


@pytest.mark.parametrize("name", ["x.txt", "csv", "a.csv.xlsx", "a.csv ", "a.cs"])
def test_f05_rejects_other_names(name: str) -> None:
    verdict = judged(VALID, given_form=form(original_filename=name))
    assert broken(verdict) == {"F05": 1}
    assert f"name '{name}' does not end in .csv" in verdict.findings[0].message


def test_f01_to_f05_come_together() -> None:
    verdict = judged(
        b"PK\x03\x04" + bytes(30),
        given_form=form(original_filename="a.zip"),
        options=CsiOptions(max_bytes=10),
    )
    assert broken(verdict) == {"F02": 1, "F04": 1, "F05": 1}
    assert broken(judged(b"", given_form=form(original_filename="a.txt"))) == {"F01": 1, "F05": 1}


# --- encodings


def test_w09_tells_of_a_byte_order_mark_and_the_file_passes() -> None:
    verdict = judged(BOM + VALID)
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W09": 1}
    assert first(verdict, "W09").severity is CsiSeverity.INFO


def test_w09_is_told_of_rejected_files_too() -> None:
    verdict = judged(BOM + HEADER_LINE)
    assert (broken(verdict).keys(), told(verdict)) == ({"F10"}, {"W09": 1})


def test_w10_reads_log_texts_as_windows_1252() -> None:
    content = report(edit=put("I", "pump 2 \u2013 25 \u00b0C")).decode().encode("cp1252")
    verdict = judged(content)
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W10": 1}
    assert first(verdict, "W10").line == 2
    assert first(verdict, "W10").severity is CsiSeverity.WARN
    assert verdict.intervals is not None
    assert verdict.intervals["alarms"][0].as_py() == "pump 2 \u2013 25 \u00b0C"


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_w10_reads_bytes_that_windows_1252_leaves_undefined(byte: int) -> None:
    verdict = judged(report(edit=put("I", "@@")).replace(b"@@", bytes([0x41, byte])))
    assert verdict.result is CsiResult.SUCCESS
    assert verdict.intervals is not None
    assert verdict.intervals["alarms"][0].as_py() == "A" + chr(byte)


def test_w10_is_silent_on_utf_8() -> None:
    verdict = judged(report(edit=put("I", "pump 2 \u2013 25 \u00b0C")))
    assert (verdict.result, told(verdict)) == (CsiResult.SUCCESS, {})


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_pass_and_count_alike(newline: str) -> None:
    assert judged(report(newline=newline)).result is CsiResult.SUCCESS
    verdict = judged(report(newline=newline, edit=put("E", "1.5", line=62)))
    assert lines_of(verdict, "R08") == [62]


@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_a_final_line_end_is_not_asked_for(ending: bytes) -> None:
    verdict = judged(VALID.rstrip(b"\r\n") + ending)
    assert (verdict.result, told(verdict)) == (CsiResult.SUCCESS, {})


def test_quoted_cells_pass() -> None:
    def quoted(cells: Sequence[str]) -> str:
        return ",".join(f'"{cell}"' for cell in cells) + "\r\n"

    content = "".join(map(quoted, (HEADER_TEMPLATE, *report_rows()))).encode()
    verdict = judged(content)
    assert (verdict.result, verdict.warnings) == (CsiResult.SUCCESS, ())
    assert verdict.intervals is not None
    assert verdict.intervals["solar_btu"].null_count == 2880


def test_lines_after_a_cell_of_several_lines_are_physical_ones() -> None:
    spread = edits(
        put("L", "a\r\nb\nc\rd", line=10), put("E", "x", line=10), put("E", "y", line=11)
    )
    verdict = judged(report(edit=spread))
    assert lines_of(verdict, "R08") == [10, 14]


def test_line_numbers_of_accepted_rows_are_physical_ones() -> None:
    verdict = judged(report(edit=put("L", "a\nb", line=2)))
    assert verdict.intervals is not None
    assert verdict.intervals["line_number"].to_pylist()[:3] == [2, 4, 5]
    assert verdict.intervals["trends"][0].as_py() == "a\nb"


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_other_marks_that_python_takes_for_line_ends_do_not_count(mark: str) -> None:
    verdict = judged(report(edit=edits(put("L", f"a{mark}b", line=5), put("E", "x", line=9))))
    assert lines_of(verdict, "R08") == [9]
    assert judged(report(edit=put("L", f"a{mark}b", line=5))).result is CsiResult.SUCCESS


# --- CSV


def test_f02_takes_the_most_rows_and_rejects_one_more() -> None:
    options = CsiOptions(max_rows=2880)
    assert broken(judged(VALID, options=options)) == {}
    assert broken(judged(VALID + b"\r\n\n\n", options=options)) == {}
    verdict = judged(VALID, options=CsiOptions(max_rows=2879))
    assert broken(verdict) == {"F02": 1}
    assert "more than 2,879 data rows" in verdict.findings[0].message


def test_f02_counts_a_row_behind_blank_lines() -> None:
    row = BODY[: BODY.index(b"\r\n")]
    verdict = judged(VALID + b"\r\n\r\n" + row, options=CsiOptions(max_rows=2881))
    assert broken(verdict) == {"F02": 1}


def test_f02_stops_at_20_000_rows_by_default() -> None:
    rows = report_rows() * 7
    assert "F02" in broken(judged(report_bytes(rows[:20_001])))
    assert "F02" not in broken(judged(report_bytes(rows[:20_000])))


@pytest.mark.parametrize("letter", ["A", "E", "L"])
def test_f02_takes_a_cell_of_32_767_characters_and_rejects_one_more(letter: str) -> None:
    longest = "x" * 32_767
    assert "F02" not in broken(judged(report(edit=put(letter, longest, line=9))))
    verdict = judged(report(edit=put(letter, longest + "x", line=9)))
    assert broken(verdict) == {"F02": 1}
    finding = first(verdict, "F02")
    assert (finding.line, finding.column) == (9, letter)
    assert "32,768 characters, limit 32,767" in finding.message
    assert len(finding.value or "") == 80


def test_f02_names_only_the_cells_beyond_the_limit() -> None:
    longest = "x" * 32_767
    verdict = judged(report(edit=put("L", longest, longest + "x", longest, line=9)))
    assert broken(verdict) == {"F02": 1}
    assert lines_of(verdict, "F02") == [10]


@pytest.mark.parametrize("quote", ["", '"'])
def test_f02_rejects_a_cell_beyond_what_the_csv_module_reads(quote: str) -> None:
    long_cell = f"{quote}{'x' * 200_000}{quote}".encode()
    content = HEADER_LINE + b"\r\n" + BODY.replace(b",,,\r\n", b",,," + long_cell + b"\r\n", 1)
    verdict = judged(content)
    assert broken(verdict) == {"F02": 1}
    assert lines_of(verdict, "F02") == [2]


def test_f02_rejects_long_cells_of_rows_of_any_length() -> None:
    content = HEADER_LINE + b"\r\n1,2\r\n" + b"x" * 32_768 + b"\r\n"
    assert lines_of(judged(content), "F02") == [3]


def test_f06_names_the_line_of_a_quote_that_is_never_closed() -> None:
    content = report_bytes(report_rows()[:200]).replace(
        b"\r\nSCG-00987,2013-09-02 01:00,", b'\r\n"SCG-00987,2013-09-02 01:00,', 1
    )
    line = content[: content.index(b'"')].count(b"\n") + 1
    verdict = judged(content)
    assert broken(verdict) == {"F06": 1}
    assert f"quote opened on line {line} is never closed" in verdict.findings[0].message
    assert verdict.findings[0].line == line


def test_f06_names_the_line_where_the_rest_is_longer_than_the_csv_module_reads() -> None:
    content = VALID.replace(b"\r\nSCG", b'\r\n"SCG', 1)
    assert len(content) > 131_072 + 200
    verdict = judged(content)
    assert broken(verdict) == {"F06": 1}
    assert "quote opened on line 2 is never closed" in verdict.findings[0].message


def test_f06_rejects_text_behind_a_closing_quote() -> None:
    content = VALID.replace(b"\r\nSCG-00987,", b'\r\n"SCG"-00987,', 1)
    verdict = judged(content)
    assert broken(verdict) == {"F06": 1}
    assert verdict.findings[0].line == 2
    assert "text follows a closing quote on line 2" in verdict.findings[0].message


def test_f06_names_the_row_whose_quote_runs_into_a_later_one() -> None:
    content = report(edit=edits(put("L", "@", line=5), put("L", "a, b", line=8)))
    verdict = judged(content.replace(b"@", b'"pump', 1))
    assert broken(verdict) == {"F06": 1}
    assert verdict.findings[0].line == 5
    assert "on line 8, in the row that starts on line 5" in verdict.findings[0].message


def test_f06_takes_quotes_written_twice_and_quotes_within_a_text() -> None:
    content = report(edit=put("L", 'the "big" pump')).replace(b",,,,\r\n", b',,,,6" pipe\r\n', 1)
    verdict = judged(content)
    assert verdict.result is CsiResult.SUCCESS
    assert verdict.intervals is not None
    assert verdict.intervals["trends"].to_pylist()[:2] == ['the "big" pump', '6" pipe']


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (11, "line 11: 11 fields, expected 12"),
        (13, "line 11: 13 fields, expected 12"),
        (1, "line 11: 1 field, expected 12"),
        (0, "line 11: blank line between data rows"),
    ],
)
def test_f07_rejects_rows_without_12_fields(cells: int, text: str) -> None:
    rows = report_rows()
    rows[9] = (rows[9] * 2)[:cells]
    verdict = judged(report_bytes(rows))
    assert broken(verdict) == {"F07": 1, "T06": 1}
    assert text in first(verdict, "F07").message


def test_f07_leaves_the_row_out_of_the_other_rules() -> None:
    rows = report_rows()
    rows[9] = ["scg", "no label", "", "x", "x"]
    assert broken(judged(report_bytes(rows))) == {"F07": 1, "T06": 1}


@pytest.mark.parametrize("position", [0, -1])
def test_f07_at_an_end_leaves_t04_and_t05_silent(position: int) -> None:
    rows = report_rows()
    rows[position] = rows[position][:11]
    assert broken(judged(report_bytes(rows))) == {"F07": 1, "T06": 1}


def test_f07_on_every_row_leaves_every_interval_missing() -> None:
    rows = [row[:11] for row in report_rows()]
    assert broken(judged(report_bytes(rows))) == {"F07": 2880, "T06": 2880}
    assert broken(judged(report_bytes([[*row, ""] for row in report_rows()]))) == {
        "F07": 2880,
        "T06": 2880,
    }


@pytest.mark.parametrize(("mark", "name"), [(";", "';'"), ("\t", "tabs"), ("|", "'|'")])
def test_f08_rejects_other_delimiters(mark: str, name: str) -> None:
    verdict = judged(VALID.replace(b",", mark.encode()))
    assert broken(verdict) == {"F08": 1}
    assert f"fields separated by {name}, expected ','" in verdict.findings[0].message


def test_f08_rejects_other_delimiters_where_the_header_is_wrong_or_quoted() -> None:
    assert broken(judged(b"application id;b;c\n1;2;3\n")) == {"F08": 1}
    assert broken(judged(b'"Application ID";"Datetime"\n')) == {"F08": 1}
    assert broken(judged(b"SCG-00987;2013-09-01 00:15;0,5;1,5\n")) == {"F08": 1}


def test_f08_takes_these_marks_within_texts() -> None:
    verdict = judged(report(edit=put("L", "a;b|c\td")))
    assert verdict.result is CsiResult.SUCCESS
    assert broken(judged(b"Report; September | 2013\n")) == {"H02": 12}


@pytest.mark.parametrize("rest", [b"", b"\r\n", b"\r\n\r\n\r\n"])
def test_f10_rejects_a_header_without_rows_and_t06_stays_silent(rest: bytes) -> None:
    verdict = judged(HEADER_LINE + rest)
    assert broken(verdict) == {"F10": 1}
    assert verdict.data_rows == 0


def test_f10_takes_a_single_row() -> None:
    assert "F10" not in broken(judged(report_bytes(report_rows()[:1])))


@pytest.mark.parametrize(
    ("rest", "count"),
    [(b"\r\n", 1), (b"\n\n\n", 3), (b" \r\n\t\r\n", 2), (b"\r\r", 2), (b" ", 1)],
    ids=lambda value: repr(value),
)
def test_w11_counts_blank_lines_at_the_end(rest: bytes, count: int) -> None:
    verdict = judged(VALID + rest)
    assert (verdict.result, told(verdict)) == (CsiResult.SUCCESS, {"W11": count})
    assert first(verdict, "W11").severity is CsiSeverity.INFO
    assert verdict.data_rows == 2880


def test_w11_counts_blank_lines_beyond_the_most_rows() -> None:
    verdict = judged(VALID + b"\n" * 500, options=CsiOptions(max_rows=2880))
    assert told(verdict) == {"W11": 500}


@pytest.mark.parametrize("content", [b'""', b'""\r\n\r\n'])
def test_w11_does_not_count_the_first_line(content: bytes) -> None:
    verdict = judged(content)
    assert broken(verdict).keys() == {"H02"}
    assert told(verdict) == ({"W11": 1} if content.endswith(b"\n") else {})


def test_w11_does_not_take_a_row_of_commas_for_a_blank_line() -> None:
    verdict = judged(VALID + b",,,,,,,,,,,\r\n")
    assert broken(verdict) == {"R01": 1, "R05": 1}
    assert lines_of(verdict, "R01") == [2882]


# --- header


def test_h01_rejects_a_file_that_starts_with_data() -> None:
    verdict = judged(BODY)
    assert broken(verdict) == {"H01": 1}
    assert "the header row is missing" in verdict.findings[0].message


def test_h01_is_silent_where_only_one_of_the_two_cells_is_data() -> None:
    assert "H02" in broken(judged(BODY.replace(b"2013-09-01 00:15", b"9/1/2013 0:15", 1)))


@pytest.mark.parametrize("position", range(12))
def test_h02_compares_every_column(position: int) -> None:
    header = list(HEADER_TEMPLATE)
    header[position] += "x"
    verdict = judged(report(header=header))
    assert broken(verdict) == {"H02": 1}
    finding = verdict.findings[0]
    assert (finding.line, finding.column) == (1, "ABCDEFGHIJKL"[position])
    assert f"expected '{HEADER_TEMPLATE[position]}', found '{header[position]}'" in finding.message


def test_h02_names_the_first_differing_column_and_lists_all() -> None:
    header = list(HEADER_TEMPLATE)
    header[3], header[6] = "Total BTUs", "kWh"
    verdict = judged(report(header=header))
    assert broken(verdict) == {"H02": 2}
    message = verdict.findings[0].message
    assert message.startswith(
        'CSI-H02 line 1, column D "Solar BTUs delivered (2-Tank System)": '
        "expected 'Solar BTUs delivered (2-Tank System)', found 'Total BTUs'; "
    )
    assert "column G: expected 'Back-up Electric Consumption (kWh)', found 'kWh'" in message


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ([name.lower() for name in HEADER_TEMPLATE], "Only capitals or blanks differ"),
        ([f" {name}" for name in HEADER_TEMPLATE], "Only capitals or blanks differ"),
        (HEADER_TEMPLATE[::-1], "another order"),
        (HEADER_TEMPLATE[:11], "found no column"),
        ((*HEADER_TEMPLATE, "Notes"), "field 13, beyond the last column L: expected nothing"),
        ((*HEADER_TEMPLATE, ""), "Delete what stands behind column L, commas too."),
        (("I just looked at it! A", *HEADER_TEMPLATE[1:]), "Copy the template's"),
    ],
    ids=["case", "blanks", "order", "missing", "extra", "trailing comma", "stray remark"],
)
def test_h02_tells_what_to_do(header: Sequence[str], hint: str) -> None:
    verdict = judged(report(header=header))
    assert broken(verdict).keys() == {"H02"}
    assert hint in verdict.findings[0].message


def test_h02_lists_a_few_of_very_many_columns() -> None:
    verdict = judged(b"," * 100_000)
    assert broken(verdict) == {"H02": 100_001}
    assert "and 99,981 more" in verdict.findings[0].message
    assert len(verdict.findings[0].message) < 2_500


@pytest.mark.parametrize("above", [b"\r\n", b"Report of September 2013\r\n", b",,,,,,,,,,,\r\n"])
def test_h02_finds_the_header_below_a_title_or_a_blank_line(above: bytes) -> None:
    verdict = judged(above + VALID)
    assert broken(verdict).keys() == {"H02"}
    assert "The header is in line 2: delete what stands above it." in verdict.findings[0].message


def test_h02_takes_a_quoted_header() -> None:
    header = ",".join(f'"{name}"' for name in HEADER_TEMPLATE).encode()
    assert broken(judged(header + b"\r\n" + BODY)) == {}


def test_a_failed_header_stops_the_gates_behind_it() -> None:
    rows = report_rows()[:5]
    rows[1][column("E")] = "x"
    rows[2] = rows[2][:3]
    header = ["Application", *HEADER_TEMPLATE[1:]]
    verdict = judged(report_bytes(rows, header=header))
    assert broken(verdict) == {"H02": 1}
    assert verdict.data_rows == 5
