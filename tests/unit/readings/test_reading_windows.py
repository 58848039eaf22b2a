"""Windows are whole intervals that end with the last complete one, on the clock of the site."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cei_assets.core.readings.windows import (
    Span,
    day_start,
    expected_span,
    hours_of,
    last_days,
    last_hours,
    last_interval_end,
    local_date,
)
from tests.accepted_readings import at

ROME, KOLKATA, KATHMANDU = (
    ZoneInfo(name) for name in ("Europe/Rome", "Asia/Kolkata", "Asia/Kathmandu")
)
ZONES = ("Europe/Rome", "Asia/Kolkata", "America/New_York", "Asia/Kathmandu", "UTC")


def hours(days: list[Span]) -> list[float]:
    return [(day.end_utc - day.start_utc) / timedelta(hours=1) for day in days]


@pytest.mark.parametrize(
    ("as_of", "seconds", "zone", "end"),
    [
        ("2026-11-21T12:59:59", 3600, ROME, "2026-11-21T12:00"),
        ("2026-11-21T13:00:00", 3600, ROME, "2026-11-21T13:00"),
        ("2026-11-21T12:59:59", 900, ROME, "2026-11-21T12:45"),
        ("2026-11-21T12:59:59", 3600, KOLKATA, "2026-11-21T12:30"),
        ("2026-11-21T12:29:59", 3600, KOLKATA, "2026-11-21T11:30"),
        ("2026-11-21T12:59:59", 3600, KATHMANDU, "2026-11-21T12:15"),
        ("2026-11-21T12:59:59", 900, KATHMANDU, "2026-11-21T12:45"),
    ],
    ids=["running", "just_over", "quarter", "half", "half_before", "three_quarters", "fine"],
)
def test_window_ends_with_the_last_interval_that_is_over(
    as_of: str, seconds: int, zone: ZoneInfo, end: str
) -> None:
    assert last_interval_end(at(as_of), seconds=seconds, zone=zone) == at(end)


@pytest.mark.parametrize("seconds", [900, 1800, 3600])
def test_a_window_of_24_hours_has_24_hours_of_intervals(seconds: int) -> None:
    window = last_hours(at("2026-11-21T12:07"), hours=24, seconds=seconds, zone=ROME)
    assert window.interval_count(seconds) == 24 * 3600 // seconds


@pytest.mark.parametrize(
    ("day", "length"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_local_day_has_the_hours_that_the_clock_gives_it(day: str, length: int) -> None:
    morrow = datetime.fromisoformat(day) + timedelta(days=1, hours=12)
    (found,) = last_days(morrow, days=1, zone=ROME)
    assert found.local_date == date.fromisoformat(day)
    assert hours([found.span]) == [length]


def test_days_end_with_the_last_local_day_that_is_over() -> None:
    late_evening_utc = at("2026-11-21T23:30")
    days = last_days(late_evening_utc, days=2, zone=ROME)
    assert [day.local_date for day in days] == [date(2026, 11, 20), date(2026, 11, 21)]
    assert days[-1].span.end_utc == at("2026-11-21T23:00")


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        # the clock jumps from 00:00 to 01:00: the day starts after the jump
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
        # the clock goes back from 00:00 to 23:00: midnight comes an hour later
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00"),
        # a day that the calendar leaves out begins where the next one does
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
    ],
    ids=["jump", "back", "skipped", "after_skipped"],
)
def test_a_day_starts_with_its_first_instant(zone: str, day: str, start: str) -> None:
    assert day_start(date.fromisoformat(day), zone=ZoneInfo(zone)) == at(start)


def test_expected_days_are_local_and_the_last_one_counts() -> None:
    span = expected_span(date(2026, 3, 29), date(2026, 3, 29), zone=ROME)
    assert span == Span(start_utc=at("2026-03-28T23:00"), end_utc=at("2026-03-29T22:00"))
    assert span.interval_count(900) == 92


def test_expected_from_inside_a_window_shortens_what_is_expected() -> None:
    window = last_hours(at("2026-01-01T11:00"), hours=24, seconds=3600, zone=ROME)
    expected = expected_span(date(2026, 1, 1), None, zone=ROME)
    assert window.overlap(expected).interval_count(3600) == 12


def test_spans_that_do_not_meet_expect_nothing() -> None:
    window = last_hours(at("2026-01-01T11:00"), hours=24, seconds=3600, zone=ROME)
    expected = expected_span(date(2026, 2, 1), None, zone=ROME)
    assert window.overlap(expected).interval_count(3600) == 0


@given(
    as_of=st.datetimes(min_value=datetime(2016, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - naive UTC
    zone=st.sampled_from(ZONES),
    seconds=st.sampled_from([900, 1800, 3600]),
    length=st.integers(1, 400),
)
def test_windows_are_whole_and_never_reach_beyond_the_moment(
    as_of: datetime, zone: str, seconds: int, length: int
) -> None:
    clock = ZoneInfo(zone)
    window = last_hours(as_of, hours=length, seconds=seconds, zone=clock)
    assert window.end_utc <= as_of < window.end_utc + timedelta(seconds=seconds)
    assert window.interval_count(seconds) == length * 3600 // seconds
    local_end = window.end_utc.replace(tzinfo=UTC).astimezone(clock)
    assert (local_end.minute * 60 + local_end.second) % seconds == 0
    if seconds == 3600:
        pieces = hours_of(window)
        assert pieces[0].start_utc == window.start_utc
        assert pieces[-1].end_utc == window.end_utc
        assert len(pieces) == length


@given(
    as_of=st.datetimes(min_value=datetime(2016, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - naive UTC
    zone=st.sampled_from(ZONES),
    count=st.integers(1, 40),
)
def test_days_follow_each_other_without_a_gap(as_of: datetime, zone: str, count: int) -> None:
    clock = ZoneInfo(zone)
    days = last_days(as_of, days=count, zone=clock)
    assert len(days) == count
    for day, morrow in pairwise(days):
        assert day.span.end_utc == morrow.span.start_utc
        assert morrow.local_date - day.local_date == timedelta(days=1)
    assert days[-1].span.end_utc <= as_of
    assert days[-1].local_date + timedelta(days=1) == local_date(as_of, zone=clock)
    assert set(hours([day.span for day in days])) <= {23.0, 24.0, 25.0}
