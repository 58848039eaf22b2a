"""Rules R05 to R07 and T01 to T06: labels, order, window, completeness."""

from collections.abc import Callable
from datetime import date

import pytest

from cei_assets.contracts.csi_vocabulary import CsiResult
from cei_assets.core.csi.finding import CsiVerdict
from tests.csi_reports import (
    Rows,
    broken,
    column,
    edits,
    fill,
    first,
    judged,
    put,
    report,
)

B = column("B")
MARCH, NOVEMBER = date(2014, 3, 1), date(2013, 11, 1)
HINT = "looks like daylight-saving time"


def messages(verdict: CsiVerdict, rule: str) -> list[str]:
    return [finding.message for finding in verdict.findings if finding.rule.name == rule]


def labels(rows: Rows) -> list[str]:
    return [row[B] for row in rows]


def relabel(rows: Rows, new: list[str]) -> None:
    for row, label in zip(rows, new, strict=True):
        row[B] = label


def shift(rows: Rows) -> None:
    """Interval-beginning labels."""
    relabel(rows, ["2013-09-01 00:00", *labels(rows)[:-1]])


# --- R05 to R07


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("", "the label is missing"),
        ("9/1/2013 0:15", "A spreadsheet reformatted the column"),
        ("01.09.2013 00:15", "A spreadsheet reformatted the column"),
        ("2013-09-01 00:15:00", "Leave out seconds"),
        ("2013-09-01T00:15", "the letter T"),
        ("2013-09-01 00:15Z", "the time zone"),
        ("2013-09-01 00:15-08:00", "the time zone"),
        (" 2013-09-01 00:15", "Delete the blanks"),
        ("2013-09-01 00:15 ", "Delete the blanks"),
        ("2013-09-01 00:15\n", "Delete the blanks"),
        ("2013-09-01  00:15", "is not YYYY-MM-DD HH:MM"),
        ("2013-9-1 0:15", "is not YYYY-MM-DD HH:MM"),
        ("2013/09/01 00:15", "is not YYYY-MM-DD HH:MM"),
        ("41518.0104", "is not YYYY-MM-DD HH:MM"),
        ("2013-09-01\u00a000:15", "is not YYYY-MM-DD HH:MM"),
        ("2013-09-01 00:1\uff15", "is not YYYY-MM-DD HH:MM"),
        ("2013-09-01 00:1\u0665", "is not YYYY-MM-DD HH:MM"),
        ("2013-09-01", "is not YYYY-MM-DD HH:MM"),
    ],
)
def test_r05_rejects_every_other_form(cell: str, hint: str) -> None:
    verdict = judged(report(edit=put("B", cell, line=9)))
    assert broken(verdict) == {"R05": 1, "T06": 1}
    finding = first(verdict, "R05")
    assert (finding.line, finding.column) == (9, "B")
    assert hint in finding.message


def test_r05_reports_a_reformatted_column_in_full() -> None:
    verdict = judged(report(edit=fill("B", "9/1/2013 0:15")))
    assert broken(verdict) == {"R05": 2880, "T06": 2880}
    assert len(messages(verdict, "R05")) == 20


@pytest.mark.parametrize(
    "cell",
    ["2013-09-31 00:00", "2013-02-30 00:00", "2013-13-01 00:00", "2013-00-10 00:00",
     "2013-09-00 00:15", "0000-09-01 00:15", "2013-02-29 00:15", "2013-09-01 25:00",
     "2013-09-01 24:00", "2013-09-01 24:15", "2013-09-01 23:60", "2013-09-01 00:99"],
)  # fmt: skip
def test_r06_rejects_times_that_do_not_exist(cell: str) -> None:
    verdict = judged(report(edit=put("B", cell, line=9)))
    assert broken(verdict) == {"R06": 1, "T06": 1}
    assert f"'{cell}' does not exist" in first(verdict, "R06").message


def test_r06_tells_how_to_write_24_00() -> None:
    verdict = judged(report(edit=put("B", "2013-09-01 24:00", line=97)))
    assert "write 00:00 of the next day" in first(verdict, "R06").message


@pytest.mark.parametrize("cell", ["2016-02-29 00:15", "2013-09-01 23:45"])
def test_r06_takes_leap_days_and_the_last_quarter_hour(cell: str) -> None:
    assert "R06" not in broken(judged(report(edit=put("B", cell, line=9))))


def test_r06_takes_the_leap_day_of_a_leap_year_only() -> None:
    leap = date(2016, 2, 1)
    assert judged(report(leap), leap).result is CsiResult.SUCCESS
    plain = date(2014, 2, 1)
    verdict = judged(report(plain, edit=put("B", "2014-02-29 00:15", line=9)), plain)
    assert broken(verdict) == {"R06": 1, "T06": 1}


@pytest.mark.parametrize("cell", ["2013-09-01 02:07", "2013-09-01 02:01", "2013-09-01 02:14"])
def test_r07_rejects_minutes_off_the_grid_and_keeps_the_label_in_t(cell: str) -> None:
    verdict = judged(report(edit=put("B", cell, line=10)))
    assert broken(verdict) == {"R07": 1, "T02": 1, "T06": 1} or broken(verdict) == {
        "R07": 1,
        "T06": 1,
    }
    assert "is not a 15-minute boundary" in first(verdict, "R07").message


@pytest.mark.parametrize("minute", ["00", "15", "30", "45"])
def test_r07_takes_quarters_of_an_hour(minute: str) -> None:
    verdict = judged(report(edit=put("B", f"2013-09-03 10:{minute}", line=10)))
    assert "R07" not in broken(verdict)


def test_a_cell_gets_only_the_first_of_r05_r06_r07() -> None:
    both = put("B", "2013-09-31 00:07", "9/1/2013 0:07", line=9)
    assert broken(judged(report(edit=both))) == {"R05": 1, "R06": 1, "T06": 2}


# --- T01 and T02


def test_t01_names_the_line_of_the_first_occurrence() -> None:
    verdict = judged(report(edit=lambda rows: rows.insert(200, rows[199])))
    assert broken(verdict) == {"T01": 1}
    assert "line 202, column B" in verdict.findings[0].message
    assert "2013-09-03 02:00 already on line 201" in verdict.findings[0].message


def test_t01_reports_every_repetition() -> None:
    verdict = judged(report(edit=lambda rows: rows.extend(rows[-2:] * 2)))
    assert broken(verdict) == {"T01": 4, "T02": 2}
    assert all("already on line 28" in message for message in messages(verdict, "T01"))


def test_t01_of_a_row_that_is_not_a_neighbour_is_t02_too() -> None:
    verdict = judged(report(edit=lambda rows: rows.insert(300, rows[100])))
    assert broken(verdict) == {"T01": 1, "T02": 1}
    assert "already on line 102" in first(verdict, "T01").message


def test_t02_rejects_two_rows_in_the_wrong_order() -> None:
    def swap(rows: Rows) -> None:
        rows[300], rows[301] = rows[301], rows[300]

    verdict = judged(report(edit=swap))
    assert broken(verdict) == {"T02": 1}
    assert "line 303, column B" in verdict.findings[0].message
    assert "2013-09-04 03:15 comes after 2013-09-04 03:30 on line 302" in (
        verdict.findings[0].message
    )


def test_t02_rejects_a_month_in_reverse() -> None:
    verdict = judged(report(edit=lambda rows: rows.reverse()))
    assert broken(verdict) == {"T02": 2879, "T04": 1, "T05": 1}


def test_t02_compares_with_the_row_before_that_has_a_label() -> None:
    def edit(rows: Rows) -> None:
        rows[10][B] = "bad"
        rows[11][B], rows[9][B] = rows[9][B], rows[11][B]

    verdict = judged(report(edit=edit))
    assert broken(verdict) == {"R05": 1, "T02": 1, "T06": 1}
    assert "on line 11" in first(verdict, "T02").message
    assert first(verdict, "T02").line == 13


# --- T03


@pytest.mark.parametrize(
    ("label", "is_outside"),
    [
        ("2013-09-01 00:00", True),
        ("2013-09-01 00:15", False),
        ("2013-10-01 00:00", False),
        ("2013-10-01 00:15", True),
        ("2012-09-10 10:00", True),
        ("9999-12-31 23:45", True),
    ],
)
def test_t03_window_ends_with_the_first_of_the_next_month(label: str, is_outside: bool) -> None:
    assert ("T03" in broken(judged(report(edit=put("B", label, line=50))))) is is_outside


def test_t03_sums_up_a_block_of_rows() -> None:
    def edit(rows: Rows) -> None:
        template = rows[-1]
        for label in ("2013-10-01 00:15", "2013-10-01 00:30", "2013-10-01 00:45"):
            rows.append([template[0], label, *template[2:]])
        rows[5][B] = "2013-08-31 10:00"

    verdict = judged(report(edit=edit))
    assert broken(verdict) == {"T02": 1, "T03": 4, "T05": 1, "T06": 1}
    blocks = messages(verdict, "T03")
    assert len(blocks) == 2
    assert 'line 7, column B "Datetime": 2013-08-31 10:00 is outside September 2013' in blocks[0]
    assert "line 2882" in blocks[1]
    assert "2013-10-01 00:15 to 2013-10-01 00:45 (3 rows up to line 2884) are outside" in blocks[1]


def test_t03_rejects_another_month_in_one_block() -> None:
    verdict = judged(report(date(2013, 10, 1)))
    assert broken(verdict) == {"T03": 2976, "T04": 1, "T05": 1, "T06": 2880}
    assert len(messages(verdict, "T03")) == 1


# --- T04 and T05


def test_t04_and_t05_hint_at_interval_beginning_labels() -> None:
    verdict = judged(report(edit=shift))
    assert broken(verdict) == {"T03": 1, "T04": 1, "T05": 1, "T06": 1}
    first_message, last_message = messages(verdict, "T04")[0], messages(verdict, "T05")[0]
    assert "first interval is 2013-09-01 00:00, expected 2013-09-01 00:15" in first_message
    assert "last interval is 2013-09-30 23:45, expected 2013-10-01 00:00" in last_message
    assert "interval-beginning labels" in first_message
    assert "interval-beginning labels" in last_message


def test_t04_rejects_a_month_that_starts_late() -> None:
    verdict = judged(report(edit=lambda rows: rows.pop(0)))
    assert broken(verdict) == {"T04": 1, "T06": 1}
    assert "first interval is 2013-09-01 00:30" in messages(verdict, "T04")[0]
    assert "interval-beginning" not in messages(verdict, "T04")[0]


def test_t05_rejects_a_month_that_ends_early() -> None:
    verdict = judged(report(edit=lambda rows: rows.pop()))
    assert broken(verdict) == {"T05": 1, "T06": 1}
    assert "last interval is 2013-09-30 23:45" in messages(verdict, "T05")[0]


def test_t04_judges_by_position_in_the_file() -> None:
    verdict = judged(report(edit=lambda rows: rows.append(rows.pop(0))))
    assert broken(verdict) == {"T02": 1, "T04": 1, "T05": 1}


@pytest.mark.parametrize("label", ["bad", "2013-09-31 00:15"])
def test_t04_and_t05_are_silent_where_the_label_is_no_time(label: str) -> None:
    start = judged(report(edit=put("B", label, line=2)))
    end = judged(report(edit=put("B", label, line=2881)))
    assert not {"T04", "T05"} & broken(start).keys()
    assert not {"T04", "T05"} & broken(end).keys()


def test_t04_judges_a_label_off_the_grid() -> None:
    verdict = judged(report(edit=put("B", "2013-09-01 00:07")))
    assert broken(verdict) == {"R07": 1, "T04": 1, "T06": 1}


# --- T06


def test_t06_reports_ranges_without_a_line_and_counts_intervals() -> None:
    def edit(rows: Rows) -> None:
        del rows[960:1056]
        del rows[500]

    verdict = judged(report(edit=edit))
    assert broken(verdict) == {"T06": 97}
    single, day = messages(verdict, "T06")
    assert "1 interval missing: 2013-09-06 05:15" in single
    assert "96 intervals missing: 2013-09-11 00:15 to 2013-09-12 00:00" in day
    assert first(verdict, "T06").line is None


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (put("B", "9/1/2013 1:15", line=6), "CSI-R05"),
        (put("B", "2013-09-31 01:15", line=6), "CSI-R06"),
        (put("B", "2013-09-01 01:07", line=6), "CSI-R07"),
        (lambda rows: rows[4].pop(), "CSI-F07"),
    ],
    ids=["R05", "R06", "R07", "F07"],
)
def test_t06_sends_first_to_the_rows_that_could_not_be_read(
    edit: Callable[[Rows], object], rule: str
) -> None:
    (message,) = messages(judged(report(edit=edit)), "T06")
    assert "1 interval missing: 2013-09-01 01:15" in message
    assert f"Rows that break {rule} do not count: correct them first" in message


def test_t06_names_all_rules_whose_rows_do_not_count() -> None:
    edit = edits(put("B", "x", line=6), put("B", "2013-09-31 01:15", line=9))
    both = messages(judged(report(edit=edit)), "T06")
    assert all("Rows that break CSI-R05 or CSI-R06 do not count" in each for each in both)


def test_t06_lists_20_ranges_and_counts_all() -> None:
    def every_other(rows: Rows) -> None:
        del rows[1:-1:2]

    verdict = judged(report(edit=every_other))
    assert broken(verdict) == {"T06": 1439}
    assert len(messages(verdict, "T06")) == 20


def test_t06_is_a_set_difference_that_repetitions_do_not_fire() -> None:
    assert "T06" not in broken(judged(report(edit=lambda rows: rows.insert(5, rows[5]))))


def test_t06_of_as_many_rows_as_the_month_has() -> None:
    def edit(rows: Rows) -> None:
        rows[100] = rows[99]

    assert broken(judged(report(edit=edit))) == {"T01": 1, "T06": 1}


@pytest.mark.parametrize(
    ("month", "rows"),
    [
        (date(2014, 2, 1), 2688),
        (date(2016, 2, 1), 2784),
        (MARCH, 2976),
        (NOVEMBER, 2880),
        (date(2013, 12, 1), 2976),
    ],
)
def test_every_month_is_complete_on_the_fixed_grid(month: date, rows: int) -> None:
    verdict = judged(report(month), month)
    assert verdict.result is CsiResult.SUCCESS
    assert verdict.data_rows == rows
    assert verdict.intervals is not None
    assert verdict.intervals.num_rows == rows


# --- daylight-saving time


def wall_clock_march(rows: Rows) -> None:
    """What a logger on legal time writes: 02:00 to 02:45 do not exist on the 9th."""
    rows[:] = [row for row in rows if not "2014-03-09 02:00" <= row[B] <= "2014-03-09 02:45"]


def wall_clock_november(rows: Rows) -> None:
    """On the 3rd 01:00 to 01:45 come twice."""
    start = labels(rows).index("2013-11-03 01:00")
    rows[start + 4 : start + 4] = rows[start : start + 4]


def test_t06_hints_at_daylight_saving_time_in_march() -> None:
    verdict = judged(report(MARCH, edit=wall_clock_march), MARCH)
    assert broken(verdict) == {"T06": 4}
    message = messages(verdict, "T06")[0]
    assert "4 intervals missing: 2014-03-09 02:00 to 2014-03-09 02:45" in message
    assert HINT in message


def test_t01_hints_at_daylight_saving_time_in_november() -> None:
    verdict = judged(report(NOVEMBER, edit=wall_clock_november), NOVEMBER)
    assert broken(verdict) == {"T01": 4, "T02": 1}
    assert all(HINT in message for message in messages(verdict, "T01"))


def test_t02_does_not_send_to_sorting_where_the_clocks_went_back() -> None:
    verdict = judged(report(NOVEMBER, edit=wall_clock_november), NOVEMBER)
    (message,) = messages(verdict, "T02")
    assert HINT in message
    assert "Sort the rows" not in message

    def also_out_of_order(rows: Rows) -> None:
        wall_clock_november(rows)
        rows[5], rows[6] = rows[6], rows[5]

    verdict = judged(report(NOVEMBER, edit=also_out_of_order), NOVEMBER)
    swapped, clocks = messages(verdict, "T02")
    assert "Sort the rows" in swapped
    assert HINT in clocks


def test_no_hint_at_daylight_saving_time_where_the_labels_do_not_match() -> None:
    other_day = judged(report(MARCH, edit=lambda rows: rows.__delitem__(slice(7, 11))), MARCH)
    assert broken(other_day) == {"T06": 4}
    assert HINT not in messages(other_day, "T06")[0]
    three = judged(
        report(MARCH, edit=edits(wall_clock_march, lambda rows: rows.pop(96 * 8 + 7))), MARCH
    )
    assert HINT not in messages(three, "T06")[0]
    november = report(NOVEMBER, edit=lambda rows: rows.insert(5, rows[5]))
    assert HINT not in messages(judged(november, NOVEMBER), "T01")[0]


def test_no_hint_at_daylight_saving_time_where_more_is_repeated_or_the_month_has_no_change() -> (
    None
):
    more = edits(wall_clock_november, lambda rows: rows.insert(5, rows[5]))
    verdict = judged(report(NOVEMBER, edit=more), NOVEMBER)
    assert broken(verdict) == {"T01": 5, "T02": 1}
    assert not any(HINT in message for message in messages(verdict, "T01"))
    september = judged(report(edit=lambda rows: rows.insert(5, rows[5])))
    assert HINT not in messages(september, "T01")[0]
