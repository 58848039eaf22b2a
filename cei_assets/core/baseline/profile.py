"""The robust profile that stands in for a regression while history is short."""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.robust import row_median

SATURDAY = 5
PROFILE_CELLS = 48


@dataclass(frozen=True, kw_only=True)
class ProfileFit:
    """Expected usage (M, T), occupied hours of the week (M, 168), number of levels (M,)."""

    expected: FloatArray
    occupied: BoolArray
    parameters: IntArray


def fit_profile(
    window: SiteFrame, rows: IntArray, usable: BoolArray, *, minimum: int
) -> ProfileFit:
    """Median usage by local hour and day type, for the meters `rows` of a site.

    A day is a working day by the register's operating hours, or Monday to Friday where there are
    none; holidays and closures are not. `usable` (M, T) marks the hours that may be used; a level
    with fewer than `minimum` of them is unknown (NaN).
    """
    working = working_days(window)
    cell = working * 24 + window.local_hour
    grid = cell_grid(cell.astype(np.int64), PROFILE_CELLS)
    spread = grid.spread(np.where(usable, window.usage[rows], np.nan))
    spread[:, grid.slots == grid.size] = np.nan
    enough = np.isfinite(spread).sum(axis=-1) >= minimum
    level = np.where(enough, row_median(spread), np.nan)
    known = np.nan_to_num(level)
    middle = 0.5 * (known.max(axis=1) + known.min(axis=1))
    high = level > middle[:, None]
    return ProfileFit(
        expected=level[:, cell],
        occupied=_weekly(high),
        parameters=np.isfinite(level).sum(axis=1).astype(np.int64),
    )


def working_days(window: SiteFrame) -> BoolArray:
    """Whether each position (T,) lies on a working day; Monday to Friday without a register."""
    weekday = window.hour_of_week // 24
    return np.where(window.has_operating_hours, window.working_day, weekday < SATURDAY)


def _weekly(high: BoolArray) -> BoolArray:
    """Levels by day type and hour as hours of the week."""
    hour = np.arange(HOURS_PER_WEEK) % 24
    weekday = np.arange(HOURS_PER_WEEK) // 24
    day_type = np.where(weekday < SATURDAY, 1, 0)
    return np.asarray(high[:, day_type * 24 + hour])
