"""The programme's calendar: grid, month ends, deadlines."""

from datetime import date, datetime, timedelta

import pytest

from cei_assets.core.csi.months import (
    due_at_utc,
    is_late,
    month_end_pst,
    month_end_utc,
    month_labels,
    next_month,
)

ZONE = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("month", "count", "first", "last"),
    [
        (date(2013, 9, 1), 2880, "2013-09-01 00:15", "2013-10-01 00:00"),
        (date(2013, 12, 1), 2976, "2013-12-01 00:15", "2014-01-01 00:00"),
        (date(2014, 2, 1), 2688, "2014-02-01 00:15", "2014-03-01 00:00"),
        (date(2016, 2, 1), 2784, "2016-02-01 00:15", "2016-03-01 00:00"),
        (date(2014, 3, 1), 2976, "2014-03-01 00:15", "2014-04-01 00:00"),
        (date(2013, 11, 1), 2880, "2013-11-01 00:15", "2013-12-01 00:00"),
    ],
)
def test_a_month_has_96_labels_a_day_whatever_the_clocks_do(
    month: date, count: int, first: str, last: str
) -> None:
    labels = month_labels(month)
    assert (len(labels), labels[0], labels[-1]) == (count, first, last)
    assert len(set(labels)) == count
    assert sorted(labels) == list(labels)


def test_march_has_the_labels_that_clocks_skip_and_november_none_twice() -> None:
    assert "2014-03-09 02:15" in month_labels(date(2014, 3, 1))
    assert month_labels(date(2013, 11, 1)).count("2013-11-03 01:15") == 1


@pytest.mark.parametrize(
    ("month", "due"),
    [
        # September is due on 1 November, when daylight saving still holds.
        (date(2013, 9, 1), datetime.fromisoformat("2013-11-02T06:59:59")),
        # November is due on New Year's Day: deadlines do not roll.
        (date(2013, 11, 1), datetime.fromisoformat("2014-01-02T07:59:59")),
        (date(2014, 1, 1), datetime.fromisoformat("2014-03-02T07:59:59")),
        (date(2014, 2, 1), datetime.fromisoformat("2014-04-02T06:59:59")),
    ],
)
def test_due_is_the_first_of_the_second_following_month_in_legal_time(
    month: date, due: datetime
) -> None:
    assert due_at_utc(month, zone=ZONE) == due
    assert not is_late(due + timedelta(microseconds=999_999), month=month, zone=ZONE)
    assert is_late(due + timedelta(seconds=1), month=month, zone=ZONE)


def test_a_month_ends_in_legal_time_but_its_labels_in_standard_time() -> None:
    assert month_end_pst(date(2013, 9, 1)) == datetime.fromisoformat("2013-10-01T00:00")
    assert month_end_utc(date(2013, 9, 1), zone=ZONE) == datetime.fromisoformat("2013-10-01T07:00")
    assert month_end_utc(date(2013, 12, 1), zone=ZONE) == datetime.fromisoformat("2014-01-01T08:00")


def test_next_month_crosses_years_both_ways() -> None:
    assert next_month(date(2013, 11, 1), 2) == date(2014, 1, 1)
    assert next_month(date(2013, 11, 30)) == date(2013, 12, 1)
    assert next_month(date(2014, 1, 1), -2) == date(2013, 11, 1)
