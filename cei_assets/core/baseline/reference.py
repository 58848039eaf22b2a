"""statsmodels' answer to the same regression: what the closed form has to agree with.

statsmodels is imported inside the functions: importing it takes seconds, and only tests,
benchmarks and whoever wants to check a published model need it.
"""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.errors import split_terms
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.frame import HOURS_PER_WEEK


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Fitted values (T,) of the fitted hours, slopes (2, P) and their HAC standard errors."""

    fitted: FloatArray
    slopes: FloatArray
    errors: FloatArray


def reference_fit(
    *,
    usage: FloatArray,
    terms: FloatArray,
    hour_of_week: IntArray,
    occupied: BoolArray,
    max_lags: int,
) -> Reference:
    """OLS with HAC errors on the full dummy design of one meter's fitted hours.

    168 hour-of-week dummies and the terms (T, P) of unoccupied and occupied hours (168,) apart.
    Columns that are zero throughout (an hour of the week that does not occur, the terms of a kind
    of hours that does not) are no parameters: they are left out, their slopes are NaN.
    """
    from statsmodels.regression.linear_model import OLS

    dummies = np.eye(HOURS_PER_WEEK)[hour_of_week]
    design = np.concatenate([dummies, split_terms(terms, occupied[hour_of_week])], axis=1)
    occurs = design.any(axis=0)
    result = OLS(usage, design[:, occurs]).fit(
        cov_type="HAC", cov_kwds={"maxlags": max_lags, "use_correction": True}
    )
    estimates = np.full((2, design.shape[1]), np.nan)
    estimates[:, occurs] = [result.params, result.bse]
    slopes, errors = estimates[:, HOURS_PER_WEEK:].reshape(2, 2, terms.shape[1])
    return Reference(fitted=np.asarray(result.fittedvalues), slopes=slopes, errors=errors)


def reference_of(fit: SiteFit, meter: int, max_lags: int) -> Reference:
    """The reference of a fitted meter; raises ValueError for a model that is no regression."""
    terms = fit.terms[meter]
    if terms is None:
        raise ValueError(
            f"meter {fit.window.meter_ids[meter]!r} has a {fit.kinds[meter]} model; only a "
            "regression has a reference"
        )
    used = fit.fitted[meter]
    return reference_fit(
        usage=fit.window.usage[meter, used],
        terms=terms.values[used],
        hour_of_week=fit.window.hour_of_week[used],
        occupied=fit.occupied[meter],
        max_lags=max_lags,
    )
