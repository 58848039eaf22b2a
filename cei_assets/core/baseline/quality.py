"""Fit quality after ASHRAE Guideline 14."""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import lag_one, mean_where


@dataclass(frozen=True, kw_only=True)
class FitQuality:
    """Figures of the baseline hours of each meter (M,), NaN where there is nothing to compute.

    In sample over the fitted hours; out of sample over every complete hour that a fit without its
    month could predict.
    """

    hours: FloatArray
    cv_rmse: FloatArray
    nmbe: FloatArray
    cv_rmse_out_of_sample: FloatArray
    nmbe_out_of_sample: FloatArray
    autocorrelation: FloatArray


def fit_quality(fit: SiteFit) -> FitQuality:
    """CV(RMSE), NMBE and lag-1 autocorrelation of every meter's baseline."""
    usage = fit.window.usage[:, : fit.split]
    inside = fit.fitted[:, : fit.split]
    residual = usage - fit.expected[:, : fit.split]
    outside = usage - fit.left_out[:, : fit.split]
    judged = fit.past.usable[:, : fit.split] & np.isfinite(outside)
    if not fit.is_month_blocked:
        judged = np.zeros_like(judged)
    none = np.zeros(len(usage))
    cv_rmse, nmbe = ashrae(usage, residual, inside, fit.parameters.astype(np.float64))
    cv_rmse_out, nmbe_out = ashrae(usage, outside, judged, none)
    return FitQuality(
        hours=inside.sum(axis=1).astype(np.float64),
        cv_rmse=cv_rmse,
        nmbe=nmbe,
        cv_rmse_out_of_sample=cv_rmse_out,
        nmbe_out_of_sample=nmbe_out,
        autocorrelation=lag_one(residual, inside, fit.window.hours[: fit.split]),
    )


def ashrae(
    usage: FloatArray, residual: FloatArray, valid: BoolArray, parameters: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """CV(RMSE) and NMBE (M,) over the valid hours (M, T) (ASHRAE Guideline 14-2014, 5.2.11).

    CV(RMSE) = sqrt(sum r^2 / (n - p)) / mean(y); NMBE = sum r / ((n - p) mean(y)), with r metered
    less expected. NaN where n <= p or the mean is not positive.
    """
    known = np.where(valid, residual, 0.0)
    freedom = valid.sum(axis=1) - parameters
    mean = mean_where(usage, valid)
    possible = (freedom > 0) & (mean > 0)
    freedom = np.where(possible, freedom, np.nan)
    mean = np.where(possible, mean, np.nan)
    cv_rmse = np.sqrt((known**2).sum(axis=1) / freedom) / mean
    nmbe = known.sum(axis=1) / (freedom * mean)
    return np.asarray(cv_rmse), np.asarray(nmbe)
