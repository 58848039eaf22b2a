"""Baseload drift: a lasting rise of the load in the hours that need least."""

import numpy as np

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import GAUSSIAN_MAD, row_median, row_quantile
from cei_assets.core.detection.flags import Flags, net_excess, run_lengths, units
from cei_assets.core.detection.settings import DetectionSettings


def baseload_drift(fit: SiteFit, settings: DetectionSettings) -> Flags:
    """Days on which the baseload residual stays above its limit.

    The baseload residual of a day is the mean residual over its hours of lowest expected use; a
    low quantile of the last days is judged, so that a rise on working days alone is no drift.
    An hour of a drifting day counts its own net residual, up to twice the rise: a rise that is
    there at night only must not be counted by day. Rises are taken from the baseline's median, so
    that a drift of months, which raises the counterfactual itself, is still measured in full.
    """
    residual = fit.residual
    valid = np.isfinite(residual)
    expected = fit.window.usage - residual
    days = units(fit.window.day)
    low_hours = valid & _lowest_hours(expected, valid, days.of, days.starts, settings)
    rise = days.mean(residual, low_hours, settings.baseload_hours // 2)
    level = days.mean(expected, low_hours, settings.baseload_hours // 2)
    smooth = trailing_quantile(rise, settings.drift_smooth_days, settings.drift_low_share)
    past = fit.window.hours[days.starts] < fit.window.hours[fit.split]
    past &= ~fit.window.closure[days.starts]
    base = np.where(past, smooth, np.nan)
    centre = row_median(base)
    risen = smooth - centre[:, None]
    scale = GAUSSIAN_MAD * row_median(np.abs(base - centre[:, None]))
    limit = np.maximum((settings.drift_score * scale)[:, None], settings.drift_min_share * level)
    over = np.isfinite(risen) & (risen > limit)
    fires = over & (run_lengths(over) >= settings.drift_run_days)
    fired = fires[:, days.of] & valid
    above = residual - row_median(np.where(past, rise, np.nan))[:, None]
    excess = net_excess(np.minimum(above, 2.0 * risen[:, days.of]), fired, days)
    spread = np.broadcast_to(settings.interval_score * np.nan_to_num(scale)[:, None], excess.shape)
    return Flags(
        rule=EpisodeRule.BASELOAD_DRIFT,
        fired=fired & (excess > 0),
        excess=excess,
        below=spread,
        above=spread,
    )


def trailing_quantile(values: FloatArray, window: int, share: float) -> FloatArray:
    """Lower quantile of the last `window` values along the last axis; NaN under half of them."""
    padded = np.pad(values, ((0, 0), (window - 1, 0)), constant_values=np.nan)
    view = np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1)
    enough = np.isfinite(view).sum(axis=-1) * 2 >= window
    return np.where(enough, row_quantile(view, share), np.nan)


def _lowest_hours(
    expected: FloatArray,
    valid: np.ndarray,
    day_of: np.ndarray,
    starts: np.ndarray,
    settings: DetectionSettings,
) -> np.ndarray:
    """Hours (M, T) that are among the lowest expected of their day."""
    key = np.where(valid, expected, np.inf)
    days = np.broadcast_to(day_of, key.shape)
    order = np.lexsort((key, days), axis=-1)
    rank = np.empty_like(order)
    within = np.arange(key.shape[1]) - starts[day_of]
    np.put_along_axis(rank, order, np.broadcast_to(within, key.shape), axis=1)
    return np.asarray(rank < settings.baseload_hours)
