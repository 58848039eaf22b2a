"""Night and weekend load: closed hours above the level that the meter itself has attained."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import GAUSSIAN_MAD, mean_where, row_median, row_quantile
from cei_assets.core.detection.closed_hours import ClosedHours
from cei_assets.core.detection.flags import Flags, Units, net_excess, runs_over_known, units
from cei_assets.core.detection.settings import DetectionSettings

BLOCK_HOURS = 8
MIN_UNIT_HOURS = 3
HOURS_PER_DAY = 24


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One of the two rules: its hours, its units and how far above attainable it fires."""

    rule: EpisodeRule
    hours: BoolArray
    comparable: BoolArray
    units: Units
    score: float
    min_share: float
    run: int


@dataclass(frozen=True, kw_only=True)
class _Levels:
    """Of each meter: attainable level of its units, limit above which they are waste, scale."""

    clean: FloatArray
    attainable: FloatArray
    limit: FloatArray
    scale: FloatArray


def night_load(fit: SiteFit, closed: ClosedHours, settings: DetectionSettings) -> Flags:
    """Closed hours on working days above the attainable night level, for a run of nights.

    Comparable are the nights of working days; where the register says that the site is closed on
    other days too, the same hours of those days are comparable, so that waste of every working
    night is found by the weekends without it.
    """
    also = closed.idle_day & closed.is_registered & _hours_of(fit, closed.night)
    case = _Case(
        rule=EpisodeRule.NIGHT_LOAD,
        hours=closed.night,
        comparable=closed.night | also,
        units=units(fit.window.day),
        score=settings.night_score,
        min_share=settings.night_min_share,
        run=settings.night_run,
    )
    return _flags(fit, case, settings)


def weekend_load(fit: SiteFit, closed: ClosedHours, settings: DetectionSettings) -> Flags:
    """Hours of non-working days above the attainable level, judged by eight hours of a day."""
    case = _Case(
        rule=EpisodeRule.WEEKEND_LOAD,
        hours=closed.idle_day,
        comparable=closed.idle_day,
        units=units(
            fit.window.day * (HOURS_PER_DAY // BLOCK_HOURS) + fit.window.local_hour // BLOCK_HOURS
        ),
        score=settings.weekend_score,
        min_share=settings.weekend_min_share,
        run=1,
    )
    return _flags(fit, case, settings)


def _hours_of(fit: SiteFit, mask: BoolArray) -> BoolArray:
    """Positions (M, T) whose local hour occurs in the mask of the same meter."""
    in_hour = np.eye(HOURS_PER_DAY, dtype=np.float32)[fit.window.local_hour]
    seen = mask.astype(np.float32) @ in_hour > 0
    return np.asarray(seen[:, fit.window.local_hour])


def _flags(fit: SiteFit, case: _Case, settings: DetectionSettings) -> Flags:
    above = _above_usual(fit, case)
    known = np.isfinite(above) & case.comparable
    value = case.units.mean(above, known, MIN_UNIT_HOURS)
    own = case.units.mean(above, known & case.hours, MIN_UNIT_HOURS)
    levels = _levels(fit, case, value, fit.window.usage - above, settings)
    over = np.isfinite(own) & (own > levels.limit[:, None])
    fires = over & (runs_over_known(over, np.isfinite(own)) >= case.run)
    fired_hours = fires[:, case.units.of] & case.hours & np.isfinite(above)
    excess = net_excess(above - levels.clean[:, None], fired_hours, case.units)
    spread = np.broadcast_to(
        settings.interval_score * np.nan_to_num(levels.scale)[:, None], excess.shape
    )
    reach = np.nan_to_num(levels.clean - levels.attainable)[:, None]
    return Flags(
        rule=case.rule,
        fired=fired_hours & (excess > 0),
        excess=excess,
        below=spread,
        above=np.maximum(spread, reach),
    )


def _above_usual(fit: SiteFit, case: _Case) -> FloatArray:
    """Usage (M, T) above what makes closed hours comparable, NaN where that is unknown.

    With registered operating hours all closed hours of an hour of the day are alike, whatever the
    weekday, once the response to the weather is taken off. Without a register that is not known,
    and the counterfactual, which has a level for every weekday, is the measure.
    """
    adjusted = np.where(fit.supported, fit.window.usage - fit.response, np.nan)
    past = fit.past.usable & case.comparable
    profile = _hourly_profile(adjusted, past, fit.window.local_hour)
    return np.where(fit.window.has_operating_hours, adjusted - profile, fit.residual)


def _hourly_profile(adjusted: FloatArray, past: BoolArray, local_hour: IntArray) -> FloatArray:
    """Median (M, T) over the baseline by local hour: what makes hours of a night comparable."""
    grid = cell_grid(local_hour, HOURS_PER_DAY)
    spread = grid.spread(np.where(past, adjusted, np.nan))
    spread[:, grid.slots == grid.size] = np.nan
    return np.asarray(row_median(spread)[:, local_hour])


def _levels(
    fit: SiteFit,
    case: _Case,
    value: FloatArray,
    usual: FloatArray,
    settings: DetectionSettings,
) -> _Levels:
    """Attainable level, limit and scale from the baseline's units; `usual` (M, T) is their zero."""
    first_hour = fit.window.hours[case.units.starts]
    judged_from = fit.window.hours[fit.split]
    past = first_hour < judged_from
    recent = past & (first_hour >= judged_from - HOURS_PER_DAY * settings.recent_days)
    year_low, recent_low = (
        _low_quantile(np.where(part, value, np.nan), settings) for part in (past, recent)
    )
    attainable = np.fmax(year_low, recent_low)
    scale = _unit_scale(np.where(past, value, np.nan), fit)
    mean_level = mean_where(usual, fit.past.usable & case.comparable)
    base = np.maximum(mean_level + attainable, 0.0)
    mean_use = mean_where(fit.window.usage, fit.past.usable)
    limit = attainable + np.maximum.reduce(
        [case.score * scale, case.min_share * base, settings.night_min_mean_share * mean_use]
    )
    clean = past & (value <= limit[:, None])
    near = clean & recent
    near = np.where((near.sum(axis=1) >= settings.min_comparable)[:, None], near, clean)
    return _Levels(clean=mean_where(value, near), attainable=attainable, limit=limit, scale=scale)


def _low_quantile(value: FloatArray, settings: DetectionSettings) -> FloatArray:
    enough = np.isfinite(value).sum(axis=1) >= settings.min_comparable
    return np.where(enough, row_quantile(value, settings.attainable_share), np.nan)


def _unit_scale(value: FloatArray, fit: SiteFit) -> FloatArray:
    """Unit-to-unit standard deviation (M,) from successive differences of the baseline's units.

    Runs of waste have few edges, so the median difference is one between two clean units, or
    between two wasteful ones. Not below the smallest residual scale of the meter.
    """
    order = np.argsort(~np.isfinite(value), axis=1, kind="stable")
    packed = np.take_along_axis(value, order, axis=1)
    scale = GAUSSIAN_MAD * row_median(np.abs(np.diff(packed, axis=1))) / np.sqrt(2.0)
    return np.asarray(np.fmax(scale, fit.scale.min(axis=1)))
