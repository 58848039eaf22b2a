"""Which temperature segments a meter can tell apart; the others share a slope."""

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import usable_knots
from cei_assets.core.baseline.regression import Coefficients, Moments, solve
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.baseline.terms import SCARCE

Segments = list[tuple[FloatArray, IntArray]]
"""Groups of meters: a matrix (P, Q) of zeros and ones that merges segments, and the meters."""


def segment_groups(
    weights: FloatArray,
    occupied: BoolArray,
    temperature: FloatArray,
    *,
    drivers: int,
    settings: BaselineSettings,
) -> Segments:
    """The segments of each meter from weights (168, K, M) and temperature (168, K).

    Occupied and unoccupied hours each need hours beyond an end knot, as in `terms`. The last
    `drivers` regressors are never merged.
    """
    knots = np.array(settings.knots_c)
    warm = temperature[..., None]
    outside = np.concatenate([warm < knots, warm > knots], axis=-1).astype(np.float64)
    by_cell = np.swapaxes(weights, 1, 2) @ outside
    size = weights.sum(axis=1)
    least = np.full((weights.shape[2], 2 * len(knots)), np.inf)
    for kind in (occupied, ~occupied):
        counts = np.einsum("cm,cmk->mk", kind.astype(np.float64), by_cell)
        counts[(size * kind).sum(axis=0) < SCARCE * settings.min_hours_beyond_knot] = np.inf
        least = np.minimum(least, counts)
    sparse = least < settings.min_hours_beyond_knot
    found: Segments = []
    for pattern in np.unique(sparse, axis=0):
        below, beyond = np.split(np.where(pattern, 0.0, np.inf), 2)
        kept = usable_knots(below, beyond, settings.knots_c, settings.min_hours_beyond_knot)
        meters = np.flatnonzero((sparse == pattern).all(axis=1))
        found.append((_with_drivers(_merge(kept, settings), drivers), meters))
    return found


def _merge(kept: tuple[float, ...], settings: BaselineSettings) -> FloatArray:
    """Segments between all knots as sums of those between the kept ones."""
    starts = np.array([-np.inf, *settings.knots_c])
    own = np.searchsorted(np.array(kept), starts, side="right")
    return np.asarray(own[:, None] == np.arange(len(kept) + 1), dtype=np.float64)


def _with_drivers(merge: FloatArray, drivers: int) -> FloatArray:
    rows, columns = merge.shape
    whole = np.zeros((rows + drivers, columns + drivers))
    whole[:rows, :columns] = merge
    whole[rows:, columns:] = np.eye(drivers)
    return whole


def solve_segments(
    sums: Moments, occupied: BoolArray, segments: Segments, settings: BaselineSettings
) -> Coefficients:
    """Effects (B, M, 168) and slopes (B, M, 2, P) of sums over all segments."""
    blocks, meters, cells, width = sums.x.shape
    effects = np.empty((blocks, meters, cells))
    slopes = np.empty((blocks, meters, 2, width))
    for merge, at in segments:
        part = Moments(
            count=sums.count[:, at],
            x=sums.x[:, at] @ merge,
            xx=merge.T @ sums.xx[:, at] @ merge,
            y=sums.y[:, at],
            xy=sums.xy[:, at] @ merge,
        )
        solved = solve(part, occupied=occupied.T[at], min_count=settings.min_cell_hours)
        effects[:, at] = solved.effects
        slopes[:, at] = solved.slopes @ merge.T
    return Coefficients(effects=effects, slopes=slopes)
