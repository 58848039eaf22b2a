"""The same hour 52 weeks away: what returns every year and no regressor knows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.shared import HOURS_PER_DAY, Axis

SAME_WEEK_DAYS = 364


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What meters were trained on: usage (T, M) over `unit` (M,) kWh, in single precision.

    `label` (T,) counts hours on the local clock, so that the same hour of another week is found
    across clock changes. Outliers are drawn in and gaps filled with what the regression expects,
    so that neither is repeated.
    """

    label: IntArray
    hour_of_week: IntArray
    usage: NDArray[np.float32]
    unit: FloatArray

    def mix_in(self, expected: FloatArray, axis: Axis, weight: FloatArray) -> None:
        """Mixes memory into what is expected (T, M) of an axis, in place; weights (M,).

        The same week of the year before counts, or of the year after where that is not known. An
        hour that neither knows, or that was another hour of the week there (a holiday on one side
        only), stays as it is.
        """
        if not (len(self.label) and (weight > 0.0).any()):
            return
        position, known = self._positions(axis)
        at = np.flatnonzero(known)
        if not at.size:
            return
        first, last = int(at[0]), int(at[-1]) + 1
        start = int(position[first])
        straight = position[at] - start == at - first
        if straight.all() and start + last - first <= len(self.label):
            # One stretch but for single days: taken whole, which spares copies of most of it.
            difference = self.usage[start : start + last - first] * self.unit
        else:
            difference = self.usage[position[first:last]] * self.unit
        difference -= expected[first:last]
        difference *= weight
        difference[~known[first:last]] = 0.0
        if not np.isfinite(difference.sum()):
            # Unknown in memory: the hour stays; unknown elsewhere: it stays unknown all the same.
            np.nan_to_num(difference, copy=False, nan=0.0)
        expected[first:last] += difference

    def _positions(self, axis: Axis) -> tuple[IntArray, BoolArray]:
        """Where each hour's counterpart stands, and whether there is one."""
        position = np.zeros(axis.size, dtype=np.int64)
        known = np.zeros(axis.size, dtype=bool)
        label = local_labels(axis)
        for lag in (SAME_WEEK_DAYS, -SAME_WEEK_DAYS):
            wanted = label - lag * HOURS_PER_DAY
            at = np.minimum(np.searchsorted(self.label, wanted), len(self.label) - 1)
            hit = (self.label[at] == wanted) & (self.hour_of_week[at] == axis.hour_of_week)
            hit &= ~known
            position[hit] = at[hit]
            known |= hit
        return position, known


def local_labels(axis: Axis) -> IntArray:
    """Hours (T,) since 1970-01-01 on the local clock; a repeated hour has the same label."""
    return np.asarray(axis.day[axis.day_of] * HOURS_PER_DAY + axis.clock)
