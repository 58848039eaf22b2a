"""Regression baselines: time of week and temperature, or time of week and season."""

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.frame import HOURS_PER_WEEK
from cei_assets.core.baseline.occupancy import occupied_hours
from cei_assets.core.baseline.period import BaselinePeriod, MeterPart
from cei_assets.core.baseline.regression import (
    Coefficients,
    moments,
    predict,
    predict_left_out,
    solve,
)
from cei_assets.core.baseline.robust import episode_mask, row_median
from cei_assets.core.baseline.terms import RegressionTerms, supported_hours


def occupied_of(period: BaselinePeriod) -> BoolArray:
    """Occupied hours of the week (M, 168) of all meters with a regression, else none."""
    occupied = np.zeros((len(period.kinds), HOURS_PER_WEEK), dtype=bool)
    for kind in (ModelKind.TOWT, ModelKind.HOUR_OF_WEEK_SEASONAL):
        meters = period.meters_of(kind)
        if not meters.size:
            continue
        warm = period.window.temperature[: period.split] if kind is ModelKind.TOWT else None
        valid = period.past.usable[meters, : period.split]
        if warm is not None:
            valid = valid & np.isfinite(warm)
        occupied[meters] = occupied_hours(
            usage=np.where(valid, period.window.usage[meters, : period.split], 0.0),
            weights=valid.astype(np.float64),
            temperature=warm,
            grid=period.weekly,
            settings=period.settings,
        )
    return occupied


def fit_regression(
    period: BaselinePeriod, terms: RegressionTerms, meters: IntArray, occupied: BoolArray
) -> MeterPart:
    """Fits meters that share their terms: once roughly, once without the worst episodes.

    `occupied` (len(meters), 168) splits the hours of the week that have slopes of their own.
    """
    split = period.split
    how = period.window.hour_of_week
    valid = period.past.usable[meters, :split] & np.isfinite(terms.values[:split]).all(axis=1)
    usage = np.where(valid, period.window.usage[meters, :split], 0.0)
    kept = valid & ~_worst_episodes(period, terms, usage, valid, occupied)
    minimum = period.settings.min_cell_hours
    sums = moments(
        terms=np.nan_to_num(terms.values[:split]),
        usage=usage,
        weights=kept.astype(np.float64),
        grid=period.grid,
        blocks=period.blocks,
    )
    final = solve(sums.total(), occupied=occupied, min_count=minimum)
    without = solve(sums.without_each(), occupied=occupied, min_count=minimum)
    return MeterPart(
        expected=predict(
            fitted=final, block=0, terms=terms.values, hour_of_week=how, occupied=occupied
        ),
        left_out=predict_left_out(
            fitted=without,
            terms=terms.values[:split],
            block=period.block,
            hour_of_week=how[:split],
            occupied=occupied,
        ),
        fitted=kept,
        response=_idle_response(final, terms.values, valid),
        supported=supported_hours(period.window, terms, valid),
        occupied=occupied,
        parameters=_parameter_count(final, occupied, terms),
    )


def _worst_episodes(
    period: BaselinePeriod,
    terms: RegressionTerms,
    usage: FloatArray,
    valid: BoolArray,
    occupied: BoolArray,
) -> BoolArray:
    """Hours (M, split) in the worst residual episodes of a first, rough fit."""
    settings = period.settings
    values = np.nan_to_num(terms.values[: period.split])
    sums = moments(
        terms=values,
        usage=usage,
        weights=valid.astype(np.float64),
        grid=period.weekly,
        blocks=1,
    )
    residual = usage - predict(
        fitted=solve(sums, occupied=occupied, min_count=settings.min_cell_hours),
        block=0,
        terms=values,
        hour_of_week=period.window.hour_of_week[: period.split],
        occupied=occupied,
    )
    return episode_mask(
        residual,
        valid & np.isfinite(residual),
        window=settings.episode_window_hours,
        score=settings.episode_score,
        max_share=settings.max_dropped_share,
    )


def _idle_response(fitted: Coefficients, terms: FloatArray, valid: BoolArray) -> FloatArray:
    """What the terms add to an unoccupied hour (M, T), around its median over the baseline."""
    response = fitted.slopes[0][:, 0] @ terms.T
    middle = row_median(np.where(valid, response[:, : valid.shape[1]], np.nan))
    return np.asarray(response - middle[:, None])


def _parameter_count(fitted: Coefficients, occupied: BoolArray, terms: RegressionTerms) -> IntArray:
    """Effects plus slopes, the latter for each of the two kinds of hours that occurs."""
    known = np.isfinite(fitted.effects[0])
    kinds = (known & occupied).any(axis=1).astype(np.int64) + (known & ~occupied).any(axis=1)
    return np.asarray(known.sum(axis=1) + kinds * len(terms.names), dtype=np.int64)
