"""Scales and moving means that a few bad hours cannot move."""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import CellGrid

GAUSSIAN_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


def row_quantile(values: FloatArray, share: float) -> FloatArray:
    """Quantile along the last axis over what is not NaN, lower value; NaN for an empty row.

    The lower order statistic is taken, so that a quantile is always a value that was observed.
    """
    ordered = np.sort(values, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1)
    at = np.clip(np.floor(share * (count - 1)).astype(np.int64), 0, None)
    found = np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0]
    return np.asarray(np.where(count > 0, found, np.nan))


def row_median(values: FloatArray) -> FloatArray:
    """Median along the last axis over what is not NaN; NaN for an empty row."""
    ordered = np.sort(values, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1)
    upper = np.take_along_axis(ordered, (count // 2)[..., None].clip(0, values.shape[-1] - 1), -1)
    lower = np.take_along_axis(ordered, ((count - 1) // 2)[..., None].clip(0), axis=-1)
    return np.asarray(np.where(count > 0, 0.5 * (upper + lower)[..., 0], np.nan))


def mean_where(values: FloatArray, valid: BoolArray) -> FloatArray:
    """Mean along the last axis over values that are valid and not NaN; NaN where none is."""
    known = valid & np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def moving_mean(values: FloatArray, valid: BoolArray, window: int) -> FloatArray:
    """Centred mean over `window` positions of valid values (M, T); 0 under half coverage."""
    total = _moving_sum(np.where(valid, values, 0.0), window)
    count = _moving_sum(valid.astype(np.float64), window)
    enough = count >= window / 2
    return np.asarray(np.where(enough, total / np.maximum(count, 1.0), 0.0))


def _moving_sum(values: FloatArray, window: int) -> FloatArray:
    before, after = window // 2, window - window // 2
    padded = np.pad(values, ((0, 0), (before + 1, after)))
    running = padded.cumsum(axis=-1)
    size = values.shape[-1]
    return np.asarray(running[:, window : window + size] - running[:, :size])


def hour_of_week_scale(
    residuals: FloatArray, valid: BoolArray, grid: CellGrid, floor: FloatArray
) -> FloatArray:
    """Robust standard deviation of residuals (M, T) for every hour of the week, (M, 168).

    Median absolute residual of the hour of the week and its two neighbours, times 1.4826; hours
    of the week without residuals get the meter's median scale; never below `floor` (M,).
    """
    spread = grid.spread(np.where(valid, np.abs(residuals), np.nan))
    spread[:, grid.slots == grid.size] = np.nan
    cells = GAUSSIAN_MAD * row_median(spread)
    around = np.stack([np.roll(cells, 1, axis=1), cells, np.roll(cells, -1, axis=1)])
    known = np.isfinite(around)
    scale = np.where(known, around, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    scale = np.where(known.any(axis=0), scale, row_median(cells)[:, None])
    return np.asarray(np.maximum(np.nan_to_num(scale), np.nan_to_num(floor)[:, None]))


def episode_mask(
    residuals: FloatArray, valid: BoolArray, *, window: int, score: float, max_share: float
) -> BoolArray:
    """Hours (M, T) that belong to the worst residual episodes and leave a robust re-fit.

    An hour is among them when the moving mean over `window` hours of the residuals, in the
    meter's robust standard deviations, exceeds `score` in size; at most `max_share` of the valid
    hours are taken, the worst first.
    """
    spread = GAUSSIAN_MAD * row_median(np.where(valid, np.abs(residuals), np.nan))
    spread = np.where(spread > 0, spread, np.inf)
    level = np.abs(moving_mean(np.nan_to_num(residuals), valid, window)) / spread[:, None]
    worst = row_quantile(np.where(valid, level, np.nan), 1.0 - max_share)
    return np.asarray(valid & (level > np.maximum(score, np.nan_to_num(worst))[:, None]))


def lag_one(residuals: FloatArray, valid: BoolArray, hours: IntArray) -> FloatArray:
    """Lag-1 autocorrelation of hourly residuals (M, T) over pairs of consecutive hours; (M,)."""
    pair = valid[:, 1:] & valid[:, :-1] & (np.diff(hours) == 1)
    centred = np.where(valid, residuals - mean_where(residuals, valid)[:, None], 0.0)
    product = np.where(pair, centred[:, 1:] * centred[:, :-1], 0.0).sum(axis=1)
    size = np.sqrt(
        np.where(pair, centred[:, 1:] ** 2, 0.0).sum(axis=1)
        * np.where(pair, centred[:, :-1] ** 2, 0.0).sum(axis=1)
    )
    return np.asarray(np.where(size > 0, product / np.where(size > 0, size, 1.0), np.nan))
