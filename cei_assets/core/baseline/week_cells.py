"""Hours laid out by hour of the week, so that sums and predictions are batched products."""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import FloatArray, IntArray
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK


@dataclass(frozen=True, kw_only=True)
class WeekCells:
    """The layout of T hours in 168 cells of K places, some of them empty.

    `source` (168 * K,) is the hour at each place, 0 in the empty ones, which `empty` lists;
    `place` (T,) is where each hour lies.
    """

    source: IntArray
    empty: IntArray
    place: IntArray

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values (T, ...) as (168, K, ...), zero in empty places."""
        laid = values[self.source]
        laid[self.empty] = 0
        return laid.reshape(HOURS_PER_WEEK, -1, *values.shape[1:])

    def collect(self, laid: FloatArray) -> FloatArray:
        """Values (168, K, M) back in the order of time (T, M)."""
        return np.asarray(laid.reshape(-1, laid.shape[-1])[self.place])


def week_cells(hour_of_week: IntArray) -> WeekCells:
    """The layout of hours with these hours of the week."""
    slots = cell_grid(hour_of_week, HOURS_PER_WEEK).slots.ravel()
    is_empty = slots == len(hour_of_week)
    place = np.empty(len(hour_of_week), dtype=np.int64)
    place[slots[~is_empty]] = np.flatnonzero(~is_empty)
    return WeekCells(
        source=np.where(is_empty, 0, slots), empty=np.flatnonzero(is_empty), place=place
    )
