"""The blend of one chunk of meters: TOWT, the day model and the mean of the hour of the week."""

from dataclasses import dataclass, replace

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.blend_design import Basis, Design
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.day_model import DayModel, by_day, by_hour
from cei_assets.core.baseline.frame import HOURS_PER_WEEK
from cei_assets.core.baseline.hour_model import HourModel, cell_means, fit_hours
from cei_assets.core.baseline.memory import Memory, local_labels
from cei_assets.core.baseline.profile_columns import day_type_levels
from cei_assets.core.baseline.shared import HOURS_PER_DAY

MIN_CLIP_RMS = 0.2
"""A robust scale below this share of the residuals' root mean square is that of a mostly idle
meter, whose bursts are no outliers."""
_CLOCK = np.arange(HOURS_PER_WEEK) % HOURS_PER_DAY


@dataclass(frozen=True, kw_only=True)
class Blend:
    """Fitted models of M meters, kWh.

    `towt` is the hour model alone (NaN without a regression), `kinds` what each meter's history
    allowed, `good_days` its days of history. The blend is folded into one set of coefficients:
    `effects` (168, M), `slopes` (2, P, M) and `profile` (K, 24, M). `memory` is what the meters
    were trained on, and `memory_weight` (M,) its share.
    """

    kinds: tuple[ModelKind, ...]
    good_days: IntArray
    towt: HourModel
    effects: FloatArray
    slopes: FloatArray
    profile: FloatArray
    memory: Memory
    memory_weight: FloatArray
    fitted_hours: IntArray

    def predict(self, basis: Basis) -> FloatArray:
        """Expected usage (T, M) of an axis, not below zero; NaN where it is unknown."""
        plain, driven = split_drivers(self.slopes, basis.drivers)
        hourly = _predicted(replace(self.towt, effects=self.effects, slopes=plain), basis)
        days = DayModel(mean=np.zeros(0), coefficients=self.profile)
        hourly += by_hour(days.deviations(basis.features), basis.axis)
        self.memory.mix_in(hourly, basis.axis, self.memory_weight)
        if driven is not None:
            zero = np.zeros_like(self.effects)
            hourly += _predicted(replace(self.towt, effects=zero, slopes=driven), basis)
        return np.maximum(hourly, 0.0, out=hourly)

    def predict_towt(self, basis: Basis) -> FloatArray:
        """Expected usage (T, M) by TOWT alone, not below zero."""
        return np.maximum(_predicted(self.towt, basis), 0.0)


def _predicted(model: HourModel, basis: Basis) -> FloatArray:
    """The hour model's expectation; a meter without slopes needs no temperature."""
    expected = basis.cells.collect(model.expected(basis.laid_terms))
    if not basis.known.all():
        needy = np.flatnonzero((model.slopes != 0.0).any(axis=(0, 1)))
        expected[np.ix_(~basis.known, needy)] = np.nan
    return expected


def fit_blend(usage: FloatArray, design: Design) -> Blend:
    """Fits meters (T, M) of one design; values that are negative or not finite are missing."""
    settings = design.basis.settings
    valid = design.train[:, None] & np.isfinite(usage) & (usage >= 0.0)
    peak = np.where(valid, usage, 0.0).max(axis=0, initial=0.0)
    unit = np.where(peak > 0.0, peak, 1.0)
    scaled = np.where(valid, usage, 0.0) / unit
    known = design.basis.known
    fittable = valid & known[:, None]
    good_days = _good_days(valid, design)
    kinds = _kinds(good_days, valid.sum(axis=0), fittable.sum(axis=0), settings)
    fitted = fit_hours(
        usage=scaled,
        valid=fittable,
        basis=design.basis,
    )
    cold = np.flatnonzero(kinds == ModelKind.HOUR_OF_WEEK_SEASONAL)
    means = fitted.means
    _, driven = split_drivers(fitted.model.slopes, design.basis.drivers)
    if driven is not None:
        effect = _driver_effect(fitted.model, driven, design)
        scaled, fitted = scaled - effect, replace(fitted, expected=fitted.expected - effect)
        means = _means(scaled, fittable, design)
    if cold.size:
        means[:, cold] = _means(scaled[:, cold], valid[:, cold], design)
    expected = fitted.expected
    known_rows = known if not cold.size else np.ones(len(known), dtype=bool)
    expected[:, cold] = means[:, cold][design.basis.axis.hour_of_week]
    expected[~known_rows] = means[design.basis.axis.hour_of_week[~known_rows]]
    drawn_in = _drawn_in(scaled, expected, valid, fitted.scale, settings.clip_scales)
    days = _day_models(drawn_in, design, cold)
    memory = Memory(
        label=local_labels(design.basis.axis),
        hour_of_week=design.basis.axis.hour_of_week,
        usage=drawn_in.astype(np.float32),
        unit=unit,
    )
    return _folded(
        kinds=kinds,
        good_days=good_days,
        towt=fitted.model,
        means=means,
        days=days,
        levels=_levels(scaled, valid, kinds, design),
        memory=memory,
        drivers=design.basis.drivers,
        fitted_hours=np.rint(fitted.kept).astype(np.int64),
        settings=settings,
    )


def split_drivers(slopes: FloatArray, drivers: int) -> tuple[FloatArray, FloatArray | None]:
    """Slopes (2, P, M) without those of the drivers, and those of the drivers alone."""
    if not drivers:
        return slopes, None
    plain, driven = slopes.copy(), slopes.copy()
    plain[:, -drivers:], driven[:, :-drivers] = 0.0, 0.0
    return plain, driven


def _driver_effect(model: HourModel, driven: FloatArray, design: Design) -> FloatArray:
    """What the drivers add (T, M), zero in hours with an unknown regressor."""
    alone = replace(model, effects=np.zeros_like(model.effects), slopes=driven)
    return design.basis.cells.collect(alone.expected(design.basis.laid_terms))


def _good_days(valid: BoolArray, design: Design) -> IntArray:
    """Days (M,) of which enough hours are valid."""
    padded = np.concatenate([valid, np.zeros((1, valid.shape[1]), dtype=bool)])
    hours = padded[design.basis.axis.slots].sum(axis=1)
    enough = design.basis.settings.baseline.day_coverage * HOURS_PER_DAY
    return np.asarray((hours >= enough).sum(axis=0), dtype=np.int64)


def _kinds(
    good_days: IntArray, valid: IntArray, warm: IntArray, settings: BlendSettings
) -> np.ndarray:
    """Kind of model of each meter, the rule of `history.model_kind`."""
    limits = settings.baseline
    cold = warm < limits.min_temperature_coverage * np.maximum(valid, 1)
    kinds = np.full(len(cold), ModelKind.TOWT, dtype=object)
    kinds[cold] = ModelKind.HOUR_OF_WEEK_SEASONAL
    kinds[good_days < limits.min_model_days] = ModelKind.ROBUST_PROFILE
    kinds[good_days < limits.min_judged_days] = ModelKind.WARMING_UP
    return kinds


def _means(usage: FloatArray, valid: BoolArray, design: Design) -> FloatArray:
    """Means (168, M) of the hours of the week."""
    count, total = (
        design.basis.cells.spread(values).sum(axis=1)
        for values in (valid, np.where(valid, usage, 0.0))
    )
    return cell_means(count, total, design.basis.settings.baseline)


def _drawn_in(
    usage: FloatArray, expected: FloatArray, valid: BoolArray, scale: FloatArray, clip: float
) -> FloatArray:
    """Usage with outliers drawn in towards the expectation, which stands for missing hours."""
    residual = np.where(valid, usage - expected, 0.0)
    residual[~np.isfinite(residual)] = 0.0
    rms = np.sqrt((residual**2).sum(axis=0) / np.maximum(valid.sum(axis=0), 1))
    limit = clip * np.maximum(np.nan_to_num(scale), MIN_CLIP_RMS * rms)
    return np.asarray(expected + np.clip(residual, -limit, limit))


def _day_models(usage: FloatArray, design: Design, cold: IntArray) -> DayModel:
    """The day model of every meter; those in `cold` without temperature."""
    solver = design.warm_solver
    profiles = by_day(usage, design.basis.axis, solver.days)
    gaps = ~np.isfinite(profiles)
    if gaps.any():
        count = np.maximum((~gaps).sum(axis=0), 1)
        profiles = np.where(gaps, np.where(gaps, 0.0, profiles).sum(axis=0) / count, profiles)
    found = solver.fit(profiles)
    if cold.size:
        without = design.cold_solver.fit(profiles[:, :, cold])
        found.coefficients[:, :, cold] = without.coefficients
    return found


def _levels(
    usage: FloatArray, valid: BoolArray, kinds: np.ndarray, design: Design
) -> FloatArray | None:
    """Robust levels (168, m) of the meters with little history; None without such meters."""
    short = np.flatnonzero(kinds == ModelKind.ROBUST_PROFILE)
    if not short.size:
        return None
    return day_type_levels(
        usage[:, short],
        valid[:, short],
        design.basis.axis.hour_of_week,
        design.basis.settings.baseline.min_cell_hours,
    )


def _folded(
    *,
    kinds: np.ndarray,
    good_days: IntArray,
    towt: HourModel,
    means: FloatArray,
    days: DayModel,
    levels: FloatArray | None,
    memory: Memory,
    drivers: int,
    fitted_hours: IntArray,
    settings: BlendSettings,
) -> Blend:
    """Weights, means and units folded into one set of coefficients."""
    unit = memory.unit
    has_regression = kinds == ModelKind.TOWT
    cold = kinds == ModelKind.HOUR_OF_WEEK_SEASONAL
    long = good_days >= settings.min_blend_days
    day = np.where((has_regression & long) | cold, settings.day_weight, 0.0)
    hourly = np.where(has_regression, np.where(long, settings.towt_weight, 1.0), 0.0)
    rest = 1.0 - day - hourly
    own = np.where(has_regression, towt.effects, np.nan)
    effects = np.where(hourly > 0.0, hourly * own, 0.0) + day * days.mean[_CLOCK]
    effects += np.where(rest > 0.0, rest * means, 0.0)
    slopes = hourly * towt.slopes
    # The other parts know nothing of drivers, so their effect counts in full.
    if drivers:
        slopes[:, -drivers:] = has_regression * towt.slopes[:, -drivers:]
    if levels is not None:
        effects[:, kinds == ModelKind.ROBUST_PROFILE] = levels
    effects[:, kinds == ModelKind.WARMING_UP] = np.nan
    return Blend(
        kinds=tuple(kinds),
        good_days=good_days,
        towt=HourModel(effects=own * unit, occupied=towt.occupied, slopes=towt.slopes * unit),
        effects=effects * unit,
        slopes=slopes * unit,
        profile=days.coefficients * (day * unit),
        memory=memory,
        memory_weight=np.where(day > 0.0, settings.memory_weight, 0.0),
        fitted_hours=fitted_hours,
    )
