"""Rows that match after moving in time, and loads of which no move may be claimed."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cei_assets.core.reconciliation.verdict import Reconciliation
from tests.intake_drops import at
from tests.reconciled_rows import (
    FIRST,
    HOUR,
    Readings,
    exported,
    hourly,
    moved,
    reconciled,
    stored,
    uneven,
)

ROME = ZoneInfo("Europe/Rome")
UTC_ZONE = ZoneInfo("UTC")


def _shifts(result: Reconciliation) -> list[tuple[datetime, datetime, int]]:
    return [
        (shift.first_start_utc, shift.last_start_utc, shift.shift_seconds)
        for meter in result.meters
        for shift in meter.shifts
    ]


def _compared(file: Readings, there: Readings, meter: str = "main") -> Reconciliation:
    return reconciled(exported(**{meter: file}), stored(**{meter: there}))


@pytest.mark.parametrize("hours", [-24, -5, -1, 1, 2, 24])
def test_a_file_that_stands_whole_hours_off_is_one_stretch(hours: int) -> None:
    there = uneven(24 * 12)
    file = moved(uneven(24 * 10, first=FIRST), -hours * HOUR)
    (shift,) = _shifts(_compared(file, there))
    assert shift[2] == hours * 3600
    assert shift[1] - shift[0] >= timedelta(days=8)


def test_local_time_sent_as_utc_has_a_stretch_for_winter_and_one_for_summer() -> None:
    first = at("2026-03-10T00:00")
    there = uneven(24 * 40, first=first)
    local = {
        start.replace(tzinfo=UTC_ZONE).astimezone(ROME).replace(tzinfo=None): value
        for start, value in there.items()
    }
    shifts = _shifts(_compared(local, there))
    assert [seconds for _, _, seconds in shifts] == [-3600, -7200]
    assert shifts[0][1] == at("2026-03-29T01:00")
    assert shifts[1][0] == at("2026-03-29T03:00")


def test_a_shift_from_a_date_on_leaves_the_rows_before_it_alone() -> None:
    there = uneven(24 * 20)
    turn = FIRST + timedelta(days=10)
    before = {start: value for start, value in there.items() if start < turn}
    after = {start: value for start, value in there.items() if start >= turn + HOUR}
    result = _compared({**before, **moved(after, -HOUR)}, there)
    ((first, last, seconds),) = _shifts(result)
    assert seconds == 3600
    assert first == turn
    assert last == FIRST + timedelta(days=20) - 2 * HOUR
    assert result.meters[0].rows_equal == 240


def test_days_that_match_unmoved_part_two_stretches() -> None:
    there = uneven(24 * 30)
    file = {}
    for start, value in there.items():
        is_moved = not 10 <= (start - FIRST).days < 20
        file[start - HOUR if is_moved else start] = value
    shifts = _shifts(_compared(file, there))
    assert [seconds for _, _, seconds in shifts] == [3600, 3600]
    assert shifts[0][1] < FIRST + timedelta(days=10)
    assert shifts[1][0] > FIRST + timedelta(days=19)


def test_rows_of_a_stretch_are_marked_in_the_differences() -> None:
    there = uneven(24 * 4)
    result = _compared(moved(there, HOUR), there)
    found = result.differences.to_pylist()
    marked = [row for row in found if row["shift_seconds"] == -3600]
    assert len(marked) == result.differences.num_rows == 96
    (shift,) = result.meters[0].shifts
    assert (shift.rows_in_file, shift.rows_matched) == (96, 96)


def test_extra_rows_that_moved_rows_fall_on_are_marked_too() -> None:
    there = uneven(24 * 6)
    file = {**moved(uneven(24 * 4), timedelta(hours=24)), FIRST: Decimal(99)}
    result = _compared(file, there)
    extra = [row for row in result.differences.to_pylist() if row["finding"] == "extra"]
    assert len(extra) == 23
    assert {row["shift_seconds"] for row in extra} == {-86_400}


def test_quarter_hours_labelled_at_their_other_end_stand_one_interval_off() -> None:
    quarter = timedelta(minutes=15)
    there = uneven(96 * 3, step=quarter)
    shifts = _shifts(_compared(moved(there, quarter), there, meter="quarter"))
    assert [seconds for _, _, seconds in shifts] == [-900]


def test_some_changed_values_do_not_hide_a_shift() -> None:
    there = uneven(24 * 20)
    file = {
        start: value + (n % 25 == 12) for n, (start, value) in enumerate(moved(there, HOUR).items())
    }
    (shift,) = _compared(file, there).meters[0].shifts
    assert shift.shift_seconds == -3600
    assert shift.rows_in_file - shift.rows_matched == 19


def test_a_gap_in_what_is_stored_does_not_cut_a_stretch() -> None:
    there = uneven(24 * 20)
    file = moved(there, HOUR)
    gap = range(100, 130)
    kept = {start: value for n, (start, value) in enumerate(there.items()) if n not in gap}
    assert len(_shifts(_compared(file, kept))) == 1


@pytest.mark.parametrize("level", ["0", "5", "12.5"])
def test_no_shift_is_claimed_on_a_constant_load(level: str) -> None:
    there = hourly([level] * 240)
    missing = {start: value for start, value in there.items() if start.day % 3}
    assert _shifts(_compared(there, missing)) == []
    higher = {start: value + (start.day == 8) for start, value in there.items()}
    assert _shifts(_compared(higher, there)) == []


def test_no_shift_is_claimed_on_a_load_that_repeats_itself_every_day() -> None:
    there = hourly([n % 24 for n in range(24 * 30)])
    result = _compared(moved(there, HOUR), there)
    assert result.meters[0].rows_different > 0
    assert _shifts(result) == []


def test_no_shift_is_claimed_where_values_were_scaled() -> None:
    there = uneven(24 * 20)
    assert _shifts(_compared({t: 2 * value for t, value in there.items()}, there)) == []


def test_less_than_a_day_is_too_short_for_a_claim() -> None:
    there = uneven(23)
    assert _shifts(_compared(moved(there, HOUR), there)) == []


def test_a_load_of_two_levels_is_shifted_only_where_its_pattern_says_so() -> None:
    on = [(n // 7 + n // 24 + n // 11) % 2 for n in range(24 * 30)]
    there = hourly(on)
    ((_, _, seconds),) = _shifts(_compared(moved(there, 2 * HOUR), there))
    assert seconds == -7200
