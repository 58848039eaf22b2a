"""Which hours a meter's site is closed: by the register, else by the load itself."""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import mean_where
from cei_assets.core.detection.settings import DetectionSettings


@dataclass(frozen=True, kw_only=True)
class ClosedHours:
    """Closed hours (M, T) on working days (`night`) and on others (`idle_day`), without ramps.

    `is_registered` (T,) tells whether the register's operating hours said so.
    """

    night: BoolArray
    idle_day: BoolArray
    is_registered: BoolArray


def closed_hours(fit: SiteFit, settings: DetectionSettings) -> ClosedHours:
    """Closed hours of every meter of a site.

    Where the register has no operating hours, the unoccupied hours of the week of the baseline
    are closed, provided that occupied hours use clearly more; a flat load has no closed hours.
    """
    window = fit.window
    registered = window.has_operating_hours
    occupied = fit.occupied[:, window.hour_of_week]
    has_pattern = _has_pattern(fit, occupied, settings)
    busy = np.where(registered, window.operating, occupied)
    weekday_hours = fit.occupied.reshape(len(fit.occupied), 7, 24).sum(axis=2)
    works = weekday_hours >= settings.min_occupied_hours
    working = np.where(registered, window.working_day, works[:, window.hour_of_week // 24])
    closed = ~_widen(busy, settings.closed_margin_hours) & (registered | has_pattern[:, None])
    return ClosedHours(night=closed & working, idle_day=closed & ~working, is_registered=registered)


def _has_pattern(fit: SiteFit, occupied: BoolArray, settings: DetectionSettings) -> BoolArray:
    usable = fit.past.usable
    busy = mean_where(fit.window.usage, usable & occupied)
    idle = mean_where(fit.window.usage, usable & ~occupied)
    return np.asarray(busy >= settings.min_contrast * idle)


def _widen(busy: BoolArray, margin: int) -> BoolArray:
    """Busy hours with `margin` hours on both sides."""
    wide = busy.copy()
    for step in range(1, margin + 1):
        wide[:, step:] |= busy[:, :-step]
        wide[:, :-step] |= busy[:, step:]
    return wide
