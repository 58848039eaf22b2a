from collections.abc import Sequence

import numpy as np
import pytest

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.errors import slope_errors
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import month_number, site_frames
from cei_assets.core.baseline.reference import reference_fit, reference_of
from cei_assets.core.baseline.settings import BaselineSettings
from tests.example_meters import (
    Calendar,
    between,
    calendar,
    months,
    single_shift,
    tables,
    with_closures,
)

SETTINGS = BaselineSettings()
PLAIN = BaselineSettings(max_dropped_share=0.0)


def fit_month(
    hours: Calendar,
    loads: Sequence[np.ndarray],
    month: str = "2025-01",
    settings: BaselineSettings = SETTINGS,
) -> SiteFit:
    given = tables(hours, {f"m{i}": load for i, load in enumerate(loads)})
    [frame] = site_frames(usage=given.usage, site_hours=given.site_hours, meters=given.meters)
    at = np.flatnonzero(frame.month == month_number(months(month)[0]))
    return fit_site(frame, start=int(at[0]), stop=int(at[-1]) + 1, settings=settings)


@pytest.fixture(scope="module")
def hours() -> Calendar:
    return calendar()


@pytest.fixture(scope="module")
def load(hours: Calendar) -> np.ndarray:
    return single_shift(hours, np.random.default_rng(3))


def judged(fit: SiteFit) -> np.ndarray:
    return fit.expected[0, fit.split :]


def test_a_load_that_follows_the_model_is_predicted_exactly(hours: Calendar) -> None:
    how = hours.index.day_of_week.to_numpy() * 24 + hours.index.hour.to_numpy()
    bends = np.maximum(hours.temperature - 80 / 9 * 2.0625, 0)
    exact = 50 + 10 * np.sin(how) + 0.7 * hours.temperature + 0.0 * bends
    fit = fit_month(hours, [exact])
    assert fit.kinds == (ModelKind.TOWT,)
    actual = fit.window.usage[0, fit.split :]
    np.testing.assert_allclose(judged(fit), actual, rtol=1e-9)


def test_the_closed_form_agrees_with_statsmodels(hours: Calendar, load: np.ndarray) -> None:
    fit = fit_month(hours, [load])
    reference = reference_of(fit, 0, max_lags=24)
    fitted = fit.expected[0, fit.fitted[0]]
    np.testing.assert_allclose(fitted, np.maximum(reference.fitted, 0), rtol=1e-8)


def test_published_errors_agree_with_statsmodels_on_the_full_design(
    hours: Calendar, load: np.ndarray
) -> None:
    fit = fit_month(hours, [load])
    used = fit.fitted[0]
    terms = fit.terms[0]
    assert terms is not None
    given = {
        "usage": load[: fit.split][used[: fit.split]],
        "terms": terms.values[used],
        "hour_of_week": fit.window.hour_of_week[used],
        "occupied": fit.occupied[0],
        "max_lags": 24,
    }
    ours, reference = slope_errors(**given), reference_fit(**given)
    np.testing.assert_allclose(ours.slopes, reference.slopes, rtol=1e-8)
    np.testing.assert_allclose(ours.errors, reference.errors, rtol=1e-8)


def test_left_out_predictions_are_those_of_a_fit_without_the_month(
    hours: Calendar, load: np.ndarray
) -> None:
    whole = fit_month(hours, [load], settings=PLAIN)
    april = between(hours, "2024-04-01", "2024-04-30")
    without = fit_month(hours, [np.where(april, np.nan, load)], settings=PLAIN)
    assert (whole.occupied == without.occupied).all()
    at = np.flatnonzero(april) - int(np.flatnonzero(hours.index.year == 2024)[0])
    at += int(np.searchsorted(whole.window.month, month_number(months("2024-04")[0]))) - at[0]
    np.testing.assert_allclose(whole.left_out[0, at], without.expected[0, at], rtol=1e-8)


def test_judged_hours_do_not_touch_the_baseline(hours: Calendar, load: np.ndarray) -> None:
    january = between(hours, "2025-01-01", "2025-01-31")
    changed = np.where(january, load * 7, load)
    np.testing.assert_array_equal(
        judged(fit_month(hours, [load])), judged(fit_month(hours, [changed]))
    )


def test_the_baseline_is_the_365_days_before_the_month(hours: Calendar, load: np.ndarray) -> None:
    fit = fit_month(hours, [load], month="2025-02")
    assert (fit.window.hours[fit.split] - fit.window.hours[0]) == 365 * 24
    old = np.where(between(hours, "2024-01-01", "2024-01-31"), load * 9, load)
    np.testing.assert_array_equal(judged(fit), judged(fit_month(hours, [old], month="2025-02")))


def test_closures_do_not_enter_the_baseline(hours: Calendar, load: np.ndarray) -> None:
    closed = with_closures(hours, "2024-08-05", "2024-08-25")
    august = between(hours, "2024-08-05", "2024-08-25")
    low, high = (np.where(august, level, load) for level in (1.0, 500.0))
    np.testing.assert_array_equal(
        judged(fit_month(closed, [low])), judged(fit_month(closed, [high]))
    )


def test_predictions_are_not_below_zero(hours: Calendar) -> None:
    steep = np.maximum(40 - 4 * hours.temperature, 0.5)
    fit = fit_month(hours, [steep])
    assert (judged(fit) >= 0).all()


def test_a_week_of_waste_hardly_moves_the_robust_baseline(
    hours: Calendar, load: np.ndarray
) -> None:
    wasteful = load + 60.0 * between(hours, "2024-12-09", "2024-12-15")
    clean = judged(fit_month(hours, [load])).sum()
    robust = judged(fit_month(hours, [wasteful])).sum()
    naive = judged(fit_month(hours, [wasteful], settings=PLAIN)).sum()
    assert abs(robust - clean) < 0.25 * abs(naive - clean)


def test_each_meter_of_a_batch_is_fitted_as_if_alone(hours: Calendar, load: np.ndarray) -> None:
    rng = np.random.default_rng(5)
    gaps = np.where(rng.random(len(load)) < 0.2, np.nan, load * 3)
    together = fit_month(hours, [load, gaps])
    np.testing.assert_allclose(together.expected[1], fit_month(hours, [gaps]).expected[0])


def test_a_flat_load_has_no_occupied_hours(hours: Calendar) -> None:
    rng = np.random.default_rng(0)
    noisy = 80 * (1 + rng.normal(0, 0.02, len(hours.index)))
    fit = fit_month(hours, [np.full(len(hours.index), 80.0), noisy])
    assert fit.occupied.mean(axis=1).max() < 0.05


def test_a_shift_makes_its_hours_occupied(hours: Calendar, load: np.ndarray) -> None:
    occupied = fit_month(hours, [load]).occupied[0].reshape(7, 24)
    assert occupied[:5, 6:14].all()
    assert not occupied[5:].any()


def test_an_unknown_temperature_leaves_an_hour_without_counterfactual(
    hours: Calendar, load: np.ndarray
) -> None:
    warm = hours.temperature.copy()
    lost = between(hours, "2025-01-10", "2025-01-10")
    warm[lost] = np.nan
    given = Calendar(index=hours.index, temperature=warm)
    fit = fit_month(given, [load])
    assert fit.kinds == (ModelKind.TOWT,)
    assert np.isnan(judged(fit)).sum() == 24


def test_without_temperature_the_season_carries_the_model(
    hours: Calendar, load: np.ndarray
) -> None:
    given = Calendar(index=hours.index, temperature=np.full(len(load), np.nan))
    fit = fit_month(given, [load])
    assert fit.kinds == (ModelKind.HOUR_OF_WEEK_SEASONAL,)
    actual = load[between(hours, "2025-01-01", "2025-01-31")]
    assert abs(judged(fit).sum() / actual.sum() - 1) < 0.05


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        (4, ModelKind.WARMING_UP),
        (6, ModelKind.WARMING_UP),
        (8, ModelKind.ROBUST_PROFILE),
        (20, ModelKind.ROBUST_PROFILE),
        (29, ModelKind.TOWT),
    ],
)
def test_the_model_grows_with_the_history(
    hours: Calendar, load: np.ndarray, days: int, kind: ModelKind
) -> None:
    january = int(np.flatnonzero(between(hours, "2025-01-01", "2025-01-01"))[0])
    short = load.copy()
    short[: january - 24 * days] = np.nan
    fit = fit_month(hours, [short])
    assert fit.kinds == (kind,)
    assert np.isnan(judged(fit)).all() == (kind is ModelKind.WARMING_UP)


def test_a_day_under_80_percent_is_no_history(hours: Calendar, load: np.ndarray) -> None:
    january = int(np.flatnonzero(between(hours, "2025-01-01", "2025-01-01"))[0])
    sparse = load.copy()
    sparse[: january - 24 * 20] = np.nan
    sparse[hours.index.hour < 6] = np.nan
    assert fit_month(hours, [sparse]).kinds == (ModelKind.WARMING_UP,)


def test_the_profile_is_the_median_of_its_hour_and_day_type(
    hours: Calendar, load: np.ndarray
) -> None:
    january = int(np.flatnonzero(between(hours, "2025-01-01", "2025-01-01"))[0])
    short = load.copy()
    short[: january - 24 * 14] = np.nan
    fit = fit_month(hours, [short])
    past = slice(january - 24 * 14, january)
    tens = (hours.index.hour == 10)[past] & (hours.index.day_of_week < 5)[past]
    first_thursday_ten = judged(fit)[24 + 10]
    assert first_thursday_ten == pytest.approx(np.median(load[past][tens]))
