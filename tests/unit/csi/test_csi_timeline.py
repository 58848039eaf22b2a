"""The programme's calendar: terms, quarters, deadlines, cutoffs."""

from datetime import date

import pytest

from cei_assets.core.csi.months import due_at_utc, is_late
from cei_assets.core.csi.timeline import (
    months_between,
    quarter_months,
    quarter_of,
    run_cutoff_utc,
    runs_due,
    term_of,
)
from tests.csi_uploads import ZONE, at


@pytest.mark.parametrize(
    ("approved", "first"),
    [
        (date(2013, 9, 1), date(2013, 10, 1)),
        (date(2013, 8, 1), date(2013, 9, 1)),
        (date(2013, 8, 31), date(2013, 9, 1)),
        (date(2013, 12, 5), date(2014, 1, 1)),
    ],
)
def test_term_begins_in_the_month_after_icf_approval(approved: date, first: date) -> None:
    assert term_of(approved).first_data_month == first


def test_administrators_override_sets_the_first_month() -> None:
    term = term_of(date(2013, 8, 14), schedule_override=date(2014, 2, 1))
    assert (term.first_data_month, term.last_data_month) == (date(2014, 2, 1), date(2016, 1, 1))


def test_example_of_the_guide_approved_on_14_august_2013() -> None:
    term = term_of(date(2013, 8, 14))
    assert (term.first_data_month, term.last_data_month) == (date(2013, 9, 1), date(2015, 8, 1))
    assert len(term.months) == 24
    first, *full, last = term.quarters
    assert (first.quarter, first.months) == ("2013-Q3", (date(2013, 9, 1),))
    assert [quarter.quarter for quarter in full] == [
        "2013-Q4", "2014-Q1", "2014-Q2", "2014-Q3", "2014-Q4", "2015-Q1", "2015-Q2",
    ]  # fmt: skip
    assert all(len(quarter.months) == 3 for quarter in full)
    assert (last.quarter, last.months) == ("2015-Q3", (date(2015, 7, 1), date(2015, 8, 1)))


@pytest.mark.parametrize("month", range(1, 13))
def test_nine_payments_but_eight_when_the_first_month_opens_a_quarter(month: int) -> None:
    payments = len(term_of(date(2013, month, 20)).quarters)
    assert payments == (8 if month in (3, 6, 9, 12) else 9)


def test_quarters_are_named_by_calendar() -> None:
    assert quarter_of(date(2013, 9, 1)) == "2013-Q3"
    assert quarter_months("2013-Q4") == (date(2013, 10, 1), date(2013, 11, 1), date(2013, 12, 1))


@pytest.mark.parametrize("name", ["2013-Q5", "2013Q3", "2013-q3", ""])
def test_quarter_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected a name like 2013-Q3"):
        quarter_months(name)


@pytest.mark.parametrize(
    ("month", "due"),
    [
        # 1 November is before, 1 December after the end of daylight-saving time.
        (date(2013, 9, 1), "2013-11-02 06:59:59"),
        (date(2013, 10, 1), "2013-12-02 07:59:59"),
        (date(2013, 11, 1), "2014-01-02 07:59:59"),
        (date(2014, 1, 1), "2014-03-02 07:59:59"),
        (date(2014, 2, 1), "2014-04-02 06:59:59"),
    ],
)
def test_due_on_the_first_of_the_second_following_month_in_los_angeles(
    month: date, due: str
) -> None:
    assert due_at_utc(month, zone=ZONE) == at(due)


def test_november_is_due_on_new_years_day_without_a_roll() -> None:
    november = date(2013, 11, 1)
    assert not is_late(at("2014-01-02 07:59:59.999999"), month=november, zone=ZONE)
    assert is_late(at("2014-01-02 08:00:00"), month=november, zone=ZONE)


@pytest.mark.parametrize(
    ("quarter", "cutoff"),
    [
        ("2013-Q3", "2013-11-02 07:00:00"),
        ("2013-Q4", "2014-02-02 08:00:00"),
        ("2014-Q1", "2014-05-02 07:00:00"),
        ("2014-Q2", "2014-08-02 07:00:00"),
    ],
)
def test_run_of_a_quarter_waits_for_its_last_deadline(quarter: str, cutoff: str) -> None:
    assert run_cutoff_utc(quarter, zone=ZONE) == at(cutoff)
    last = quarter_months(quarter)[-1]
    assert is_late(at(cutoff), month=last, zone=ZONE)


def test_runs_are_due_from_their_cutoff_on() -> None:
    first = date(2013, 9, 1)
    assert runs_due(first, as_of_utc=at("2013-11-02 06:59:59"), zone=ZONE) == ()
    assert runs_due(first, as_of_utc=at("2013-11-02 07:00:00"), zone=ZONE) == ("2013-Q3",)
    assert runs_due(first, as_of_utc=at("2014-05-03"), zone=ZONE) == (
        "2013-Q3", "2013-Q4", "2014-Q1",
    )  # fmt: skip


def test_no_run_is_due_before_the_first_month() -> None:
    assert runs_due(date(2014, 1, 1), as_of_utc=at("2013-01-01"), zone=ZONE) == ()
    assert months_between(date(2014, 1, 1), date(2013, 1, 1)) == ()
