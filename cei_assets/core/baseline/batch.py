"""Baselines of many sites at once: sites that share calendar and weather share their designs.

Frames in, arrays out; memory is that of the frames, the coefficients (about 30 KB a meter) and one
chunk of meters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.blend import Blend, fit_blend
from cei_assets.core.baseline.blend_design import Basis, Design
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.baseline.shared import Training, axis_of, shared_groups


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Meters of one design fitted together: the site and the row of each, and their models."""

    sites: tuple[int, ...]
    rows: tuple[int, ...]
    blend: Blend


@dataclass(frozen=True, kw_only=True)
class BatchFits:
    """Fitted baselines of the sites handed to `fit_batch`, in that order."""

    meters: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    settings: BlendSettings

    def kinds(self) -> list[list[ModelKind]]:
        """Kind of model of every meter of every site."""
        found = [[ModelKind.WARMING_UP] * count for count in self.meters]
        for chunk in self.chunks:
            for site, row, kind in zip(chunk.sites, chunk.rows, chunk.blend.kinds, strict=True):
                found[site][row] = kind
        return found


def fit_batch(trainings: Sequence[Training], settings: BlendSettings | None = None) -> BatchFits:
    """Fits the baselines of all meters of all sites.

    A meter gets the most demanding model its own history allows: TOWT blended with the day model
    from `min_blend_days` on, TOWT, hour of week and season without temperature, a robust profile,
    or none (it warms up, all its expectations are NaN). No input makes it fail: what is not finite
    or negative is missing.
    """
    chosen = settings or BlendSettings()
    chunks = [
        chunk
        for group in shared_groups(trainings)
        for chunk in _fit_group(trainings, group, chosen)
    ]
    meters = tuple(len(training.frame.meter_ids) for training in trainings)
    return BatchFits(meters=meters, chunks=tuple(chunks), settings=chosen)


def _fit_group(
    trainings: Sequence[Training], group: Sequence[int], settings: BlendSettings
) -> Iterator[Chunk]:
    span, design = _training_design(trainings[group[0]], settings)
    if design is None:
        return
    for part, usage in _chunks(trainings, group, span, settings):
        yield Chunk(
            sites=tuple(site for site, _ in part),
            rows=tuple(row for _, row in part),
            blend=fit_blend(usage, design),
        )


def _training_design(training: Training, settings: BlendSettings) -> tuple[slice, Design | None]:
    """The hours from the first to the last that may be fitted, and their design; None for none."""
    mask = training.train & ~training.frame.closure
    at = np.flatnonzero(mask)
    if not at.size:
        return slice(0, 0), None
    span = slice(int(at[0]), int(at[-1]) + 1)
    drivers = None if training.drivers is None else training.drivers[span]
    axis = axis_of(training.frame.part(span.start, span.stop), drivers)
    return span, Design(basis=Basis(axis=axis, settings=settings), train=mask[span])


def _chunks(
    trainings: Sequence[Training], group: Sequence[int], span: slice, settings: BlendSettings
) -> Iterator[tuple[list[tuple[int, int]], FloatArray]]:
    """Some meters (site, row) of a group after the other, with their usage (T, M)."""
    members = [(site, row) for site in group for row in range(len(trainings[site].frame.meter_ids))]
    for start in range(0, len(members), settings.meters_per_chunk):
        part = members[start : start + settings.meters_per_chunk]
        usage = np.array([trainings[site].frame.usage[row, span] for site, row in part])
        yield part, np.ascontiguousarray(usage.T)


def predict_left_out(
    trainings: Sequence[Training],
    blocks: Sequence[IntArray],
    settings: BlendSettings | None = None,
    *,
    towt_only: bool = False,
) -> list[FloatArray]:
    """Expected usage (M, T) of training hours by fits that left out their block.

    `blocks` numbers the block of every hour (T,) of every site, equal where sites share their
    hours; NaN outside the training hours. Leaving a block out costs a fit of the meters, but not
    another design.
    """
    chosen = settings or BlendSettings()
    expected = [np.full(one.frame.usage.shape, np.nan) for one in trainings]
    for group in shared_groups(trainings):
        span, design = _training_design(trainings[group[0]], chosen)
        if design is None:
            continue
        own = blocks[group[0]][span]
        rounds = [
            (hours, Design(basis=design.basis, train=design.train & ~hours))
            for hours in (own == number for number in np.unique(own[design.train]))
        ]
        for part, usage in _chunks(trainings, group, span, chosen):
            found = _left_out(usage, rounds, towt_only=towt_only)
            for column, (site, row) in enumerate(part):
                expected[site][row, span] = np.where(design.train, found[:, column], np.nan)
    return expected


def _left_out(
    usage: FloatArray, rounds: Sequence[tuple[BoolArray, Design]], *, towt_only: bool
) -> FloatArray:
    """Expected usage (T, M) of the hours of every round by a fit on the others."""
    found = np.full(usage.shape, np.nan)
    for hours, design in rounds:
        blend = fit_blend(usage, design)
        predict = blend.predict_towt if towt_only else blend.predict
        found[hours] = predict(design.basis)[hours]
    return found


def predict_batch(
    fits: BatchFits,
    frames: Sequence[SiteFrame],
    *,
    drivers: Sequence[FloatArray | None] | None = None,
    towt_only: bool = False,
) -> list[FloatArray]:
    """Expected usage (M, T) of the sites' hours, kWh, not below zero; NaN where unknown.

    `frames` are the sites of `fit_batch` in the same order with the same meters, over any hours;
    only their calendar and temperature are read. Two days before the hours in question let the
    day model see past temperatures. With `towt_only` the second model is left out.
    """
    given = drivers or [None] * len(frames)
    whole = [
        Training(frame=frame, train=_all(frame), drivers=extra)
        for frame, extra in zip(frames, given, strict=True)
    ]
    expected = [np.full((len(frame.meter_ids), len(frame.hours)), np.nan) for frame in frames]
    basis_of = _bases(whole, fits.settings)
    for chunk in fits.chunks:
        for basis in {id(basis_of[site]): basis_of[site] for site in chunk.sites}.values():
            predict = chunk.blend.predict_towt if towt_only else chunk.blend.predict
            found = np.ascontiguousarray(predict(basis).T)
            for column, (site, row) in enumerate(zip(chunk.sites, chunk.rows, strict=True)):
                if basis_of[site] is basis:
                    expected[site][row] = found[column]
    return expected


def _bases(trainings: Sequence[Training], settings: BlendSettings) -> list[Basis]:
    """The basis of every site; sites that share their hours have the same object."""
    found: dict[int, Basis] = {}
    for group in shared_groups(trainings):
        first = trainings[group[0]]
        basis = Basis(axis=axis_of(first.frame, first.drivers), settings=settings)
        found |= dict.fromkeys(group, basis)
    return [found[number] for number in range(len(trainings))]


def _all(frame: SiteFrame) -> BoolArray:
    return np.ones(len(frame.hours), dtype=bool)
