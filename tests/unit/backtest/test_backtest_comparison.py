"""Scores on the same hours, failures counted, nothing seen that is judged."""

from collections.abc import Sequence
from itertools import count

import numpy as np
import pytest

from cei_assets.core.backtest.coverage import CALIBRATED, coverage_rows, placebo_years
from cei_assets.core.backtest.models import (
    BLEND,
    HOUR_OF_WEEK,
    SAME_WEEK,
    TOWT,
    Expected,
    Model,
    own_models,
)
from cei_assets.core.backtest.portfolio import portfolio_rows
from cei_assets.core.backtest.run import Comparison, compare
from cei_assets.core.backtest.scores import score_meter
from cei_assets.core.backtest.splits import Direction, Scheme, Split
from cei_assets.core.backtest.tables import SCORES, portfolio_table, score_table
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.savings.settings import SavingsSettings
from tests.baseline_frames import factory, site_frame, weather

DAYS = 60
HOURS = DAYS * 24
DAY = np.arange(HOURS) // 24
MONTH = DAY // 30


def score(usage: np.ndarray, **expected: np.ndarray) -> dict[str, object]:
    scores = score_meter(usage=usage, expected=expected, errors={}, day=DAY, month=MONTH)
    return {one.model: one for one in scores}


def test_errors_are_those_of_hours_days_and_months() -> None:
    usage = np.full(HOURS, 10.0)
    swing = np.where(np.arange(HOURS) % 2 == 0, 1.0, -1.0)
    [found] = score(usage, model=usage - 0.5 - swing).values()
    assert found.cv_rmse_hourly == pytest.approx(np.sqrt(1.25) / 10)
    assert found.cv_rmse_daily == pytest.approx(0.05)
    assert found.cv_rmse_monthly == pytest.approx(0.05)
    assert found.nmbe == pytest.approx(0.05)
    assert found.hours == HOURS


def test_all_models_are_scored_on_the_hours_that_each_of_them_predicts() -> None:
    usage = np.full(HOURS, 10.0)
    partial = np.where(np.arange(HOURS) < 1000, 9.0, np.nan)
    whole = np.where(np.arange(HOURS) < 1000, 9.0, 99.0)
    found = score(usage, partial=partial, whole=whole)
    assert found["whole"].cv_rmse_hourly == pytest.approx(0.1)
    assert found["whole"].hours == found["partial"].hours == 1000


def test_a_model_that_predicts_little_fails_and_takes_no_hours_from_the_others() -> None:
    usage = np.full(HOURS, 10.0)
    little = np.where(np.arange(HOURS) < 100, 9.0, np.nan)
    found = score(usage, little=little, whole=usage)
    assert "predicts 7%" in found["little"].failure
    assert found["whole"].hours == HOURS


def test_nothing_is_scored_on_under_four_weeks() -> None:
    usage = np.where(np.arange(HOURS) < 27 * 24, 10.0, np.nan)
    assert score(usage, model=np.full(HOURS, 10.0)) == {}


def two_years() -> SiteFrame:
    warm = weather(728 * 24)
    rng = np.random.default_rng(0)
    usage = np.array([factory(warm, rng), 3 * factory(warm, rng)])
    return site_frame(usage, temperature=warm, free_days=("2023-05-01", "2024-05-01"))


def compared(models: Sequence[Model], **given: object) -> Comparison:
    clock = count()
    settings = {"calendars": (True,), "schemes": (Scheme.YEAR_AHEAD,)} | given
    return compare([two_years()], models, cpu_clock=lambda: float(next(clock)), **settings)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compared(own_models(BlendSettings()))


def test_our_models_beat_the_naive_ones_on_a_load_with_weather(comparison: Comparison) -> None:
    rows = {row.model: row for row in portfolio_rows(comparison, HOUR_OF_WEEK)}
    assert list(rows) == [BLEND, TOWT, HOUR_OF_WEEK, SAME_WEEK]
    assert rows[BLEND].wins == 1.0
    assert rows[BLEND].ratio < 0.9
    assert rows[TOWT].ratio < 0.9
    assert rows[BLEND].meters == 2
    assert np.isnan(rows[HOUR_OF_WEEK].ratio)


def test_time_is_counted_by_the_clock_that_is_given(comparison: Comparison) -> None:
    for cost in comparison.costs:
        assert cost.seconds == 1.0
        assert cost.meter_years == pytest.approx(2 * 364 / 365.25, rel=0.01)


def test_comparisons_of_several_batches_add_up(comparison: Comparison) -> None:
    total = Comparison()
    total.add(comparison)
    total.add(comparison)
    assert len(total.rows) == 2 * len(comparison.rows)
    assert [cost.seconds for cost in total.costs] == [2.0 * one.seconds for one in comparison.costs]
    once, twice = (portfolio_rows(found, TOWT)[0] for found in (comparison, total))
    assert once.milliseconds == pytest.approx(twice.milliseconds)
    assert twice.meters == 2 * once.meters


def test_models_see_no_usage_outside_their_training_hours() -> None:
    seen: list[bool] = []

    def peek(frames: Sequence[SiteFrame], splits: Sequence[Split]) -> Expected:
        for frame, split in zip(frames, splits, strict=True):
            seen.append(bool(np.isnan(frame.usage[:, ~split.train]).all()))
            assert np.isfinite(frame.usage[:, split.train]).all()
        return Expected(usage=[np.full(frame.usage.shape, 1.0) for frame in frames], errors={})

    schemes = (Scheme.YEAR_AHEAD, Scheme.BLOCKED)
    compared([Model(name="peek", predict=peek)], schemes=schemes, calendars=(True, False))
    assert len(seen) == 2 * (2 + 24)
    assert all(seen)


def test_a_failure_is_counted_and_named() -> None:
    def fail(frames: Sequence[SiteFrame], _: Sequence[Split]) -> Expected:
        usage = [np.full(frame.usage.shape, 50.0) for frame in frames]
        return Expected(usage=usage, errors={(0, 1): "ValueError: no"})

    found = compared([Model(name="fails", predict=fail)])
    row = portfolio_rows(found, TOWT)[0]
    assert (row.meters, row.failures) == (1, 1)
    assert {one.score.failure for one in found.rows} == {None, "ValueError: no"}


def test_a_model_that_knows_no_holidays_runs_once_for_both_calendars() -> None:
    calls: list[int] = []

    def plain(frames: Sequence[SiteFrame], splits: Sequence[Split]) -> Expected:
        calls.append(len(splits))
        return Expected(usage=[np.full(frame.usage.shape, 50.0) for frame in frames], errors={})

    model = Model(name="plain", predict=plain, ignores_holidays=True)
    found = compared([model], calendars=(True, False))
    assert len(calls) == 2
    assert len(portfolio_rows(found, TOWT)) == 4


def test_a_model_for_unbroken_periods_is_left_out_of_blocked_cases() -> None:
    def plain(frames: Sequence[SiteFrame], _: Sequence[Split]) -> Expected:
        return Expected(usage=[np.full(frame.usage.shape, 50.0) for frame in frames], errors={})

    model = Model(name="plain", predict=plain, year_ahead_only=True)
    found = compared([model], schemes=(Scheme.YEAR_AHEAD, Scheme.BLOCKED))
    assert {cost.setting.scheme for cost in found.costs} == {Scheme.YEAR_AHEAD}
    assert {cost.setting.direction for cost in found.costs} == {
        Direction.FORWARD,
        Direction.BACKWARD,
    }


def test_tables_have_their_schema_and_null_for_what_is_not_there(comparison: Comparison) -> None:
    scores = score_table(comparison)
    assert scores.schema == SCORES
    assert scores.num_rows == len(comparison.rows)
    portfolio = portfolio_table(portfolio_rows(comparison, TOWT))
    ratios = dict(zip(*(portfolio[name].to_pylist() for name in ("model", "ratio")), strict=True))
    assert ratios[TOWT] is None
    assert score_table(Comparison()).num_rows == 0


def test_a_load_that_does_not_drift_is_covered_and_a_real_change_is_not() -> None:
    frame = two_years()
    changed = frame.usage.copy()
    changed[1, 364 * 24 :] *= 0.7
    years = placebo_years(
        [site_frame(changed, temperature=frame.temperature)],
        calendars=(False,),
        blend=BlendSettings(),
        savings=SavingsSettings(),
    )
    ours = [year for year in years if year.interval == CALIBRATED]
    assert {(year.meter_id, year.is_covered) for year in ours} == {("m0", True), ("m1", False)}
    rows = [row for row in coverage_rows(years) if row.interval == CALIBRATED]
    assert [row.covered for row in rows] == [0.5, 0.5]
    assert all(0.03 < row.half_width < 0.2 for row in rows)
