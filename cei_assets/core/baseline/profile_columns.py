"""Robust levels by hour and kind of day, for meters with too little history for a regression."""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK
from cei_assets.core.baseline.robust import row_median
from cei_assets.core.baseline.shared import DAYS_PER_WORKING_WEEK, HOURS_PER_DAY

LEVELS = 2 * HOURS_PER_DAY


def day_type_levels(
    usage: FloatArray, valid: BoolArray, hour_of_week: IntArray, min_count: int
) -> FloatArray:
    """Medians (168, M) by local hour on working and other days; NaN below `min_count` hours."""
    grid = cell_grid(_level(hour_of_week), LEVELS)
    spread = grid.spread(np.where(valid, usage, np.nan).T)
    spread[:, grid.slots == grid.size] = np.nan
    enough = np.isfinite(spread).sum(axis=-1) >= min_count
    levels = np.where(enough, row_median(spread), np.nan)
    return np.asarray(levels[:, _level(np.arange(HOURS_PER_WEEK))].T)


def _level(hour_of_week: IntArray) -> IntArray:
    working = hour_of_week // HOURS_PER_DAY < DAYS_PER_WORKING_WEEK
    return np.asarray(working * HOURS_PER_DAY + hour_of_week % HOURS_PER_DAY, dtype=np.int64)
