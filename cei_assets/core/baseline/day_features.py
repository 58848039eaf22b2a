"""Features of local days: weekday, season, recurring weeks, temperature and its past.

They are the coordinates in which a Gaussian prior over day profiles is a plain ridge: correlations
of a length are written over fixed points (Nystroem), so that features depend on the day alone and
two sites, or two years, can share coefficients.
"""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.blend_settings import DayModelSettings
from cei_assets.core.baseline.design import DAYS_PER_YEAR
from cei_assets.core.baseline.shared import HOURS_PER_DAY, Axis

SEASON_POINTS = 52
TEMPERATURE_POINTS_C = np.arange(-25.0, 46.0, 7.0)
LAG_WEIGHTS = (0.6, 0.4)
JITTER = 1e-6


def day_features(axis: Axis, settings: DayModelSettings, *, with_temperature: bool) -> FloatArray:
    """Features (D, K) of the days of an axis; those of an unknown temperature are zero."""
    working = axis.working
    parts = [
        np.sqrt(settings.weekday) * np.eye(7)[axis.day_type],
        np.sqrt(settings.weekday) * np.stack([working, ~working], axis=1),
        _apart(_season(axis, settings), working, settings),
    ]
    now, before = _daily_temperature(axis)
    for values, variance in ((now, settings.temperature), (before, settings.lagged_temperature)):
        response = np.sqrt(variance) * _temperature(values, settings)
        parts.append(_apart(response if with_temperature else 0.0 * response, working, settings))
    return np.concatenate(parts, axis=1)


def _apart(features: FloatArray, working: BoolArray, settings: DayModelSettings) -> FloatArray:
    """Features for working and other days, correlated by the part they share."""
    both = settings.shared + settings.apart * np.eye(2)
    mixed = np.linalg.cholesky(both)[np.where(working, 0, 1)]
    return np.concatenate([mixed[:, :1] * features, mixed[:, 1:] * features], axis=1)


def _season(axis: Axis, settings: DayModelSettings) -> FloatArray:
    """Coordinates of the time of the year: slow season and recurring weeks."""
    points = np.arange(SEASON_POINTS) * DAYS_PER_YEAR / SEASON_POINTS

    def kernel(one: FloatArray, other: FloatArray) -> FloatArray:
        turn = np.pi * (one[:, None] - other) / DAYS_PER_YEAR
        # The chord of the year's circle, so that the end of December is near its beginning.
        squared = (np.sin(turn) * DAYS_PER_YEAR / np.pi) ** 2
        return np.asarray(
            settings.season * np.exp(-0.5 * squared / settings.season_days**2)
            + settings.breaks * np.exp(-0.5 * squared / settings.break_days**2)
        )

    return _coordinates(kernel(axis.day.astype(np.float64), points), kernel(points, points))


def _temperature(values: FloatArray, settings: DayModelSettings) -> FloatArray:
    """Coordinates of daily temperatures (D,), zero where unknown."""
    points = TEMPERATURE_POINTS_C
    known = np.isfinite(values)

    def kernel(one: FloatArray, other: FloatArray) -> FloatArray:
        return np.asarray(np.exp(-0.5 * ((one[:, None] - other) / settings.temperature_c) ** 2))

    found = _coordinates(kernel(np.where(known, values, 0.0), points), kernel(points, points))
    return np.where(known[:, None], found, 0.0)


def _coordinates(cross: FloatArray, own: FloatArray) -> FloatArray:
    """Coordinates whose inner products are the kernel, as far as the points resolve it."""
    root = np.linalg.cholesky(own + JITTER * np.trace(own) / len(own) * np.eye(len(own)))
    return np.asarray(np.linalg.solve(root, cross.T).T)


def _daily_temperature(axis: Axis) -> tuple[FloatArray, FloatArray]:
    """Mean temperature (D,) of every day and of the two days before, NaN where unknown.

    A day before that is not on the axis counts as the day itself.
    """
    padded = np.append(axis.temperature, np.nan)[axis.slots]
    known = np.isfinite(padded)
    count = known.sum(axis=1)
    total = np.where(known, padded, 0.0).sum(axis=1)
    enough = count >= HOURS_PER_DAY // 2
    mean = np.where(enough, total / np.maximum(count, 1), np.nan)
    before = np.zeros(len(mean))
    for lag, weight in enumerate(LAG_WEIGHTS, start=1):
        earlier = np.full(len(mean), np.nan)
        earlier[lag:] = np.where(axis.day[lag:] - axis.day[:-lag] == lag, mean[:-lag], np.nan)
        before += weight * np.where(np.isfinite(earlier), earlier, mean)
    return mean, before
