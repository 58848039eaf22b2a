"""Baseline deviation: a sustained excess over the counterfactual, by CUSUM of daily means."""

import numpy as np

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import GAUSSIAN_MAD, row_median, row_quantile
from cei_assets.core.detection.flags import Flags, Units, net_excess, units
from cei_assets.core.detection.settings import DetectionSettings


def baseline_deviation(fit: SiteFit, settings: DetectionSettings) -> Flags:
    """Days of a lasting excess, from where the CUSUM left zero to where it peaked (Page 1954).

    Daily mean residuals are standardised by the spread of left-out daily means. The alarm limit is
    at least the quantile of the meter's own left-out CUSUM, because real loads are biased for
    weeks. The mean excess has to be material.
    """
    residual = fit.residual
    valid = np.isfinite(residual)
    days = units(fit.window.day)
    daily = days.mean(residual, valid, settings.min_day_hours)
    past = fit.window.hours[days.starts] < fit.window.hours[fit.split]
    open_day = ~fit.window.closure[days.starts]
    base = np.where(past & open_day, daily, np.nan)
    scale = np.nan_to_num(GAUSSIAN_MAD * row_median(np.abs(base)))
    score = daily / np.where(scale > 0, scale, np.inf)[:, None]
    step = np.minimum(score, settings.deviation_cap) - settings.deviation_slack
    total = one_sided_cusum(np.nan_to_num(step))
    own = row_quantile(np.where(past, total, np.nan), settings.deviation_quantile)
    limit = np.fmax(settings.deviation_limit, own)
    excursion, peak, rising = excursions(total)
    expected = days.mean(fit.window.usage - residual, valid, settings.min_day_hours)
    share = _share(daily, expected, rising, excursion)
    bias = _bias(fit, days, base)
    least = np.maximum(settings.deviation_min_share, settings.deviation_bias_score * bias)
    fires = rising & (peak > limit[:, None]) & (share > least[:, None])
    fired = fires[:, days.of] & valid
    excess = net_excess(residual, fired, days)
    below = settings.interval_score * bias[:, None] * fit.expected
    below = np.broadcast_to(np.nan_to_num(below), excess.shape)
    return Flags(
        rule=EpisodeRule.BASELINE_DEVIATION,
        fired=fired & (excess > 0),
        excess=excess,
        below=below,
        above=below,
    )


def one_sided_cusum(steps: FloatArray) -> FloatArray:
    """Upper CUSUM along the last axis: S_t = max(0, S_{t-1} + step_t), starting at 0."""
    walk = np.cumsum(steps, axis=-1)
    lowest = np.minimum(np.minimum.accumulate(walk, axis=-1), 0.0)
    return np.asarray(walk - lowest)


def excursions(total: FloatArray) -> tuple[np.ndarray, FloatArray, BoolArray]:
    """Excursions of a CUSUM (M, D) above zero.

    Returns the number of each position's excursion (unique over rows), the peak it reaches, and
    whether the position lies on its way up to that peak.
    """
    rows, size = total.shape
    zero = total <= 0.0
    start = zero.copy()
    start[:, 0] = True
    number = np.cumsum(start.ravel()) - 1
    starts = np.flatnonzero(start.ravel())
    peak = np.maximum.reduceat(total.ravel(), starts)[number].reshape(rows, size)
    at_peak = np.where(total == peak, np.arange(total.size).reshape(rows, size), -1)
    last = np.maximum.reduceat(at_peak.ravel(), starts)[number].reshape(rows, size)
    position = np.arange(total.size).reshape(rows, size)
    return number.reshape(rows, size), peak, ~zero & (position <= last)


def _share(
    daily: FloatArray, expected: FloatArray, rising: BoolArray, excursion: np.ndarray
) -> FloatArray:
    """Excess over expected energy of the rising part of each position's excursion (M, D)."""
    known = rising & np.isfinite(daily) & np.isfinite(expected)
    count = int(excursion.max(initial=0)) + 1
    label = excursion.ravel()
    excess = np.bincount(label, np.where(known, daily, 0.0).ravel(), minlength=count)
    whole = np.bincount(label, np.where(known, expected, 0.0).ravel(), minlength=count)
    share = excess / np.where(whole > 0, whole, np.inf)
    return np.asarray(share[label].reshape(daily.shape))


def _bias(fit: SiteFit, days: Units, base: FloatArray) -> FloatArray:
    """Spread (M,) of monthly bias of left-out expectations, as a share of the mean use."""
    month = fit.window.month[days.starts]
    labels = np.unique(month)
    means = np.stack(
        [row_mean(np.where(month == label, base, np.nan)) for label in labels],
        axis=1,
    )
    mean_use = row_mean(np.where(fit.past.usable, fit.window.usage, np.nan))
    spread = GAUSSIAN_MAD * row_median(np.abs(means))
    return np.asarray(np.nan_to_num(spread / np.where(mean_use > 0, mean_use, np.inf)))


def row_mean(values: FloatArray) -> FloatArray:
    """Mean along the last axis over what is not NaN; NaN for an empty row."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
