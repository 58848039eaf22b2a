"""The closed form gives what statsmodels gives, whatever the design and the gaps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.errors import bartlett_sum, slope_errors
from cei_assets.core.baseline.reference import reference_fit
from cei_assets.core.baseline.regression import moments, predict, solve

HOURS_PER_WEEK = 168


# statsmodels is slow on 168 dummies: a few designs of a few weeks show the identity.
@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    weeks=st.integers(5, 7),
    terms=st.integers(1, 5),
    missing=st.floats(0, 0.3),
    busy=st.floats(0, 1),
)
def test_closed_form_and_errors_equal_statsmodels(
    seed: int, weeks: int, terms: int, missing: float, busy: float
) -> None:
    rng = np.random.default_rng(seed)
    size = weeks * HOURS_PER_WEEK
    hour_of_week = np.arange(size) % HOURS_PER_WEEK
    values = (
        rng.normal(10, 5, (size, terms)).cumsum(axis=0) / np.sqrt(np.arange(1, size + 1))[:, None]
    )
    occupied = rng.random(HOURS_PER_WEEK) < busy
    usage = 50 + 10 * np.sin(hour_of_week) + values.sum(axis=1) + rng.normal(0, 3, size)
    usage = usage + 0.5 * values[:, 0] * occupied[hour_of_week]
    valid = rng.random(size) >= missing
    grid = cell_grid(hour_of_week, HOURS_PER_WEEK)
    sums = moments(
        terms=values,
        usage=np.where(valid, usage, 0.0)[None],
        weights=valid[None].astype(float),
        grid=grid,
        blocks=1,
    )
    fitted = solve(sums, occupied=occupied[None], min_count=1)
    expected = predict(
        fitted=fitted, block=0, terms=values, hour_of_week=hour_of_week, occupied=occupied[None]
    )
    reference = reference_fit(
        usage=usage[valid],
        terms=values[valid],
        hour_of_week=hour_of_week[valid],
        occupied=occupied,
        max_lags=6,
    )
    np.testing.assert_allclose(
        expected[0, valid], np.maximum(reference.fitted, 0), rtol=1e-8, atol=1e-8
    )
    errors = slope_errors(
        usage=usage[valid],
        terms=values[valid],
        hour_of_week=hour_of_week[valid],
        occupied=occupied,
        max_lags=6,
    )
    found = np.isfinite(errors.errors)
    assert found.any()
    np.testing.assert_allclose(errors.slopes[found], reference.slopes[found], rtol=1e-6)
    np.testing.assert_allclose(errors.errors[found], reference.errors[found], rtol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 80), lags=st.integers(0, 30))
def test_the_box_identity_is_the_bartlett_sum(seed: int, size: int, lags: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(size, 3))
    expected = scores.T @ scores
    for lag in range(1, min(lags, size - 1) + 1):
        product = scores[lag:].T @ scores[:-lag]
        expected = expected + (1 - lag / (lags + 1)) * (product + product.T)
    assert bartlett_sum(scores, lags) == pytest.approx(expected, rel=1e-9, abs=1e-9)
