"""The baselines of one site before one judged period, for all its meters together."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.history import History
from cei_assets.core.baseline.period import BaselinePeriod, MeterPart, baseline_period
from cei_assets.core.baseline.profile import fit_profile
from cei_assets.core.baseline.robust import hour_of_week_scale, mean_where
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.baseline.terms import RegressionTerms, term_groups
from cei_assets.core.baseline.towt import fit_regression, occupied_of


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


def fit_site(frame: SiteFrame, *, start: int, stop: int, settings: BaselineSettings) -> SiteFit:
    """Fits the baseline of every meter of a site for the judged positions `start` to `stop`.

    The baseline period is the `settings.baseline_days` before `start`, or all there is; judged
    hours never enter it. Closures and missing hours are excluded. Meters of one kind and one set
    of knots share a design and are fitted in one batch.
    """
    period = baseline_period(frame, start=start, stop=stop, settings=settings)
    collected = _Collected.empty(period.window)
    occupied = occupied_of(period)
    for terms, meters in term_groups(period, occupied):
        part = fit_regression(period, terms, meters, occupied[meters])
        collected.put(meters, terms, part)
    short = period.meters_of(ModelKind.ROBUST_PROFILE)
    if short.size:
        collected.put(short, None, fit_profile(period, short))
    return SiteFit(
        window=period.window,
        split=period.split,
        past=period.past,
        kinds=period.kinds,
        expected=collected.expected,
        left_out=collected.left_out,
        fitted=collected.fitted,
        response=collected.response,
        supported=collected.supported,
        scale=_scales(period, collected),
        occupied=collected.occupied,
        parameters=collected.parameters,
        terms=tuple(collected.terms),
        is_month_blocked=period.is_month_blocked,
    )


@dataclass(kw_only=True)
class _Collected:
    """The parts of all groups, put together over all meters of the site."""

    expected: FloatArray
    left_out: FloatArray
    fitted: BoolArray
    response: FloatArray
    supported: BoolArray
    occupied: BoolArray
    parameters: IntArray
    terms: list[RegressionTerms | None]

    @staticmethod
    def empty(window: SiteFrame) -> "_Collected":
        shape = window.usage.shape
        return _Collected(
            expected=np.full(shape, np.nan),
            left_out=np.full(shape, np.nan),
            fitted=np.zeros(shape, dtype=bool),
            response=np.full(shape, np.nan),
            supported=np.zeros(shape, dtype=bool),
            occupied=np.zeros((shape[0], HOURS_PER_WEEK), dtype=bool),
            parameters=np.zeros(shape[0], dtype=np.int64),
            terms=[None] * shape[0],
        )

    def put(self, meters: IntArray, terms: RegressionTerms | None, part: MeterPart) -> None:
        self.expected[meters] = part.expected
        self.left_out[meters, : part.left_out.shape[1]] = part.left_out
        self.fitted[meters, : part.fitted.shape[1]] = part.fitted
        self.response[meters] = part.response
        self.supported[meters] = part.supported
        self.occupied[meters] = part.occupied
        self.parameters[meters] = part.parameters
        for meter in meters:
            self.terms[meter] = terms


def _scales(period: BaselinePeriod, collected: _Collected) -> FloatArray:
    """Robust residual scales (M, 168); in-sample residuals where none could be left out."""
    usage = period.window.usage[:, : period.split]
    residual = usage - collected.left_out[:, : period.split]
    in_sample = usage - collected.expected[:, : period.split]
    residual = np.where(np.isfinite(residual), residual, in_sample)
    usable = period.past.usable[:, : period.split]
    floor = period.settings.min_scale_share * mean_where(usage, usable)
    return hour_of_week_scale(residual, usable & np.isfinite(residual), period.weekly, floor)
