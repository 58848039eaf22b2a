"""Reconciliation of random exports: what was done to them is found, and every row is counted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cei_assets.core.reconciliation.verdict import Reconciliation
from tests.reconciled_rows import FIRST, HOUR, exported, hourly, moved, reconciled, stored, uneven

VALUES = st.integers(0, 10**15).map(lambda nano: Decimal(nano).scaleb(-9))
SERIES = st.lists(VALUES, min_size=1, max_size=30)
BAD_LINES = st.lists(
    st.sampled_from(["mill,nowhere,2026-01-05T00:00:00Z,1,kWh", "x", "mill,main,never,1,kWh"]),
    max_size=4,
)


def _by_finding(result: Reconciliation) -> Mapping[str, set[tuple[str, datetime]]]:
    found: dict[str, set[tuple[str, datetime]]] = {
        "missing": set(),
        "extra": set(),
        "different": set(),
    }
    for row in result.differences.to_pylist():
        found[row["finding"]].add((row["meter_id"], row["interval_start_utc"]))
    return found


@given(SERIES, SERIES)
@settings(max_examples=20, deadline=None)
def test_a_file_of_what_is_stored_has_no_difference(
    main: list[Decimal], ending: list[Decimal]
) -> None:
    there = hourly(ending)
    result = reconciled(
        exported(main=hourly(main), ending=moved(there, HOUR)),
        stored(main=hourly(main), ending=there),
    )
    assert result.is_equal
    assert result.differences.num_rows == 0
    assert all(meter.difference_kwh == 0 for meter in result.meters)


@given(st.data(), SERIES, BAD_LINES, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_removed_and_changed_rows_are_found_exactly_and_every_row_is_counted(
    data: st.DataObject, values: list[Decimal], bad: list[str], repeats: int
) -> None:
    whole = hourly(values)
    every = sorted(whole)
    changes = data.draw(
        st.dictionaries(
            st.sampled_from(every), st.sampled_from(["only in file", "only stored", "changed"])
        )
    )
    file = {start: value for start, value in whole.items() if changes.get(start) != "only stored"}
    there = {
        start: value + (changes.get(start) == "changed")
        for start, value in whole.items()
        if changes.get(start) != "only in file"
    }
    again = exported(main=dict(list(file.items())[:repeats])).splitlines()[1:]
    result = reconciled(exported(*again, *bad, main=file), stored(main=there))
    span = (min(file), max(file)) if file else (FIRST, FIRST - HOUR)
    assert _by_finding(result) == {
        "missing": {("main", start) for start in file if start not in there},
        "extra": {
            ("main", start) for start in there if start not in file and span[0] <= start <= span[1]
        },
        "different": {("main", start) for start in file if start in there and changes.get(start)},
    }
    assert result.rows_read == len(file) + len(again) + len(bad)
    assert (result.rows_repeated, result.rows_refused) == (len(again), len(bad))
    assert sum(meter.rows_in_file for meter in result.meters) == len(file)
    differences = sum(result.differences["difference_kwh"].to_pylist(), Decimal(0))
    assert differences == sum((meter.difference_kwh for meter in result.meters), Decimal(0))


@given(
    st.integers(-24, 24).filter(bool),
    st.integers(0, 24 * 5),
    st.integers(30, 24 * 5),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_a_stretch_that_was_moved_is_found_with_its_move_and_bounds(
    hours: int, before: int, length: int, is_followed: bool
) -> None:
    """The rows that the move would put twice are left out, so that it alone explains the rest."""
    there = uneven(24 * 16)
    first = FIRST + timedelta(days=2) + before * HOUR
    last = first + (length - 1) * HOUR
    stretch = {start - hours * HOUR: there[start] for start in there if first <= start <= last}
    edges = (min(stretch), max(stretch))
    rest = {
        start: value
        for start, value in there.items()
        if start < min(edges[0], first) or (is_followed and start > max(edges[1], last))
    }
    result = reconciled(exported(main={**rest, **stretch}), stored(main=there))
    ((shift,),) = (meter.shifts for meter in result.meters)
    assert shift.shift_seconds == hours * 3600
    assert (shift.first_start_utc, shift.last_start_utc) == edges
    assert (shift.rows_in_file, shift.rows_matched) == (length, length)


@given(VALUES, st.sets(st.integers(0, 239)), st.sets(st.integers(0, 239)), VALUES)
@settings(max_examples=25, deadline=None)
def test_no_move_is_ever_claimed_of_a_constant_load(
    level: Decimal, absent: set[int], off: set[int], other: Decimal
) -> None:
    whole = hourly([level] * 240)
    file = {start: other if n in off else value for n, (start, value) in enumerate(whole.items())}
    there = {start: value for n, (start, value) in enumerate(whole.items()) if n not in absent}
    result = reconciled(exported(main=file), stored(main=there))
    assert [meter.shifts for meter in result.meters] == [()]


# The day that only the file has looks like the one before it, and like no other move of it.
_ALL_DIFFERENT = [Decimal(hour) for hour in range(24)]


@example(_ALL_DIFFERENT, 24)
@example(_ALL_DIFFERENT, -24)
@given(st.lists(VALUES, min_size=24, max_size=24), st.integers(-24, 24))
@settings(max_examples=20, deadline=None)
def test_no_move_is_ever_claimed_of_a_load_that_every_day_repeats(
    day: list[Decimal], hours: int
) -> None:
    there = hourly(day * 8)
    result = reconciled(exported(main=moved(there, hours * HOUR)), stored(main=there))
    assert [meter.shifts for meter in result.meters] == [()]
