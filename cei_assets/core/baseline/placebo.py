"""Placebo errors: what a baseline would have claimed where it is known that nothing was saved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.batch import predict_left_out
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.shared import Training

MIN_MONTH_SHARE = 0.5
HOURS_PER_MONTH = 730


@dataclass(frozen=True, kw_only=True)
class Placebos:
    """Sums of one site's left-out months (M, K), kWh; NaN where a month is no placebo."""

    metered: FloatArray
    expected: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Metered less expected over expected (M, K), NaN where a month is no placebo."""
        possible = self.expected > 0
        error = (self.metered - self.expected) / np.where(possible, self.expected, 1.0)
        return np.where(possible, error, np.nan)


def left_out_months(
    trainings: Sequence[Training], settings: BlendSettings, *, towt_only: bool = False
) -> list[Placebos]:
    """Every local month of the training hours, judged by a fit on all the others.

    A month counts when half of its hours are metered and expected.
    """
    expected = predict_left_out(
        trainings, [one.frame.month for one in trainings], settings, towt_only=towt_only
    )
    return [_months(one, found) for one, found in zip(trainings, expected, strict=True)]


def _months(training: Training, expected: FloatArray) -> Placebos:
    """Sums by month of the hours that are metered and expected."""
    months, own = np.unique(training.frame.month, return_inverse=True)
    usage = np.where(training.train, training.frame.usage, np.nan)
    both = np.isfinite(usage) & np.isfinite(expected)
    cells = (own[:, None] == np.arange(len(months))).astype(np.float64)
    enough = both @ cells >= MIN_MONTH_SHARE * HOURS_PER_MONTH
    metered, predicted = (
        np.where(enough, np.where(both, values, 0.0) @ cells, np.nan)
        for values in (usage, expected)
    )
    return Placebos(metered=metered, expected=predicted)
