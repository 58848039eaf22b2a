import numpy as np
import pytest

from cei_assets.core.baseline.quality import ashrae
from cei_assets.core.baseline.robust import lag_one, row_median, row_quantile


def test_cv_rmse_and_nmbe_follow_guideline_14() -> None:
    usage = np.array([[10.0, 20.0, 30.0, 40.0]])
    residual = np.array([[1.0, -2.0, 3.0, 0.0]])
    valid = np.array([[True, True, True, True]])
    cv_rmse, nmbe = ashrae(usage, residual, valid, np.array([2.0]))
    assert cv_rmse[0] == pytest.approx(np.sqrt((1 + 4 + 9) / 2) / 25)
    assert nmbe[0] == pytest.approx(2 / (2 * 25))


def test_only_valid_hours_count() -> None:
    usage = np.array([[10.0, np.nan, 30.0]])
    residual = np.array([[1.0, np.nan, 3.0]])
    valid = np.array([[True, False, True]])
    cv_rmse, nmbe = ashrae(usage, residual, valid, np.array([0.0]))
    assert cv_rmse[0] == pytest.approx(np.sqrt(10 / 2) / 20)
    assert nmbe[0] == pytest.approx(4 / 40)


@pytest.mark.parametrize("parameters", [2.0, 3.0])
def test_no_figure_without_degrees_of_freedom(parameters: float) -> None:
    valid = np.array([[True, True]])
    found = ashrae(np.ones((1, 2)), np.ones((1, 2)), valid, np.array([parameters]))
    assert np.isnan(found).all()


def test_autocorrelation_uses_consecutive_hours_only() -> None:
    residual = np.array([[1.0, -1.0, 1.0, -1.0, -1.0, 1.0]])
    hours = np.array([0, 1, 2, 3, 10, 11])
    assert lag_one(residual, np.ones((1, 6), dtype=bool), hours)[0] == pytest.approx(-1.0)


def test_medians_and_quantiles_skip_what_is_missing() -> None:
    values = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan] * 4])
    assert row_median(values)[0] == 2.0
    assert row_quantile(values, 0.0)[0] == 1.0
    assert row_quantile(values, 1.0)[0] == 3.0
    assert np.isnan(row_median(values)[1])
    assert np.isnan(row_quantile(values, 0.5)[1])
