"""The robust profile that stands in for a regression while history is short."""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.period import BaselinePeriod, MeterPart
from cei_assets.core.baseline.robust import row_median

SATURDAY = 5
PROFILE_CELLS = 48


@dataclass(frozen=True, kw_only=True)
class _Profile:
    """Expected usage (M, T), occupied hours of the week (M, 168), number of levels (M,)."""

    expected: FloatArray
    occupied: BoolArray
    parameters: IntArray


def fit_profile(period: BaselinePeriod, meters: IntArray) -> MeterPart:
    """Median usage by local hour and day type, for meters with little history.

    A day is a working day by the register's operating hours, or Monday to Friday where there are
    none; holidays and closures are not. A level with fewer than `min_cell_hours` hours is unknown.
    """
    split = period.split
    usable = period.past.usable[meters]
    whole = _profile(period, meters, usable)
    left_out = np.full((len(meters), split), np.nan)
    for block in range(period.blocks):
        at = np.flatnonzero(period.block == block)
        others = usable.copy()
        others[:, at] = False
        left_out[:, at] = _profile(period, meters, others).expected[:, at]
    return MeterPart(
        expected=whole.expected,
        left_out=left_out,
        fitted=usable[:, :split] & np.isfinite(whole.expected[:, :split]),
        response=np.zeros(usable.shape),
        supported=np.isfinite(whole.expected),
        occupied=whole.occupied,
        parameters=whole.parameters,
    )


def _profile(period: BaselinePeriod, meters: IntArray, usable: BoolArray) -> _Profile:
    window = period.window
    cell = _working_days(window).astype(np.int64) * 24 + window.local_hour
    grid = cell_grid(cell, PROFILE_CELLS)
    spread = grid.spread(np.where(usable, window.usage[meters], np.nan))
    spread[:, grid.slots == grid.size] = np.nan
    enough = np.isfinite(spread).sum(axis=-1) >= period.settings.min_cell_hours
    level = np.where(enough, row_median(spread), np.nan)
    known = np.nan_to_num(level)
    middle = 0.5 * (known.max(axis=1) + known.min(axis=1))
    return _Profile(
        expected=level[:, cell],
        occupied=_weekly(level > middle[:, None]),
        parameters=np.isfinite(level).sum(axis=1).astype(np.int64),
    )


def _working_days(window: SiteFrame) -> BoolArray:
    """Whether each position (T,) lies on a working day; Monday to Friday without a register."""
    weekday = window.hour_of_week // 24
    return np.where(window.has_operating_hours, window.working_day, weekday < SATURDAY)


def _weekly(high: BoolArray) -> BoolArray:
    """Levels by day type and hour as hours of the week."""
    position = np.arange(HOURS_PER_WEEK)
    day_type = np.where(position // 24 < SATURDAY, 1, 0)
    return np.asarray(high[:, day_type * 24 + position % 24])
