"""Errors of predictions on the same hours for every model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray

MIN_JUDGED_HOURS = 24 * 28
MIN_PREDICTED_SHARE = 0.5
MIN_DAY_HOURS = 20
MIN_MONTH_SHARE = 0.5
HOURS_PER_MONTH = 730


@dataclass(frozen=True, kw_only=True)
class MeterScore:
    """A model's errors on one meter; NaN where there was nothing to score.

    `cv_rmse` of hours, days and months: root mean square of metered less expected over the mean,
    out of sample, so without loss of degrees of freedom. `nmbe` is metered less expected over
    metered. `failure` says why a model has no score; `hours` are those scored.
    """

    model: str
    hours: int
    mean_kwh: float
    cv_rmse_hourly: float
    cv_rmse_daily: float
    cv_rmse_monthly: float
    nmbe: float
    failure: str | None = None


def score_meter(
    *,
    usage: FloatArray,
    expected: Mapping[str, FloatArray],
    errors: Mapping[str, str],
    day: IntArray,
    month: IntArray,
) -> list[MeterScore]:
    """Scores of all models on the hours (T,) that each of them predicts.

    A model that fails, or predicts under half of the metered hours, is a failure: it is counted
    and takes no hours from the others. No score at all under 28 days of metered hours.
    """
    metered = np.isfinite(usage)
    failures = dict(errors)
    for name, values in expected.items():
        share = (np.isfinite(values) & metered).sum() / max(int(metered.sum()), 1)
        if name not in failures and share < MIN_PREDICTED_SHARE:
            failures[name] = f"predicts {share:.0%} of the metered hours"
    both = metered.copy()
    for name, values in expected.items():
        if name not in failures:
            both &= np.isfinite(values)
    if metered.sum() < MIN_JUDGED_HOURS or both.sum() < MIN_JUDGED_HOURS:
        return []
    return [
        _failed(name, failures[name])
        if name in failures
        else _scored(name, usage[both], values[both], day[both], month[both])
        for name, values in expected.items()
    ]


def _failed(model: str, reason: str) -> MeterScore:
    nothing = float("nan")
    return MeterScore(
        model=model,
        hours=0,
        mean_kwh=nothing,
        cv_rmse_hourly=nothing,
        cv_rmse_daily=nothing,
        cv_rmse_monthly=nothing,
        nmbe=nothing,
        failure=reason,
    )


def _scored(
    model: str, usage: FloatArray, expected: FloatArray, day: IntArray, month: IntArray
) -> MeterScore:
    residual = usage - expected
    mean = float(usage.mean())
    ones = np.ones(len(usage), dtype=bool)
    total = float(usage.sum())
    return MeterScore(
        model=model,
        hours=len(usage),
        mean_kwh=mean,
        cv_rmse_hourly=_cv(residual, usage, ones),
        cv_rmse_daily=_cv(*_sums(residual, usage, day, MIN_DAY_HOURS)),
        cv_rmse_monthly=_cv(*_sums(residual, usage, month, HOURS_PER_MONTH * MIN_MONTH_SHARE)),
        nmbe=float(residual.sum() / total) if total > 0 else float("nan"),
    )


def _sums(
    residual: FloatArray, usage: FloatArray, period: IntArray, minimum: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Sums by period, and which periods have enough hours to count."""
    _, own = np.unique(period, return_inverse=True)
    count = np.bincount(own)
    left, used = (np.bincount(own, values).astype(np.float64) for values in (residual, usage))
    return left, used, np.asarray(count >= minimum)


def _cv(residual: FloatArray, usage: FloatArray, counted: BoolArray) -> float:
    if not counted.any() or usage[counted].mean() <= 0:
        return float("nan")
    return float(np.sqrt(np.mean(residual[counted] ** 2)) / usage[counted].mean())


def median(values: Sequence[float] | FloatArray) -> float:
    """Median over what is finite; NaN for nothing."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")
