"""What a rule says about hours, and sums over runs and units of hours."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Flags:
    """Hours (M, T) on which a rule fired, with the excess and the spread of its reference.

    `excess` is kWh above the reference, `below` and `above` the distances to the ends of its
    interval; all are meaningless where `fired` is false.
    """

    rule: EpisodeRule
    fired: BoolArray
    excess: FloatArray
    below: FloatArray
    above: FloatArray


@dataclass(frozen=True, kw_only=True)
class Units:
    """Consecutive stretches of a time axis: `starts` (U,) and the unit of each position (T,)."""

    starts: IntArray
    of: IntArray

    def sum(self, values: FloatArray) -> FloatArray:
        """Sums (M, U) of values (M, T)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=1))

    def mean(self, values: FloatArray, valid: BoolArray, minimum: int) -> FloatArray:
        """Means (M, U) over valid positions; NaN in units with fewer than `minimum` of them."""
        count = self.sum(valid.astype(np.float64))
        total = self.sum(np.where(valid, values, 0.0))
        return np.asarray(np.where(count >= minimum, total / np.maximum(count, 1.0), np.nan))


def units(key: IntArray) -> Units:
    """Stretches of equal keys of a time axis that is not empty."""
    starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
    return Units(starts=starts, of=np.repeat(np.arange(len(starts)), _lengths(starts, len(key))))


def _lengths(starts: IntArray, size: int) -> IntArray:
    return np.diff(np.append(starts, size))


def net_excess(excess: FloatArray, valid: BoolArray, groups: Units) -> FloatArray:
    """Positive parts of an excess (M, T), scaled so that every group keeps its net total.

    Noise around a small excess has positive parts that sum to more than the excess itself; an
    unscaled sum would overstate the waste. Groups whose net is negative get zero.
    """
    known = np.where(valid, excess, 0.0)
    positive = np.maximum(known, 0.0)
    net = np.maximum(groups.sum(known), 0.0)
    gross = groups.sum(positive)
    share = np.where(gross > 0, net / np.where(gross > 0, gross, 1.0), 0.0)
    return np.asarray(positive * share[:, groups.of])


def run_lengths(fired: BoolArray) -> IntArray:
    """Length of the run of true values around each position along the last axis, else 0."""
    rows, size = fired.shape
    padded = np.zeros((rows, size + 1), dtype=bool)
    padded[:, :size] = fired
    flat = padded.ravel()
    starts = np.flatnonzero(np.diff(flat, prepend=~flat[:1]))
    lengths = np.repeat(_lengths(starts, flat.size), _lengths(starts, flat.size))
    return np.asarray(np.where(flat, lengths, 0).reshape(rows, size + 1)[:, :size])


def runs_over_known(fired: BoolArray, known: BoolArray) -> IntArray:
    """Run lengths (M, U) counting only known units: what is unknown neither adds nor breaks.

    Weekends between two nights, or a night without data, thus do not end a run of nights.
    """
    order = np.argsort(~known, axis=1, kind="stable")
    packed = np.take_along_axis(fired & known, order, axis=1)
    lengths = np.empty_like(order)
    np.put_along_axis(lengths, order, run_lengths(packed), axis=1)
    return lengths
