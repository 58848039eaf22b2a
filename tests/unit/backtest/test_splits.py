"""Which hours are held back: no overlap, both directions, whole months."""

import numpy as np
import pytest

from cei_assets.core.backtest.splits import (
    Direction,
    Scheme,
    cases_of,
    has_holidays,
    without_holidays,
)
from cei_assets.core.baseline.frame import SiteFrame
from tests.baseline_frames import site_frame


def empty_site(days: int, **given: object) -> SiteFrame:
    return site_frame(np.full((1, days * 24), 1.0), **given)


def test_two_years_are_judged_in_both_directions_and_by_month() -> None:
    frame = empty_site(731, first="2016-01-01")
    cases = cases_of(frame)
    assert [(case.scheme, case.direction) for case in cases] == [
        (Scheme.YEAR_AHEAD, Direction.FORWARD),
        (Scheme.YEAR_AHEAD, Direction.BACKWARD),
        (Scheme.BLOCKED, Direction.WITHIN),
    ]
    [forward], [backward] = cases[0].splits, cases[1].splits
    assert forward.train.sum() == 366 * 24
    assert forward.judged.sum() == 365 * 24
    assert np.flatnonzero(forward.train)[-1] < np.flatnonzero(forward.judged)[0]
    np.testing.assert_array_equal(backward.train, forward.judged)
    np.testing.assert_array_equal(backward.judged, forward.train)
    assert len(cases[2].splits) == 24


def test_no_split_trains_on_what_it_judges_and_every_month_is_judged_once() -> None:
    frame = empty_site(731, first="2016-01-01")
    for case in cases_of(frame):
        for split in case.splits:
            assert not (split.train & split.judged).any()
    judged = sum(split.judged.astype(int) for split in cases_of(frame)[2].splits)
    assert (judged == 1).all()


@pytest.mark.parametrize(
    ("days", "schemes"),
    [
        (20, []),
        (200, [Scheme.BLOCKED]),
        (365, [Scheme.YEAR_AHEAD, Scheme.YEAR_AHEAD, Scheme.BLOCKED]),
    ],
)
def test_short_histories_have_fewer_cases(days: int, schemes: list[Scheme]) -> None:
    assert [case.scheme for case in cases_of(empty_site(days))] == schemes


def test_a_site_without_hours_has_no_case() -> None:
    assert cases_of(empty_site(10).part(0, 0)) == ()


def test_without_holidays_every_day_is_its_own_weekday() -> None:
    frame = empty_site(14, first="2024-12-23", free_days=("2024-12-25",))
    assert has_holidays([frame])
    plain = without_holidays(frame)
    assert not has_holidays([plain])
    wednesday = slice(2 * 24, 3 * 24)
    assert (frame.hour_of_week[wednesday] // 24 == 6).all()
    assert (plain.hour_of_week[wednesday] // 24 == 2).all()
    others = np.delete(np.arange(14 * 24), np.arange(2 * 24, 3 * 24))
    np.testing.assert_array_equal(plain.hour_of_week[others], frame.hour_of_week[others])
