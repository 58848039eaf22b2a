"""The baselines of one site before one judged period, for all its meters together."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import (
    CellGrid,
    cell_grid,
    seasonal_terms,
    temperature_terms,
    usable_knots,
)
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.history import History, history, model_kind
from cei_assets.core.baseline.occupancy import occupied_hours
from cei_assets.core.baseline.profile import fit_profile
from cei_assets.core.baseline.regression import (
    Coefficients,
    Moments,
    moments,
    predict,
    predict_left_out,
    solve,
)
from cei_assets.core.baseline.robust import (
    episode_mask,
    hour_of_week_scale,
    mean_where,
    row_median,
    row_quantile,
)
from cei_assets.core.baseline.settings import BaselineSettings

MIN_MONTH_BLOCKS = 3
DAYS_PER_WEEK = 7
SUPPORT = (0.005, 0.995)
"""Quantiles of the baseline's temperature between which a counterfactual is no extrapolation."""


@dataclass(frozen=True, kw_only=True)
class RegressionTerms:
    """The regressors of a group of meters: names and values (T, P), NaN where unknown."""

    names: tuple[str, ...]
    values: FloatArray
    is_temperature: bool


@dataclass(frozen=True, kw_only=True)
class SiteFit:
    """Baselines of a site's meters (M) over a window (T): baseline first, then judged hours.

    `window` is the site's frame, its first `split` positions the baseline period. `expected` is
    the fitted value there and the counterfactual after it, NaN where there is none. `left_out`
    holds, for the baseline, what the fit without the hour's block expects: a month, or a week
    while there are fewer than three months (`is_month_blocked`). `fitted` marks the hours that
    entered the final fit, `scale` (M, 168) is the robust standard deviation of the left-out
    residuals, `response` (M, T) what temperature or season add to an unoccupied hour, around its
    baseline median, `supported` (M, T) the hours whose terms lie within those of the baseline, so
    that nothing is extrapolated, `occupied` (M, 168) the occupied hours of the week, `parameters`
    (M,) their number, `terms` the regressors of each meter (None without regression).
    """

    window: SiteFrame
    split: int
    past: History
    kinds: tuple[ModelKind, ...]
    expected: FloatArray
    left_out: FloatArray
    fitted: BoolArray
    scale: FloatArray
    response: FloatArray
    supported: BoolArray
    occupied: BoolArray
    parameters: IntArray
    terms: tuple[RegressionTerms | None, ...]
    is_month_blocked: bool

    @property
    def residual(self) -> FloatArray:
        """Metered less expected (M, T): left-out in the baseline, so that both parts compare.

        NaN where the expectation would be an extrapolation.
        """
        compared = [self.left_out[:, : self.split], self.expected[:, self.split :]]
        residual = self.window.usage - np.concatenate(compared, axis=1)
        return np.where(self.supported, residual, np.nan)


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """The baseline's hours laid out for summing: block x hour-of-week cells."""

    grid: CellGrid
    weekly: CellGrid
    block: IntArray
    blocks: int


def fit_site(frame: SiteFrame, *, start: int, stop: int, settings: BaselineSettings) -> SiteFit:
    """Fits the baseline of every meter of a site for the judged positions `start` to `stop`.

    The baseline period is the `settings.baseline_days` before `start`, or all there is; judged
    hours never enter it. Closures and missing hours are excluded. Meters of one kind and one set
    of knots share a design and are fitted in one batch.
    """
    first_hour = frame.hours[start] - 24 * settings.baseline_days
    begin = int(np.searchsorted(frame.hours, first_hour))
    window = frame.part(begin, stop)
    split = start - begin
    past = history(window, split, settings)
    meters = len(window.meter_ids)
    kinds = tuple(model_kind(past, meter, settings) for meter in range(meters))
    block, is_month_blocked = _blocks(window, split)
    axis = _Axis(
        grid=cell_grid(
            block * HOURS_PER_WEEK + window.hour_of_week[:split],
            (int(block.max(initial=0)) + 1) * HOURS_PER_WEEK,
        ),
        weekly=cell_grid(window.hour_of_week[:split], HOURS_PER_WEEK),
        block=block,
        blocks=int(block.max(initial=0)) + 1,
    )
    build = _Builder.empty(window)
    occupied = _occupied(window, split, past, kinds, axis, settings)
    for terms, rows in _groups(window, split, past, kinds, occupied, settings):
        part = _regress(window, split, past, terms, rows, occupied[rows], axis, settings)
        build.put(rows, terms, part)
    short = np.array([kind is ModelKind.ROBUST_PROFILE for kind in kinds])
    if short.any():
        rows = np.flatnonzero(short)
        build.put(rows, None, _profile(window, split, past, rows, axis, settings))
    return SiteFit(
        window=window,
        split=split,
        past=past,
        kinds=kinds,
        expected=build.expected,
        left_out=build.left_out,
        fitted=build.fitted,
        response=build.response,
        supported=build.supported,
        scale=_scales(window, split, past, build, axis, settings),
        occupied=build.occupied,
        parameters=build.parameters,
        terms=tuple(build.terms),
        is_month_blocked=is_month_blocked,
    )


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What fitting a group of meters gives, in the order of its rows."""

    expected: FloatArray
    left_out: FloatArray
    fitted: BoolArray
    response: FloatArray
    supported: BoolArray
    occupied: BoolArray
    parameters: IntArray


@dataclass(kw_only=True)
class _Builder:
    """Collects the parts into arrays over all meters of the site."""

    expected: FloatArray
    left_out: FloatArray
    fitted: BoolArray
    response: FloatArray
    supported: BoolArray
    occupied: BoolArray
    parameters: IntArray
    terms: list[RegressionTerms | None]

    @staticmethod
    def empty(window: SiteFrame) -> "_Builder":
        shape = window.usage.shape
        return _Builder(
            expected=np.full(shape, np.nan),
            left_out=np.full(shape, np.nan),
            fitted=np.zeros(shape, dtype=bool),
            response=np.full(shape, np.nan),
            supported=np.zeros(shape, dtype=bool),
            occupied=np.zeros((shape[0], HOURS_PER_WEEK), dtype=bool),
            parameters=np.zeros(shape[0], dtype=np.int64),
            terms=[None] * shape[0],
        )

    def put(self, rows: IntArray, terms: RegressionTerms | None, part: _Part) -> None:
        self.expected[rows] = part.expected
        self.left_out[rows, : part.left_out.shape[1]] = part.left_out
        self.fitted[rows, : part.fitted.shape[1]] = part.fitted
        self.response[rows] = part.response
        self.supported[rows] = part.supported
        self.occupied[rows] = part.occupied
        self.parameters[rows] = part.parameters
        for row in rows:
            self.terms[row] = terms


def _blocks(window: SiteFrame, split: int) -> tuple[IntArray, bool]:
    """Block of every baseline position: its month, or its week while there are few months."""
    month = window.month[:split]
    if len(np.unique(month)) >= MIN_MONTH_BLOCKS:
        return month - month[0], True
    day = window.day[:split]
    return (day - day[0]) // DAYS_PER_WEEK if split else day, False


def _groups(
    window: SiteFrame,
    split: int,
    past: History,
    kinds: tuple[ModelKind, ...],
    occupied: BoolArray,
    settings: BaselineSettings,
) -> list[tuple[RegressionTerms, IntArray]]:
    """Meters that share a design, with that design."""
    knots = _knots(window, split, past, occupied, settings)
    members: dict[tuple[ModelKind, tuple[float, ...], bool], list[int]] = {}
    for meter, kind in enumerate(kinds):
        if kind is ModelKind.TOWT:
            members.setdefault((kind, knots[meter], False), []).append(meter)
        elif kind is ModelKind.HOUR_OF_WEEK_SEASONAL:
            annual = bool(past.span_days[meter] >= settings.min_seasonal_days)
            members.setdefault((kind, (), annual), []).append(meter)
    return [
        (
            _temperature(window, used)
            if kind is ModelKind.TOWT
            else _season(window, annual=annual),
            np.array(rows),
        )
        for (kind, used, annual), rows in members.items()
    ]


def _knots(
    window: SiteFrame,
    split: int,
    past: History,
    occupied: BoolArray,
    settings: BaselineSettings,
) -> list[tuple[float, ...]]:
    """Knots of every meter; occupied and unoccupied hours each need hours beyond an end knot."""
    warm = window.temperature[:split, None]
    outside = np.concatenate(
        [warm < np.array(settings.knots_c), warm > np.array(settings.knots_c)], axis=1
    ).astype(np.float64)
    usable = past.usable[:, :split]
    busy = occupied[:, window.hour_of_week[:split]]
    counts = [(usable & kind).astype(np.float64) @ outside for kind in (busy, ~busy)]
    # A kind that hardly occurs has slopes of its own whatever the knots; it must not take them
    # from the other.
    scarce = 10 * settings.min_hours_beyond_knot
    least = np.minimum.reduce(
        [
            np.where(np.sum(usable & kind, axis=1)[:, None] < scarce, np.inf, count)
            for kind, count in zip((busy, ~busy), counts, strict=True)
        ]
    )
    below, beyond = np.split(least, 2, axis=1)
    return [
        usable_knots(below[m], beyond[m], settings.knots_c, settings.min_hours_beyond_knot)
        for m in range(len(usable))
    ]


def _occupied(
    window: SiteFrame,
    split: int,
    past: History,
    kinds: tuple[ModelKind, ...],
    axis: _Axis,
    settings: BaselineSettings,
) -> BoolArray:
    """Occupied hours of the week (M, 168) of all meters with a regression."""
    occupied = np.zeros((len(kinds), HOURS_PER_WEEK), dtype=bool)
    for kind in (ModelKind.TOWT, ModelKind.HOUR_OF_WEEK_SEASONAL):
        rows = np.flatnonzero([own is kind for own in kinds])
        if not rows.size:
            continue
        warm = window.temperature[:split] if kind is ModelKind.TOWT else None
        valid = past.usable[rows, :split]
        if warm is not None:
            valid = valid & np.isfinite(warm)
        occupied[rows] = occupied_hours(
            usage=np.where(valid, window.usage[rows, :split], 0.0),
            weights=valid.astype(np.float64),
            temperature=warm,
            grid=axis.weekly,
            settings=settings,
        )
    return occupied


def _temperature(window: SiteFrame, knots: tuple[float, ...]) -> RegressionTerms:
    bounds = [f"{knot:.1f}" for knot in knots]
    names = tuple(
        f"temperature_c[{low}..{high}]"
        for low, high in zip(["", *bounds], [*bounds, ""], strict=True)
    )
    return RegressionTerms(
        names=names, values=temperature_terms(window.temperature, knots), is_temperature=True
    )


def _season(window: SiteFrame, *, annual: bool) -> RegressionTerms:
    if not annual:
        return RegressionTerms(
            names=(), values=np.zeros((len(window.day), 0)), is_temperature=False
        )
    names = ("sin_year", "sin_half_year", "cos_year", "cos_half_year")
    return RegressionTerms(names=names, values=seasonal_terms(window.day), is_temperature=False)


def _regress(
    window: SiteFrame,
    split: int,
    past: History,
    terms: RegressionTerms,
    rows: IntArray,
    occupied: BoolArray,
    axis: _Axis,
    settings: BaselineSettings,
) -> _Part:
    known = np.isfinite(terms.values).all(axis=1)
    values = np.nan_to_num(terms.values[:split])
    valid = past.usable[rows, :split] & known[:split]
    usage = np.where(valid, window.usage[rows, :split], 0.0)
    how = window.hour_of_week[:split]

    def sums_on(weights: BoolArray, grid: CellGrid, blocks: int) -> Moments:
        return moments(
            terms=values,
            usage=usage,
            weights=weights.astype(np.float64),
            grid=grid,
            blocks=blocks,
        )

    minimum = settings.min_cell_hours
    rough = solve(sums_on(valid, axis.weekly, 1), occupied=occupied, min_count=minimum)
    rough_residual = usage - predict(
        fitted=rough, block=0, terms=values, hour_of_week=how, occupied=occupied
    )
    worst = episode_mask(
        rough_residual,
        valid & np.isfinite(rough_residual),
        window=settings.episode_window_hours,
        score=settings.episode_score,
        max_share=settings.max_dropped_share,
    )
    sums = sums_on(valid & ~worst, axis.grid, axis.blocks)
    final = solve(sums.total(), occupied=occupied, min_count=minimum)
    without = solve(sums.without_each(), occupied=occupied, min_count=minimum)
    return _Part(
        expected=predict(
            fitted=final,
            block=0,
            terms=terms.values,
            hour_of_week=window.hour_of_week,
            occupied=occupied,
        ),
        left_out=predict_left_out(
            fitted=without,
            terms=terms.values[:split],
            block=axis.block,
            hour_of_week=how,
            occupied=occupied,
        ),
        fitted=valid & ~worst,
        response=_idle_response(final, terms.values, valid),
        supported=_supported(window, terms, valid),
        occupied=occupied,
        parameters=_parameter_count(final, occupied, terms),
    )


def _idle_response(fitted: Coefficients, terms: FloatArray, valid: BoolArray) -> FloatArray:
    """What the terms add to an unoccupied hour (M, T), around its median over the baseline."""
    response = fitted.slopes[0][:, 0] @ terms.T
    middle = row_median(np.where(valid, response[:, : valid.shape[1]], np.nan))
    return np.asarray(response - middle[:, None])


def _supported(window: SiteFrame, terms: RegressionTerms, valid: BoolArray) -> BoolArray:
    """Hours (M, T) no warmer and no colder than the hours that were fitted."""
    if not terms.is_temperature:
        return np.ones((len(valid), len(window.hours)), dtype=bool)
    split = valid.shape[1]
    warm = np.where(valid, window.temperature[:split], np.nan)
    low, high = (row_quantile(warm, share)[:, None] for share in SUPPORT)
    return np.asarray((window.temperature >= low) & (window.temperature <= high))


def _parameter_count(fitted: Coefficients, occupied: BoolArray, terms: RegressionTerms) -> IntArray:
    """Effects plus slopes, the latter for each of the two kinds of hours that occurs."""
    known = np.isfinite(fitted.effects[0])
    kinds = (known & occupied).any(axis=1).astype(np.int64) + (known & ~occupied).any(axis=1)
    return np.asarray(known.sum(axis=1) + kinds * len(terms.names), dtype=np.int64)


def _profile(
    window: SiteFrame,
    split: int,
    past: History,
    rows: IntArray,
    axis: _Axis,
    settings: BaselineSettings,
) -> _Part:
    usable = past.usable[rows]
    fitted = fit_profile(window, rows, usable, minimum=settings.min_cell_hours)
    left_out = np.full((len(rows), split), np.nan)
    for block in range(axis.blocks):
        at = np.flatnonzero(axis.block == block)
        kept = usable.copy()
        kept[:, at] = False
        others = fit_profile(window, rows, kept, minimum=settings.min_cell_hours)
        left_out[:, at] = others.expected[:, at]
    return _Part(
        expected=fitted.expected,
        left_out=left_out,
        fitted=usable[:, :split] & np.isfinite(fitted.expected[:, :split]),
        response=np.zeros(window.usage[rows].shape),
        supported=np.isfinite(fitted.expected),
        occupied=fitted.occupied,
        parameters=fitted.parameters,
    )


def _scales(
    window: SiteFrame,
    split: int,
    past: History,
    build: _Builder,
    axis: _Axis,
    settings: BaselineSettings,
) -> FloatArray:
    residual = window.usage[:, :split] - build.left_out[:, :split]
    in_sample = window.usage[:, :split] - build.expected[:, :split]
    residual = np.where(np.isfinite(residual), residual, in_sample)
    usable = past.usable[:, :split]
    floor = settings.min_scale_share * mean_where(window.usage[:, :split], usable)
    return hour_of_week_scale(residual, usable & np.isfinite(residual), axis.weekly, floor)
