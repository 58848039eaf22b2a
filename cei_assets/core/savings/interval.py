"""The calibrated interval of a sum: from placebo months and the drift of buildings over years."""

import numpy as np
from scipy import stats

from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.savings.settings import SavingsSettings

ANNUAL_DRIFT = 0.03
"""Share by which a load drifts from one year to the next for no cause that a model sees.

Left-out months lie within a year and cannot show it. Chosen on the Fox buildings so that the
intervals of placebo years hold (docs/decisions/0017)."""


def placebo_half_width(
    shares: FloatArray, settings: SavingsSettings, *, drift: float = ANNUAL_DRIFT
) -> FloatArray:
    """Half-width (M,) of the interval of an expected sum, as a share of it.

    `shares` (M, K) are the relative errors of left-out months, NaN where there is none. With s
    their root mean square over k months: t(k - 1) sqrt(s^2 (1 + 1 / k) + drift^2), whatever the
    length of the sum, since a load's bias lasts and does not average out. NaN with fewer than
    `settings.min_placebo_months` months.
    """
    known = np.isfinite(shares)
    count = known.sum(axis=1)
    enough = count >= max(settings.min_placebo_months, 2)
    months = np.where(enough, count, 2)
    square = np.where(known, shares, 0.0) ** 2
    spread = square.sum(axis=1) / months
    quantile = stats.t.ppf(0.5 + settings.confidence / 2.0, months - 1)
    width = quantile * np.sqrt(spread * (1.0 + 1.0 / months) + drift**2)
    return np.asarray(np.where(enough, width, np.nan))
