"""Rules W01 to W08, W13 and W14, and what a valid report gives: rows, sums, counts."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from cei_assets.contracts.csi_vocabulary import BackupType, CsiResult, CsiSeverity
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_INTERVALS
from cei_assets.core.csi.finding import CsiSums
from tests.csi_reports import (
    Rows,
    application,
    column,
    edits,
    fill,
    first,
    form,
    judged,
    put,
    register,
    report,
    report_rows,
    told,
)

TWO_TANK = register(application(tank_configuration=2))
CEILING = "255911"  # 300 kWth x 3412.142 / 4 = 255,910.65 BTU
BELOW_CEILING = "255910"


def test_accepted_rows_have_the_columns_of_the_contract_without_the_receipt() -> None:
    verdict = judged(report())
    assert verdict.intervals is not None
    whole = arrow_schema(CSI_INTERVALS)
    expected = [field for field in whole if field.name not in ("receipt_id", "received_date")]
    assert list(verdict.intervals.schema) == expected
    verdict.intervals.validate(full=True)


def test_accepted_rows_carry_both_clocks_lines_and_cells() -> None:
    verdict = judged(report(edit=edits(put("C", "", "12.50"), put("I", "ok"), put("L", "=1"))))
    assert verdict.intervals is not None
    rows = verdict.intervals.to_pylist()
    assert rows[0] == {
        "line_number": 2,
        "application_id": "SCG-00987",
        "application_month": date(2013, 9, 1),
        "interval_end_pst": datetime.fromisoformat("2013-09-01T00:15"),
        "interval_end_utc": datetime.fromisoformat("2013-09-01T08:15"),
        "gallons_text": None,
        "solar_btu": None,
        "total_btu": 0,
        "backup_gas_therms": Decimal("0.025"),
        "backup_electric_kwh": None,
        "backup_propane_therms": None,
        "is_catch_up": False,
        "alarms": "ok",
        "system_messages": None,
        "system_events": None,
        "trends": "=1",
    }
    assert rows[1]["gallons_text"] == "12.50"
    assert rows[-1]["line_number"] == 2881
    assert rows[-1]["interval_end_pst"] == datetime.fromisoformat("2013-10-01T00:00")


def test_utc_is_eight_hours_ahead_in_summer_too() -> None:
    march = date(2014, 3, 1)
    verdict = judged(report(march), march)
    assert verdict.intervals is not None
    apart = {
        row["interval_end_utc"] - row["interval_end_pst"] for row in verdict.intervals.to_pylist()
    }
    assert {gap.total_seconds() for gap in apart} == {8 * 3600}


def test_sums_are_those_of_the_cells() -> None:
    rows = report_rows()
    verdict = judged(report())
    assert verdict.sums == CsiSums(
        total_btu=sum(int(row[column("E")]) for row in rows),
        backup_gas_therms=sum((Decimal(row[column("F")]) for row in rows), Decimal(0)),
    )


def test_sums_of_the_largest_integers_are_exact() -> None:
    verdict = judged(report(edit=fill("E", str(2**63 - 1))))
    assert verdict.sums.total_btu == 2880 * (2**63 - 1)
    verdict = judged(report(edit=fill("F", "9999999999999999.999999999999")))
    assert verdict.sums.backup_gas_therms == Decimal("28799999999999999999.999999997120")


def test_counts_keep_empty_and_zero_apart() -> None:
    verdict = judged(report(edit=edits(fill("E", "5"), put("E", "", "", "0", "00", "-0"))))
    assert (verdict.empty_intervals, verdict.zero_intervals) == (2, 3)
    assert verdict.sums.total_btu == 2875 * 5


def test_a_failure_has_no_rows_counts_or_sums() -> None:
    verdict = judged(report(edit=put("E", "x")))
    assert verdict.intervals is None
    assert (verdict.empty_intervals, verdict.zero_intervals) == (None, None)
    assert verdict.sums == CsiSums()
    assert verdict.data_rows == 2880


def test_content_warnings_are_silent_where_something_rejects() -> None:
    everything = edits(fill("E", ""), put("F", "-1"), put("C", "n/a"), put("I", "=1"))
    assert told(judged(report(edit=everything))).keys() == {"W01", "W06", "W07", "W08", "W13"}
    assert told(judged(report(edit=edits(everything, put("D", "1"))))) == {}


# --- W01, W02, W14


def test_w01_warns_of_an_empty_month_and_lets_it_pass() -> None:
    verdict = judged(report(edit=edits(fill("E", ""), fill("F", ""))))
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W01": 2880}
    assert first(verdict, "W01").severity is CsiSeverity.WARN
    assert (verdict.empty_intervals, verdict.sums.total_btu) == (2880, None)


def test_w01_looks_at_the_column_of_the_tanks() -> None:
    verdict = judged(report(tank=2, edit=fill("D", "")), given_register=TWO_TANK)
    assert first(verdict, "W01").column == "D"
    assert "W01" not in told(judged(report(edit=edits(fill("E", ""), put("E", "0")))))


@pytest.mark.parametrize("empties", [0, 3])
def test_w14_warns_of_a_month_of_zeros(empties: int) -> None:
    verdict = judged(report(edit=edits(fill("E", "0"), put("E", *[""] * empties))))
    assert told(verdict)["W14"] == 2880 - empties
    assert "W01" not in told(verdict)
    assert verdict.result is CsiResult.SUCCESS
    assert "W14" not in told(judged(report(edit=edits(fill("E", "0"), put("E", "1")))))


def test_w02_tells_the_share_of_empty_intervals() -> None:
    march = date(2014, 3, 1)
    edit = edits(put("E", *[""] * 130), put("F", *[""] * 130))
    verdict = judged(report(march, edit=edit), march)
    assert told(verdict) == {"W02": 130}
    assert "130 of 2,976 intervals are empty (4.4%)" in first(verdict, "W02").message
    assert first(verdict, "W02").severity is CsiSeverity.INFO
    assert "W02" not in told(judged(report()))


# --- W03


def gap(rows: Rows, *, start: int, count: int, after: str) -> None:
    for letter in "EF":
        put(letter, *[""] * count, line=start)(rows)
    put("E", after, line=start + count)(rows)


def catch_ups(content: bytes) -> list[int]:
    verdict = judged(content)
    assert verdict.intervals is not None
    flags = verdict.intervals["is_catch_up"].to_pylist()
    return [line for line, flag in enumerate(flags, start=2) if flag]


def test_w03_flags_the_first_value_after_a_gap_above_the_ceiling() -> None:
    content = report(edit=lambda rows: gap(rows, start=702, count=104, after="4424709"))
    verdict = judged(content)
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W02": 104, "W03": 1}
    finding = first(verdict, "W03")
    assert finding.severity is CsiSeverity.INFO
    assert finding.line == 806
    assert "4,424,709 BTU after 104 empty intervals (ceiling 255,911 BTU)" in finding.message
    assert catch_ups(content) == [806]


@pytest.mark.parametrize(
    ("count", "after", "expected"),
    [(1, CEILING, [11]), (1, BELOW_CEILING, []), (0, CEILING, [])],
)
def test_w03_ceiling_is_what_the_collectors_deliver_in_15_minutes(
    count: int, after: str, expected: list[int]
) -> None:
    content = report(edit=lambda rows: gap(rows, start=11 - count, count=count, after=after))
    assert catch_ups(content) == expected


def test_w03_flags_a_gap_at_the_start_and_only_the_first_value() -> None:
    content = report(
        edit=edits(
            lambda rows: gap(rows, start=2, count=3, after="999999"),
            put("E", "999999", "999999", line=5),
        )
    )
    assert catch_ups(content) == [5]


def test_w03_is_silent_after_zeros() -> None:
    assert catch_ups(report(edit=put("E", "0", "0", "999999", line=20))) == []


def test_w03_follows_the_capacity_and_the_column_of_the_tanks() -> None:
    small = register(application(tank_configuration=2, capacity_kwth=Decimal("10.5")))
    # 10.5 kWth x 3412.142 / 4 = 8,956.87 BTU
    for value, expected in (("8957", {"W02", "W03"}), ("8956", {"W02"})):
        content = report(tank=2, edit=edits(fill("D", "10"), put("D", "", value)))
        assert told(judged(content, given_register=small)).keys() == expected


# --- W05 to W08


@pytest.mark.parametrize(
    ("month", "is_outside"),
    [
        (date(2013, 8, 1), True),
        (date(2013, 9, 1), False),
        (date(2015, 8, 1), False),
        (date(2015, 9, 1), True),
    ],
)
def test_w05_warns_outside_the_term(month: date, is_outside: bool) -> None:
    verdict = judged(report(month), month)
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == ({"W05": 1} if is_outside else {})
    assert verdict.intervals is not None


@pytest.mark.parametrize(
    ("letter", "backup", "tank"),
    [("D", "gas", 2), ("E", "gas", 1), ("F", "gas", 1), ("G", "electric", 1), ("H", "propane", 1)],
)
def test_w06_warns_of_negative_values(letter: str, backup: str, tank: int) -> None:
    given = register(application(tank_configuration=tank, backup_type=BackupType(backup)))
    content = report(tank=tank, backup=backup, edit=put(letter, "-120", "-0", "0", line=62))
    verdict = judged(content, given_register=given)
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W06": 1}
    finding = first(verdict, "W06")
    assert (finding.line, finding.column, finding.value) == (62, letter, "-120")


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        (("n/a",), 1),
        (("1,234",), 1),
        ((" ",), 1),
        (("12 gal", "x"), 2),
        (("11999.5", "11998", "11999"), 1),
        (("11999", "", "11998.5"), 1),
        (("11999", "n/a", "11998"), 2),
        (("1e999999999", "nan"), 2),
        (("5", "n/a", "5", "5.0"), 1),
    ],
)
def test_w07_warns_of_gallons_that_are_no_rising_numbers(
    cells: tuple[str, ...], count: int
) -> None:
    verdict = judged(report(edit=put("C", *cells)))
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W07": count}


@pytest.mark.parametrize(
    "cells",
    [
        ("", ""),
        ("11998", "11998"),
        ("1.5", "1.50", "2."),
        ("-5", "-4"),
        ("1e3", "1.1E+4"),
        ("0", ""),
    ],
)
def test_w07_takes_rising_and_equal_numbers(cells: tuple[str, ...]) -> None:
    assert told(judged(report(edit=put("C", *cells)))) == {}


def test_w07_names_the_reading_before() -> None:
    verdict = judged(report(edit=put("C", "5", "", "4", line=40)))
    message = [each.message for each in verdict.warnings][-1]
    assert "line 42, column C" in message
    assert "'4' is less than the reading on line 40" in message


def test_w07_takes_numbers_beyond_what_an_int_reads() -> None:
    assert told(judged(report(edit=fill("C", "9" * 5_000)))) == {}


@pytest.mark.parametrize("letter", ["I", "J", "K", "L"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_w08_warns_of_texts_that_start_like_a_formula(letter: str, start: str) -> None:
    verdict = judged(report(edit=put(letter, f"{start}1+1", line=8)))
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W08": 1}
    assert (first(verdict, "W08").line, first(verdict, "W08").column) == (8, letter)


@pytest.mark.parametrize("cell", ["a=1", " =1", "'=1", "0", ""])
def test_w08_takes_other_texts(cell: str) -> None:
    assert told(judged(report(edit=put("L", cell)))) == {}


# --- W13


def test_w13_warns_of_heat_without_backup_and_the_reverse() -> None:
    verdict = judged(report(edit=edits(put("F", "", line=5), put("E", "", line=9))))
    assert verdict.result is CsiResult.SUCCESS
    assert told(verdict) == {"W02": 1, "W13": 2}
    assert first(verdict, "W13").line == 5
    assert "2 unpaired intervals" in first(verdict, "W13").message


def test_w13_takes_zeros_and_intervals_where_both_are_empty() -> None:
    edit = edits(put("F", "0", "", line=5), put("E", "5", "", line=5))
    assert "W13" not in told(judged(report(edit=edit)))


def test_w13_asks_nothing_of_two_tanks_or_of_no_backup() -> None:
    assert told(judged(report(tank=2, backup="none"), given_register=TWO_TANK)) == {}
    alone = register(application(backup_type=BackupType.NONE))
    assert told(judged(report(backup="none"), given_register=alone)) == {}


def test_the_application_of_that_month_is_what_counts() -> None:
    changed = register(
        application(valid_to_month=date(2013, 9, 1)),
        application(valid_from_month=date(2013, 10, 1), backup_type=BackupType.ELECTRIC),
    )
    october = date(2013, 10, 1)
    assert judged(report(), given_register=changed).result is CsiResult.SUCCESS
    verdict = judged(
        report(october, backup="electric"),
        given_form=form(october),
        given_register=changed,
    )
    assert verdict.result is CsiResult.SUCCESS
