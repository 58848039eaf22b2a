"""A portfolio's figures: medians, paired ratios, win rates, failures and cost of every model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.backtest.run import Comparison, Cost, ScoreRow, Setting
from cei_assets.core.backtest.scores import median


@dataclass(frozen=True, kw_only=True)
class PortfolioRow:
    """A model over all meters under one setting, beside a reference model.

    Medians over the meters it was scored on; `ratio` is the median over meters of its hourly
    CV(RMSE) over the reference's, `wins` the share of meters on which it is smaller, both over
    meters that both scored; NaN for the reference itself or without one. `milliseconds` of CPU per
    meter-year fitted and predicted.
    """

    setting: Setting
    model: str
    reference: str
    meters: int
    failures: int
    cv_rmse_hourly: float
    cv_rmse_daily: float
    cv_rmse_monthly: float
    nmbe: float
    absolute_nmbe: float
    ratio: float
    wins: float
    ratio_daily: float
    ratio_monthly: float
    milliseconds: float
    peak_mib: float | None


def portfolio_rows(comparison: Comparison, reference: str) -> list[PortfolioRow]:
    """One row per setting and model, in the order in which they ran."""
    return [
        _row(_of(comparison.rows, cost.setting, cost.model), cost, comparison, reference)
        for cost in comparison.costs
    ]


def _row(rows: list[ScoreRow], cost: Cost, comparison: Comparison, reference: str) -> PortfolioRow:
    scored = [row.score for row in rows if row.score.failure is None]
    against = _of(comparison.rows, cost.setting, reference) if cost.model != reference else []
    hourly = _ratios(rows, against, "cv_rmse_hourly")
    per_year = 1e3 * cost.seconds / cost.meter_years if cost.meter_years > 0 else float("nan")
    return PortfolioRow(
        setting=cost.setting,
        model=cost.model,
        reference=reference,
        meters=len(scored),
        failures=len(rows) - len(scored),
        cv_rmse_hourly=median([score.cv_rmse_hourly for score in scored]),
        cv_rmse_daily=median([score.cv_rmse_daily for score in scored]),
        cv_rmse_monthly=median([score.cv_rmse_monthly for score in scored]),
        nmbe=median([score.nmbe for score in scored]),
        absolute_nmbe=median([abs(score.nmbe) for score in scored]),
        ratio=median(hourly),
        wins=float(np.mean(np.array(hourly) < 1.0)) if hourly else float("nan"),
        ratio_daily=median(_ratios(rows, against, "cv_rmse_daily")),
        ratio_monthly=median(_ratios(rows, against, "cv_rmse_monthly")),
        milliseconds=per_year,
        peak_mib=cost.peak_mib,
    )


def _of(rows: Sequence[ScoreRow], setting: Setting, model: str) -> list[ScoreRow]:
    return [row for row in rows if row.setting == setting and row.score.model == model]


def _ratios(rows: Sequence[ScoreRow], against: Sequence[ScoreRow], measure: str) -> list[float]:
    """A measure over the reference's, on the meters that both scored."""
    other = {(row.site_id, row.meter_id): getattr(row.score, measure) for row in against}
    found = [
        getattr(row.score, measure) / other[row.site_id, row.meter_id]
        for row in rows
        if other.get((row.site_id, row.meter_id), 0.0) > 0.0
    ]
    return [ratio for ratio in found if np.isfinite(ratio)]
