"""Robust scales and episodes of residuals (T, M), time first; see `robust` for meters first."""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.robust import GAUSSIAN_MAD
from cei_assets.core.baseline.settings import BaselineSettings


def median_scale(residuals: FloatArray, weights: FloatArray) -> FloatArray:
    """Robust standard deviation (M,) of residuals where weights are not 0; NaN for none."""
    size = np.where(weights > 0, np.abs(residuals), np.inf)
    return GAUSSIAN_MAD * lower_quantile(size, (weights > 0).sum(axis=0), 0.5)


def lower_quantile(values: FloatArray, count: IntArray, share: float) -> FloatArray:
    """Lower quantile (M,) of the `count` (M,) smallest of values (T, M); NaN for none."""
    if not values.shape[0]:
        return np.full(values.shape[1], np.nan)
    at = np.floor(share * np.maximum(count - 1, 0)).astype(np.int64)
    # Selecting along contiguous memory is many times faster than down a column.
    rows = np.ascontiguousarray(values.T)
    rows.partition(np.unique(at), axis=1)
    return np.asarray(np.where(count > 0, rows[np.arange(len(at)), at], np.nan))


def episode_columns(
    residuals: FloatArray, valid: BoolArray, scale: FloatArray, settings: BaselineSettings
) -> BoolArray:
    """Hours (T, M) in the worst residual episodes, which leave a robust re-fit.

    As `robust.episode_mask`, except that an hour that is missing, whose residual is 0, counts as
    expected: an episode that is mostly a gap is none. `scale` (M,) is the residuals' robust
    standard deviation.
    """
    window = settings.episode_window_hours
    limit = settings.episode_score * window * np.where(scale > 0, scale, np.inf)
    level = np.abs(moving_sums(residuals, window))
    worst = level > limit
    worst &= valid
    hours = valid.sum(axis=0)
    many = np.flatnonzero(worst.sum(axis=0) > settings.max_dropped_share * hours)
    if many.size:
        listed = np.where(valid[:, many], level[:, many], np.inf)
        highest = lower_quantile(listed, hours[many], 1.0 - settings.max_dropped_share)
        worst[:, many] &= level[:, many] > highest
    return np.asarray(worst)


def moving_sums(values: FloatArray, window: int) -> FloatArray:
    """Centred sums over `window` positions of values (T, M), nothing beyond the ends."""
    size = len(values)
    running = np.zeros((size + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=running[1:])
    before, after = window // 2, window - window // 2
    if size < window:
        position = np.arange(size)
        return np.asarray(
            running[np.minimum(position + after, size)] - running[np.maximum(position - before, 0)]
        )
    sums = np.empty(values.shape)
    sums[:before] = running[after:window]
    np.subtract(running[window:], running[:-window], out=sums[before : size - after + 1])
    np.subtract(
        running[-1], running[size - window + 1 : size - before], out=sums[size - after + 1 :]
    )
    return sums
