"""TOWT for the meters of one calendar, laid out by hour of the week and not meter by meter.

The regression itself (`regression.cell_moments`, `regression.solve`) is the one that statsmodels is
held against; what is here drops the worst episodes and predicts in batched products.
"""

from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.blend_design import Basis
from cei_assets.core.baseline.frame import HOURS_PER_WEEK
from cei_assets.core.baseline.occupancy import POSITIVE_TOLERANCE
from cei_assets.core.baseline.regression import Moments, cell_moments
from cei_assets.core.baseline.robust_columns import episode_columns, median_scale
from cei_assets.core.baseline.segments import Segments, segment_groups, solve_segments
from cei_assets.core.baseline.settings import BaselineSettings

SCALE_STRIDE = 3
"""A robust scale needs no more than every third hour, and a median is what costs most."""


@dataclass(frozen=True, kw_only=True)
class HourModel:
    """Effects and occupied hours (168, M), slopes (2, P, M), unoccupied first.

    The slopes are those of all temperature segments, then of the drivers: where an end knot was
    dropped its two segments have the same slope.
    """

    effects: FloatArray
    occupied: BoolArray
    slopes: FloatArray

    def expected(self, terms: FloatArray) -> FloatArray:
        """Expected usage (168, K, M) of terms (168, K, P), not cut at zero."""
        own = np.where(self.occupied[:, None, :], self.slopes[1], self.slopes[0])
        found = terms @ own
        found += self.effects[:, None, :]
        return np.asarray(found)


@dataclass(frozen=True, kw_only=True)
class HourFit:
    """A model, its expectation (T, M) of the fitted hours and the residuals' robust scale (M,).

    `means` (168, M) are those of the hours of the week, NaN where too few are known; `kept` (M,)
    counts the hours in the fit after the worst episodes were left out.
    """

    model: HourModel
    means: FloatArray
    expected: FloatArray
    scale: FloatArray
    kept: FloatArray


def fit_hours(*, usage: FloatArray, valid: BoolArray, basis: Basis) -> HourFit:
    """TOWT of usage (T, M) where valid (T, M): once roughly, once without the worst episodes.

    Usage must be finite everywhere; the regressors must be known where an hour is valid.
    """
    settings, cells = basis.settings.baseline, basis.cells
    weights = cells.spread(valid).astype(np.float64)
    laid = cells.spread(usage)
    warm = basis.laid_temperature
    occupied = occupied_cells(laid, weights, warm, settings)
    segments = segment_groups(weights, occupied, warm, drivers=basis.drivers, settings=settings)
    rough = _solved(_sums(basis, weights, laid), occupied, segments, settings)
    residual = laid - rough.expected(basis.laid_terms)
    if np.isnan(rough.effects).any():
        np.nan_to_num(residual, copy=False)
    residual *= weights
    scale = median_scale(*(_sample(values) for values in (residual, weights)))
    worst = episode_columns(cells.collect(residual), valid, scale, settings)
    weights *= ~cells.spread(worst)
    sums = _sums(basis, weights, laid)
    final = _solved(sums, occupied, segments, settings)
    return HourFit(
        model=final,
        means=cell_means(sums.count[0].T, sums.y[0].T, settings),
        expected=cells.collect(final.expected(basis.laid_terms)),
        scale=scale,
        kept=sums.count[0].sum(axis=1),
    )


def _sample(laid: FloatArray) -> FloatArray:
    """Every `SCALE_STRIDE`-th place of the layout (168, K, M) as rows."""
    return laid.reshape(-1, laid.shape[-1])[::SCALE_STRIDE]


def _sums(basis: Basis, weights: FloatArray, laid: FloatArray) -> Moments:
    return cell_moments(
        shared=basis.laid_columns, weights=weights, weighted=weights * laid, blocks=1
    )


def _solved(
    sums: Moments, occupied: BoolArray, segments: Segments, settings: BaselineSettings
) -> HourModel:
    solved = solve_segments(sums, occupied, segments, settings)
    return HourModel(
        effects=np.ascontiguousarray(solved.effects[0].T),
        occupied=occupied,
        slopes=np.ascontiguousarray(solved.slopes[0].transpose(1, 2, 0)),
    )


def cell_means(count: FloatArray, total: FloatArray, settings: BaselineSettings) -> FloatArray:
    """Means of cells, NaN where fewer than `min_cell_hours` hours are known."""
    enough = count > settings.min_cell_hours - 0.5
    return np.asarray(np.where(enough, total / np.maximum(count, 1.0), np.nan))


def occupied_cells(
    usage: FloatArray, weights: FloatArray, temperature: FloatArray, settings: BaselineSettings
) -> BoolArray:
    """Occupied hours of the week (168, M) of usage and weights (168, K, M); see `occupancy`."""
    flat, own = usage.reshape(-1, usage.shape[-1]), weights.reshape(-1, usage.shape[-1])
    warm = temperature.ravel()
    design = np.stack(
        [
            np.ones(len(warm)),
            np.maximum(settings.heating_balance_c - warm, 0.0),
            np.maximum(warm - settings.cooling_balance_c, 0.0),
        ],
        axis=1,
    )
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    normal = (own.T @ products).reshape(-1, 3, 3)
    moment = (own * flat).T @ design
    slopes = np.linalg.pinv(normal, hermitian=True) @ moment[..., None]
    mean = moment[:, 0] / np.maximum(normal[:, 0, 0], 1.0)
    above = flat - design @ slopes[..., 0].T > POSITIVE_TOLERANCE * np.abs(mean)
    positive = (own * above).reshape(HOURS_PER_WEEK, -1, usage.shape[-1]).sum(axis=1)
    share = settings.occupied_share * np.maximum(weights.sum(axis=1), 0.5)
    return np.asarray(positive > share)
