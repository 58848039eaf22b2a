"""The calibrated interval: from left-out months and the drift of years."""

import numpy as np
import pytest
from scipy import stats

from cei_assets.core.savings.interval import placebo_half_width
from cei_assets.core.savings.settings import SavingsSettings

SETTINGS = SavingsSettings()


def test_the_width_is_that_of_one_further_month_widened_by_drift() -> None:
    shares = np.array([[0.1, -0.1, 0.1, -0.1]])
    quantile = stats.t.ppf(0.95, 3)
    [plain] = placebo_half_width(shares, SETTINGS, drift=0.0)
    assert plain == pytest.approx(quantile * 0.1 * np.sqrt(1.25))
    [widened] = placebo_half_width(shares, SETTINGS, drift=0.05)
    assert widened == pytest.approx(quantile * np.sqrt(0.01 * 1.25 + 0.0025))


def test_months_that_are_no_placebos_do_not_count() -> None:
    shares = np.array([[0.1, np.nan, -0.1, 0.1]])
    [found] = placebo_half_width(shares, SETTINGS, drift=0.0)
    assert found == pytest.approx(stats.t.ppf(0.95, 2) * 0.1 * np.sqrt(4 / 3))


def test_too_few_months_give_no_interval() -> None:
    shares = np.array([[0.1, np.nan, -0.1], [np.nan] * 3])
    assert np.isnan(placebo_half_width(shares, SETTINGS)).all()


def test_even_a_perfect_fit_leaves_the_drift_of_years() -> None:
    [found] = placebo_half_width(np.zeros((1, 12)), SETTINGS)
    assert found == pytest.approx(stats.t.ppf(0.95, 11) * 0.03)
