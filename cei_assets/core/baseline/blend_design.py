"""What the meters of one calendar share: regressors, features, layouts and systems."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.day_features import day_features
from cei_assets.core.baseline.day_model import DaySolver, day_solver
from cei_assets.core.baseline.design import temperature_terms
from cei_assets.core.baseline.regression import shared_columns
from cei_assets.core.baseline.shared import Axis
from cei_assets.core.baseline.week_cells import WeekCells, week_cells


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What an axis gives, whatever is fitted on it; each part is computed when it is asked for."""

    axis: Axis
    settings: BlendSettings

    @property
    def drivers(self) -> int:
        """Number of drivers; they are the last regressors."""
        return int(self.axis.drivers.shape[1])

    @cached_property
    def terms(self) -> FloatArray:
        """Temperature segments between all knots and the drivers (T, P), NaN where unknown."""
        knots = self.settings.baseline.knots_c
        segments = temperature_terms(self.axis.temperature, knots)
        return np.concatenate([segments, self.axis.drivers], axis=1)

    @cached_property
    def known(self) -> BoolArray:
        """Hours (T,) of which all regressors are known."""
        return np.asarray(np.isfinite(self.terms).all(axis=1))

    @cached_property
    def cells(self) -> WeekCells:
        """The hours by hour of the week."""
        return week_cells(self.axis.hour_of_week)

    @cached_property
    def laid_terms(self) -> FloatArray:
        """Regressors by hour of the week (168, K, P), zero where unknown."""
        return np.asarray(self.cells.spread(np.nan_to_num(self.terms)))

    @cached_property
    def laid_columns(self) -> FloatArray:
        """What the moments are summed of, by hour of the week; see `regression`."""
        return np.asarray(self.cells.spread(shared_columns(np.nan_to_num(self.terms))))

    @cached_property
    def laid_temperature(self) -> FloatArray:
        """Temperature by hour of the week (168, K), zero where unknown."""
        return np.asarray(self.cells.spread(np.nan_to_num(self.axis.temperature)))

    @cached_property
    def features(self) -> FloatArray:
        """Features of the days (D, K)."""
        return day_features(self.axis, self.settings.day_model, with_temperature=True)

    @cached_property
    def cold_features(self) -> FloatArray:
        """Features of the days (D, K) for meters without temperature."""
        return day_features(self.axis, self.settings.day_model, with_temperature=False)


@dataclass(frozen=True, kw_only=True)
class Design:
    """A basis and the hours (T,) that are fitted on it."""

    basis: Basis
    train: BoolArray

    @cached_property
    def warm_solver(self) -> DaySolver:
        """The day model's system, with temperature."""
        return self._solver(self.basis.features)

    @cached_property
    def cold_solver(self) -> DaySolver:
        """The day model's system for meters without temperature."""
        return self._solver(self.basis.cold_features)

    def _solver(self, features: FloatArray) -> DaySolver:
        days = np.unique(self.basis.axis.day_of[self.train])
        return day_solver(features, days, self.basis.settings.day_model.noise)
