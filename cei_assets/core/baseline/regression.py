"""Least squares with hour-of-week effects in closed form, for all meters of a site at once.

By the theorem of Frisch and Waugh the slopes of a regression with 168 hour-of-week effects are
those of the variables less their hour-of-week means, so a meter costs a system as small as the
number of slopes. Sums are kept by block of time (a month): leaving a block out is a subtraction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import CellGrid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK

RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Weighted sums by block B, meter M and hour of the week G (168), P terms.

    `count` (B, M, G), `x` (B, M, G, P), `xx` (B, M, G, P, P), `y` (B, M, G), `xy` (B, M, G, P).
    """

    count: FloatArray
    x: FloatArray
    xx: FloatArray
    y: FloatArray
    xy: FloatArray

    def total(self) -> "Moments":
        """All blocks together; the block axis has length 1."""
        return self._each(lambda sums: sums.sum(axis=0, keepdims=True))

    def without_each(self) -> "Moments":
        """At block b: the sums over all other blocks."""
        return self._each(lambda sums: sums.sum(axis=0, keepdims=True) - sums)

    def _each(self, change: Callable[[FloatArray], FloatArray]) -> "Moments":
        return Moments(
            count=change(self.count),
            x=change(self.x),
            xx=change(self.xx),
            y=change(self.y),
            xy=change(self.xy),
        )


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """Effects (B, M, 168) and slopes (B, M, 2, P): unoccupied first, occupied second.

    An effect is NaN where its hour of the week has fewer observations than asked for.
    """

    effects: FloatArray
    slopes: FloatArray


def moments(
    *, terms: FloatArray, usage: FloatArray, weights: FloatArray, grid: CellGrid, blocks: int
) -> Moments:
    """Weighted sums of shared terms (T, P) and usage (M, T) over the cells block x hour-of-week.

    `weights` (M, T) is 0 where an hour is not fitted; values under weight 0 must be finite.
    """
    shared_cells = grid.spread_rows(shared_columns(terms))
    return cell_moments(
        shared=shared_cells,
        weights=grid.spread_rows(weights.T),
        weighted=grid.spread_rows((weights * usage).T),
        blocks=blocks,
    )


def shared_columns(terms: FloatArray) -> FloatArray:
    """A column of ones, the terms (T, P) and their products, what `cell_moments` sums."""
    row, column = np.triu_indices(terms.shape[1])
    ones = np.ones((len(terms), 1))
    return np.concatenate([ones, terms, terms[:, row] * terms[:, column]], axis=1)


def cell_moments(
    *, shared: FloatArray, weights: FloatArray, weighted: FloatArray, blocks: int
) -> Moments:
    """Moments of cells (blocks * 168, K, ...): shared columns, weights and weighted usage by meter.

    Empty places of a cell have weight 0.
    """
    # 1 + P + P (P + 1) / 2 columns for P terms.
    count = round((np.sqrt(8.0 * shared.shape[-1] + 1.0) - 3.0) / 2.0)
    row, column = np.triu_indices(count)
    by_weight = _by_block(np.swapaxes(weights, 1, 2) @ shared, blocks)
    by_usage = _by_block(np.swapaxes(weighted, 1, 2) @ shared[..., : 1 + count], blocks)
    xx = np.empty((*by_weight.shape[:-1], count, count))
    xx[..., row, column] = xx[..., column, row] = by_weight[..., 1 + count :]
    return Moments(
        count=by_weight[..., 0],
        x=by_weight[..., 1 : 1 + count],
        xx=xx,
        y=by_usage[..., 0],
        xy=by_usage[..., 1:],
    )


def _by_block(sums: FloatArray, blocks: int) -> FloatArray:
    """Sums (B * 168, M, Q) as (B, M, 168, Q)."""
    meters, width = sums.shape[1:]
    return np.swapaxes(sums.reshape(blocks, HOURS_PER_WEEK, meters, width), 1, 2)


def solve(sums: Moments, *, occupied: BoolArray, min_count: int) -> Coefficients:
    """Least-squares effects and slopes, occupied and unoccupied hours of the week apart.

    `occupied` is (M, 168). Directions in which the terms do not vary get slope zero (the smallest
    solution), so a constant temperature or an empty meter is no error.
    """
    # Left-out sums are differences: where no hour remains they are rounding, not data.
    share = np.where(sums.count > 0.5, 1.0 / np.maximum(sums.count, 0.5), 0.0)
    group = np.stack([~occupied, occupied], axis=1).astype(np.float64)
    scaled = sums.x * np.sqrt(share)[..., None]
    terms = sums.x.shape[-1]
    slopes = np.empty((*sums.count.shape[:2], 2, terms))
    squares = sums.xx.reshape(*sums.xx.shape[:3], terms * terms)
    products = sums.xy - sums.x * (sums.y * share)[..., None]
    for kind in range(2):
        inside = group[None, :, kind, None, :]
        within = scaled * np.swapaxes(inside, -1, -2)
        matrix = (inside @ squares).reshape(*squares.shape[:2], terms, terms)
        matrix -= np.swapaxes(within, -1, -2) @ scaled
        slopes[:, :, kind, :] = _solve_symmetric(matrix, (inside @ products)[..., 0, :])
    own = np.where(occupied[None, :, :, None], slopes[:, :, None, 1], slopes[:, :, None, 0])
    effects = (sums.y - (sums.x * own).sum(axis=-1)) * share
    known = sums.count > max(min_count, 1) - 0.5
    return Coefficients(effects=np.where(known, effects, np.nan), slopes=slopes)


def _solve_symmetric(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Smallest least-squares solution of symmetric positive semi-definite systems (..., P, P)."""
    diagonal = np.diagonal(matrix, axis1=-2, axis2=-1)
    scale = 1.0 / np.sqrt(np.where(diagonal > 1e-9, diagonal, np.inf))
    inverse = np.linalg.pinv(
        matrix * scale[..., :, None] * scale[..., None, :], rcond=RANK_TOLERANCE, hermitian=True
    )
    return np.asarray(scale * (inverse @ (scale * vector)[..., None])[..., 0])


def predict(
    *,
    fitted: Coefficients,
    block: int,
    terms: FloatArray,
    hour_of_week: IntArray,
    occupied: BoolArray,
) -> FloatArray:
    """Expected usage (M, T), not below zero; NaN where effect or terms are unknown."""
    slopes = fitted.slopes[block]
    response = np.where(occupied[:, hour_of_week], slopes[:, 1] @ terms.T, slopes[:, 0] @ terms.T)
    return np.asarray(np.maximum(fitted.effects[block][:, hour_of_week] + response, 0.0))


def predict_left_out(
    *,
    fitted: Coefficients,
    terms: FloatArray,
    block: IntArray,
    hour_of_week: IntArray,
    occupied: BoolArray,
) -> FloatArray:
    """Expected usage (M, T) of each position by the fit that left its block out."""
    expected = np.full((occupied.shape[0], len(block)), np.nan)
    for left_out in range(fitted.effects.shape[0]):
        at = np.flatnonzero(block == left_out)
        expected[:, at] = predict(
            fitted=fitted,
            block=left_out,
            terms=terms[at],
            hour_of_week=hour_of_week[at],
            occupied=occupied,
        )
    return expected
