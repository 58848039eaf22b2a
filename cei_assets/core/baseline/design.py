"""Regressors of the baseline models and the grid on which their moments are summed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import FloatArray, IntArray

DAYS_PER_YEAR = 365.2425


def temperature_terms(temperature: FloatArray, knots: Sequence[float]) -> FloatArray:
    """Piecewise-linear temperature terms (T, len(knots) + 1), degrees Celsius.

    Term k is the part of the temperature between knot k-1 and knot k, so that a coefficient is
    the slope of its segment (Mathieu et al. 2011, equation 1). The first term is unbounded below,
    the last above. NaN stays NaN.
    """
    bounds = np.array([-np.inf, *knots, np.inf])
    clipped = np.clip(temperature[:, None], bounds[:-1], bounds[1:])
    origins = np.array([0.0, *knots])
    return np.asarray(clipped - origins)


def usable_knots(
    below: FloatArray, beyond: FloatArray, knots: Sequence[float], minimum: int
) -> tuple[float, ...]:
    """The knots that remain when end knots with fewer than `minimum` hours beyond are dropped.

    `below[k]` and `beyond[k]` count the baseline hours under and over knot k.
    """
    kept = list(range(len(knots)))
    while kept and below[kept[0]] < minimum:
        kept.pop(0)
    while kept and beyond[kept[-1]] < minimum:
        kept.pop()
    return tuple(knots[k] for k in kept)


def seasonal_terms(day: IntArray, harmonics: int = 2) -> FloatArray:
    """Annual sine and cosine terms (T, 2 * harmonics) of local days since 1970-01-01."""
    angle = 2.0 * np.pi * day[:, None] * np.arange(1, harmonics + 1) / DAYS_PER_YEAR
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


@dataclass(frozen=True, kw_only=True)
class CellGrid:
    """Positions of a time axis of length `size`, laid out cell by cell.

    `slots` (C, K) holds the positions of each cell, padded with `size`; K is the largest cell.
    The padding makes sums over cells a batched matrix product, which is what makes thousands of
    meters affordable.
    """

    slots: IntArray
    size: int

    def spread(self, values: FloatArray) -> FloatArray:
        """Values (..., T) as (..., C, K), zero in the padding."""
        padded = np.concatenate([values, np.zeros((*values.shape[:-1], 1))], axis=-1)
        return np.asarray(padded[..., self.slots])

    def spread_rows(self, values: FloatArray) -> FloatArray:
        """Values (T, Q) as (C, K, Q), zero in the padding; rows stay together in memory."""
        padded = np.concatenate([values, np.zeros((1, values.shape[1]))])
        return np.asarray(padded[self.slots])


def cell_grid(cell: IntArray, cells: int) -> CellGrid:
    """The grid of a time axis whose position t lies in cell `cell[t]`, 0 <= cell < cells."""
    order = np.argsort(cell, kind="stable")
    counts = np.bincount(cell, minlength=cells)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(len(cell)) - np.repeat(starts, counts)
    slots = np.full((cells, max(int(counts.max(initial=0)), 1)), len(cell), dtype=np.int64)
    slots[cell[order], rank] = order
    return CellGrid(slots=slots, size=len(cell))
