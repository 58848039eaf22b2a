"""TOWT of the batched path gives what statsmodels gives, whatever the gaps and the neighbours."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.core.baseline.batch import fit_batch, predict_batch
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.design import cell_grid, temperature_terms
from cei_assets.core.baseline.hour_model import occupied_cells
from cei_assets.core.baseline.occupancy import occupied_hours
from cei_assets.core.baseline.reference import reference_fit
from cei_assets.core.baseline.robust import episode_mask
from cei_assets.core.baseline.robust_columns import (
    episode_columns,
    lower_quantile,
    median_scale,
    moving_sums,
)
from cei_assets.core.baseline.segments import segment_groups
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.baseline.shared import Training
from cei_assets.core.baseline.week_cells import week_cells
from tests.baseline_frames import site_frame, weather

NO_EPISODES = BaselineSettings(episode_score=1e9)
"""Nothing leaves the fit, so that the reference sees the same hours."""


def loads(rng: np.random.Generator, warm: np.ndarray, meters: int, missing: float) -> np.ndarray:
    """Usage (M, T) that rises with heat on working hours and with cold at night, with gaps."""
    hour = np.arange(len(warm))
    busy = ((hour // 24) % 7 < 5) & (hour % 24 >= 7) & (hour % 24 < 19)
    own = rng.uniform(0.2, 3.0, (meters, 3, 1))
    usage = 40 + 30 * own[:, 0] * busy + own[:, 1] * busy * np.maximum(warm - 15, 0)
    usage = usage + own[:, 2] * np.maximum(12 - warm, 0) + rng.normal(0, 4, usage.shape)
    usage[rng.random(usage.shape) < missing] = np.nan
    return np.maximum(usage, 0)


# statsmodels is slow on 168 dummies: a few designs show the identity.
@settings(max_examples=4, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), weeks=st.integers(8, 12), missing=st.sampled_from([0.0, 0.2])
)
def test_the_batched_regression_equals_statsmodels(seed: int, weeks: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    size = weeks * 168
    start = int(rng.integers(0, 8000))
    warm = weather(start + size, seed=seed % 1000)[start:]
    frame = site_frame(loads(rng, warm, 3, missing), temperature=warm)
    blend = BlendSettings(baseline=NO_EPISODES)
    fits = fit_batch([Training(frame=frame, train=np.ones(size, dtype=bool))], blend)
    expected = predict_batch(fits, [frame], towt_only=True)[0]
    model = fits.chunks[0].blend.towt
    cells = week_cells(frame.hour_of_week)
    known = np.isfinite(frame.usage)
    segments = segment_groups(
        cells.spread(known.T).astype(float),
        model.occupied,
        cells.spread(warm),
        drivers=0,
        settings=NO_EPISODES,
    )
    terms = temperature_terms(warm, NO_EPISODES.knots_c)
    for merge, meters in segments:
        for meter in meters:
            reference = reference_fit(
                usage=frame.usage[meter, known[meter]],
                terms=(terms @ merge)[known[meter]],
                hour_of_week=frame.hour_of_week[known[meter]],
                occupied=model.occupied[:, meter],
                max_lags=3,
            )
            np.testing.assert_allclose(
                expected[meter, known[meter]], np.maximum(reference.fitted, 0), rtol=1e-8
            )


@given(seed=st.integers(0, 2**32 - 1), missing=st.floats(0, 0.9))
@settings(max_examples=20, deadline=None)
def test_what_is_laid_out_by_the_week_finds_the_same_occupied_hours(
    seed: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    warm = weather(8 * 168, seed=seed % 1000)
    usage = loads(rng, warm, 2, missing)
    valid = np.isfinite(usage)
    how = np.arange(len(warm)) % 168
    cells = week_cells(how)
    known = np.where(valid, usage, 0.0)
    found = occupied_cells(
        cells.spread(known.T), cells.spread(valid.T).astype(float), cells.spread(warm), NO_EPISODES
    )
    plain = occupied_hours(
        usage=known,
        weights=valid.astype(float),
        temperature=warm,
        grid=cell_grid(how, 168),
        settings=NO_EPISODES,
    )
    np.testing.assert_array_equal(found.T, plain)


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_scales_quantiles_and_episodes_agree_with_those_by_meter(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    residual = rng.normal(0, 1, (3, size))
    residual[:, size // 3 : size // 2] += 3
    valid = np.ones((3, size), dtype=bool)
    count = np.full(3, size)
    scale = median_scale(residual.T, valid.T)
    # The lower middle value of an even number, not the mean of both.
    lower = np.sort(np.abs(residual), axis=1)[:, (size - 1) // 2]
    np.testing.assert_allclose(scale, 1.4826 * lower)
    assert (lower_quantile(residual.T.copy(), count, 1.0) == residual.max(axis=1)).all()
    sums = moving_sums(residual.T, 24)
    for at in {0, size // 2, size - 1}:
        window = residual[:, max(at - 12, 0) : at + 12]
        np.testing.assert_allclose(sums[at], window.sum(axis=1), atol=1e-9)
    found = episode_columns(residual.T, valid.T, scale, BaselineSettings(max_dropped_share=1.0))
    by_meter = episode_mask(residual, valid, window=24, score=2.0, max_share=1.0)
    inner = slice(12, max(size - 12, 12))
    # Even numbers of hours have two middle values: the two scales differ by a hair there.
    assert (by_meter != found.T)[:, inner].mean() < 0.05 if size > 100 else True


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 900))
@settings(max_examples=20, deadline=None)
def test_what_is_spread_over_the_week_comes_back_in_order(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    how = rng.integers(0, 168, size)
    values = rng.normal(size=(size, 2))
    cells = week_cells(how)
    laid = cells.spread(values)
    np.testing.assert_array_equal(cells.collect(laid), values)
    np.testing.assert_allclose(laid.sum(axis=(0, 1)), values.sum(axis=0), atol=1e-9)
