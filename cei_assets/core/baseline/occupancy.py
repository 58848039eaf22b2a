"""Which hours of the week a meter's load is occupied."""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.design import CellGrid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK
from cei_assets.core.baseline.settings import BaselineSettings

POSITIVE_TOLERANCE = 1e-9
"""Residuals below this share of the mean are rounding: a constant load is never occupied."""


def occupied_hours(
    *,
    usage: FloatArray,
    weights: FloatArray,
    temperature: FloatArray | None,
    grid: CellGrid,
    settings: BaselineSettings,
) -> BoolArray:
    """Occupied hours of the week (M, 168) (Mathieu et al. 2011; CalTRACK 3.9).

    An hour of the week is occupied when the residuals of a change-point regression on heating and
    cooling degrees (without temperature: on the mean) are positive in more than
    `settings.occupied_share` of its samples. `grid` has blocks of 168 cells; usage and temperature
    must be finite where a weight is not 0.
    """
    regressors = [np.ones(usage.shape[1])]
    if temperature is not None:
        known = np.nan_to_num(temperature)
        regressors.append(np.maximum(settings.heating_balance_c - known, 0.0))
        regressors.append(np.maximum(known - settings.cooling_balance_c, 0.0))
    design = np.stack(regressors, axis=1)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    width = design.shape[1]
    normal = (weights @ products).reshape(-1, width, width)
    slopes = np.einsum(
        "mpq,mq->mp", np.linalg.pinv(normal, hermitian=True), (weights * usage) @ design
    )
    mean = (weights * usage).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    residual = usage - slopes @ design.T
    positive = weights * (residual > POSITIVE_TOLERANCE * np.abs(mean)[:, None])
    return np.asarray(
        _by_hour_of_week(positive, grid)
        > settings.occupied_share * np.maximum(_by_hour_of_week(weights, grid), 0.5)
    )


def _by_hour_of_week(values: FloatArray, grid: CellGrid) -> FloatArray:
    cells = grid.spread(values).sum(axis=-1)
    return np.asarray(cells.reshape(len(values), -1, HOURS_PER_WEEK).sum(axis=1))
