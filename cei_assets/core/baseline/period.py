"""A site's baseline period before the hours that are judged, laid out for fitting."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.design import CellGrid, cell_grid
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.history import History, history, model_kind
from cei_assets.core.baseline.settings import BaselineSettings

MIN_MONTH_BLOCKS = 3
DAYS_PER_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class BaselinePeriod:
    """The window (T) of a site: its first `split` positions are the baseline, then judged hours.

    `kinds` is the model that each meter's history allows. `block` (split,) numbers the month of
    every baseline hour, or its week while there are fewer than three months
    (`is_month_blocked`). `grid` lays the baseline out in cells block x hour-of-week, `weekly` by
    hour of the week alone.
    """

    window: SiteFrame
    split: int
    past: History
    kinds: tuple[ModelKind, ...]
    block: IntArray
    is_month_blocked: bool
    grid: CellGrid
    weekly: CellGrid
    settings: BaselineSettings

    @property
    def blocks(self) -> int:
        """Number of blocks, at least one."""
        return int(self.block.max(initial=0)) + 1

    def meters_of(self, kind: ModelKind) -> IntArray:
        """Numbers of the meters with one kind of model."""
        return np.flatnonzero([own is kind for own in self.kinds])


@dataclass(frozen=True, kw_only=True)
class MeterPart:
    """What fitting some meters of a site gives, in their order; see `fit.SiteFit`."""

    expected: FloatArray
    left_out: FloatArray
    fitted: BoolArray
    response: FloatArray
    supported: BoolArray
    occupied: BoolArray
    parameters: IntArray


def baseline_period(
    frame: SiteFrame, *, start: int, stop: int, settings: BaselineSettings
) -> BaselinePeriod:
    """The period before the judged positions `start` to `stop` of a site's frame.

    It reaches back `settings.baseline_days` from `start`, or as far as the frame does.
    """
    first_hour = frame.hours[start] - 24 * settings.baseline_days
    begin = int(np.searchsorted(frame.hours, first_hour))
    window = frame.part(begin, stop)
    split = start - begin
    past = history(window, split, settings)
    block, is_month_blocked = _blocks(window, split)
    how = window.hour_of_week[:split]
    cells = (int(block.max(initial=0)) + 1) * HOURS_PER_WEEK
    return BaselinePeriod(
        window=window,
        split=split,
        past=past,
        kinds=tuple(model_kind(past, meter, settings) for meter in range(len(window.meter_ids))),
        block=block,
        is_month_blocked=is_month_blocked,
        grid=cell_grid(block * HOURS_PER_WEEK + how, cells),
        weekly=cell_grid(how, HOURS_PER_WEEK),
        settings=settings,
    )


def _blocks(window: SiteFrame, split: int) -> tuple[IntArray, bool]:
    month = window.month[:split]
    if len(np.unique(month)) >= MIN_MONTH_BLOCKS:
        return month - month[0], True
    day = window.day[:split]
    return (day - day[0]) // DAYS_PER_WEEK if split else day, False
