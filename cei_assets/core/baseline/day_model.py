"""The day model: a meter's profile of 24 hours, by ridge on the features of its days.

One system per calendar serves all of its meters and hours of the day; a meter costs two matrix
products. What is missing is given by the caller (TOWT's expectation), so that no meter needs a
system of its own.
"""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import FloatArray, IntArray
from cei_assets.core.baseline.shared import HOURS_PER_DAY, Axis


@dataclass(frozen=True, kw_only=True)
class DayModel:
    """Mean profiles (24, M) and coefficients (K, 24, M) of deviations from them."""

    mean: FloatArray
    coefficients: FloatArray

    def predict(self, features: FloatArray, axis: Axis) -> FloatArray:
        """Expected usage (T, M) on an axis whose days have these features (D, K)."""
        return by_hour(self.deviations(features), axis) + self.mean[axis.clock]

    def deviations(self, features: FloatArray) -> FloatArray:
        """Deviations (D, 24, M) from the mean profile."""
        width, hours, meters = self.coefficients.shape
        flat = features @ self.coefficients.reshape(width, hours * meters)
        return flat.reshape(len(features), hours, meters)


def by_hour(profiles: FloatArray, axis: Axis) -> FloatArray:
    """Profiles (D, 24, M) as hours (T, M)."""
    flat = profiles.reshape(-1, profiles.shape[-1])
    at = axis.day_of * HOURS_PER_DAY + axis.clock
    if len(at) == len(flat) and (np.diff(at) == 1).all():
        return flat
    return np.asarray(flat[at])


def by_day(usage: FloatArray, axis: Axis, days: IntArray) -> FloatArray:
    """Usage (T, M) as profiles (len(days), 24, M), NaN where a day lacks the hour."""
    slots = axis.slots[days]
    first = int(slots[0, 0]) if slots.size else 0
    if np.array_equal(slots.ravel(), np.arange(first, first + slots.size)):
        return usage[first : first + slots.size].reshape(*slots.shape, usage.shape[1])
    padded = np.concatenate([usage, np.full((1, usage.shape[1]), np.nan)])
    return np.asarray(padded[slots])


@dataclass(frozen=True, kw_only=True)
class DaySolver:
    """The shared system of some training days: `projector` (K, D) times profiles: coefficients."""

    days: IntArray
    features: FloatArray
    projector: FloatArray

    def fit(self, profiles: FloatArray) -> DayModel:
        """The model of complete profiles (D, 24, M) of the training days."""
        mean = profiles.mean(axis=0)
        days, hours, meters = profiles.shape
        flat = self.projector @ (profiles - mean).reshape(days, hours * meters)
        return DayModel(mean=mean, coefficients=flat.reshape(-1, hours, meters))


def day_solver(features: FloatArray, days: IntArray, noise: float) -> DaySolver:
    """The ridge system of the training days `days`; features (D, K) of all days."""
    chosen = features[days]
    normal = chosen.T @ chosen + noise * np.eye(features.shape[1])
    projector = np.asarray(np.linalg.solve(normal, chosen.T), dtype=np.float64)
    return DaySolver(days=days, features=chosen, projector=projector)
