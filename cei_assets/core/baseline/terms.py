"""Which regressors each meter of a site gets; meters with the same ones share a design."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import seasonal_terms, temperature_terms, usable_knots
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.baseline.period import BaselinePeriod
from cei_assets.core.baseline.robust import row_quantile

SUPPORT = (0.005, 0.995)
"""Quantiles of the baseline's temperature between which a counterfactual is no extrapolation."""
SCARCE = 10
"""Times `min_hours_beyond_knot`: a kind of hours with fewer does not decide about the knots."""


@dataclass(frozen=True, kw_only=True)
class RegressionTerms:
    """The regressors of a group of meters: names and values (T, P), NaN where unknown."""

    names: tuple[str, ...]
    values: FloatArray
    is_temperature: bool


def term_groups(
    period: BaselinePeriod, occupied: BoolArray
) -> list[tuple[RegressionTerms, IntArray]]:
    """The regressors of all meters with a regression, with the meters that share them."""
    annual = period.past.span_days >= period.settings.min_seasonal_days
    towt = period.meters_of(ModelKind.TOWT)
    seasonal = period.meters_of(ModelKind.HOUR_OF_WEEK_SEASONAL)
    by_knots: dict[tuple[float, ...], list[int]] = {}
    for meter, knots in zip(towt, _knots(period, towt, occupied[towt]), strict=True):
        by_knots.setdefault(knots, []).append(int(meter))
    groups = [
        (_temperature(period.window, knots), np.array(meters)) for knots, meters in by_knots.items()
    ]
    for is_annual in (True, False):
        meters = seasonal[annual[seasonal] == is_annual]
        if meters.size:
            groups.append((_season(period.window, is_annual=is_annual), meters))
    return groups


def _knots(
    period: BaselinePeriod, meters: IntArray, occupied: BoolArray
) -> list[tuple[float, ...]]:
    """Knots of meters; occupied and unoccupied hours each need hours beyond an end knot.

    Both kinds have slopes of their own, so a segment that only one of them has seen would get a
    slope from a handful of hours.
    """
    settings = period.settings
    warm = period.window.temperature[: period.split, None]
    knots = np.array(settings.knots_c)
    outside = np.concatenate([warm < knots, warm > knots], axis=1).astype(np.float64)
    usable = period.past.usable[meters, : period.split]
    busy = occupied[:, period.window.hour_of_week[: period.split]]
    least = np.full((len(meters), 2 * len(knots)), np.inf)
    for kind in (busy, ~busy):
        hours = usable & kind
        counts = hours.astype(np.float64) @ outside
        counts[hours.sum(axis=1) < SCARCE * settings.min_hours_beyond_knot] = np.inf
        least = np.minimum(least, counts)
    below, beyond = np.split(least, 2, axis=1)
    return [
        usable_knots(below[m], beyond[m], settings.knots_c, settings.min_hours_beyond_knot)
        for m in range(len(meters))
    ]


def _temperature(window: SiteFrame, knots: tuple[float, ...]) -> RegressionTerms:
    bounds = [f"{knot:.1f}" for knot in knots]
    names = tuple(
        f"temperature_c[{low}..{high}]"
        for low, high in zip(["", *bounds], [*bounds, ""], strict=True)
    )
    values = temperature_terms(window.temperature, knots)
    return RegressionTerms(names=names, values=values, is_temperature=True)


def _season(window: SiteFrame, *, is_annual: bool) -> RegressionTerms:
    names = ("sin_year", "sin_half_year", "cos_year", "cos_half_year") if is_annual else ()
    values = seasonal_terms(window.day)[:, : len(names)]
    return RegressionTerms(names=names, values=values, is_temperature=False)


def supported_hours(window: SiteFrame, terms: RegressionTerms, valid: BoolArray) -> BoolArray:
    """Hours (M, T) no warmer and no colder than the fitted hours `valid` (M, split)."""
    if not terms.is_temperature:
        return np.ones((len(valid), len(window.hours)), dtype=bool)
    warm = np.where(valid, window.temperature[: valid.shape[1]], np.nan)
    low, high = (row_quantile(warm, share)[:, None] for share in SUPPORT)
    return np.asarray((window.temperature >= low) & (window.temperature <= high))
