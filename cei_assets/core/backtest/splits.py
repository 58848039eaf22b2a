"""Which hours a backtest trains on and which it judges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, IntArray
from cei_assets.core.baseline.frame import SiteFrame

MIN_PERIOD_DAYS = 180
YEAR_DAYS = 365
THURSDAY = 3
"""Weekday of 1970-01-01, Monday 0."""


class Scheme(StrEnum):
    """How hours are held back."""

    YEAR_AHEAD = "year_ahead"
    BLOCKED = "blocked"


class Direction(StrEnum):
    """Whether the judged hours lie after or before those trained on, or among them."""

    FORWARD = "forward"
    BACKWARD = "backward"
    WITHIN = "within"


@dataclass(frozen=True, kw_only=True)
class Split:
    """Hours (T,) to train on and hours to judge; the two never overlap."""

    train: BoolArray
    judged: BoolArray


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to hold back hours of a site: its splits judge every hour at most once."""

    scheme: Scheme
    direction: Direction
    splits: tuple[Split, ...]


def cases_of(frame: SiteFrame) -> tuple[Case, ...]:
    """The cases that a site's history allows.

    Year ahead, both directions: the last 365 days, and up to 366 days before them; with less than
    two years the two halves; none when a half has under 180 days. Blocked: every local month of
    those days is judged by a fit on all the others; none with fewer than three months.
    """
    days = np.unique(frame.day)
    if not days.size:
        return ()
    last = int(days[-1])
    span = last - int(days[0]) + 1
    period = min(YEAR_DAYS, span // 2)
    judged = frame.day > last - period
    before = (frame.day > last - 2 * period - 1) & ~judged
    found: list[Case] = []
    if period >= MIN_PERIOD_DAYS:
        found.append(_case(Direction.FORWARD, before, judged))
        found.append(_case(Direction.BACKWARD, judged, before))
    used = judged | before
    months = np.unique(frame.month[used])
    if len(months) >= MIN_BLOCKS:
        found.append(
            Case(
                scheme=Scheme.BLOCKED,
                direction=Direction.WITHIN,
                splits=tuple(_month(frame.month, int(month), used) for month in months),
            )
        )
    return tuple(found)


MIN_BLOCKS = 3


def _case(direction: Direction, train: BoolArray, judged: BoolArray) -> Case:
    return Case(
        scheme=Scheme.YEAR_AHEAD,
        direction=direction,
        splits=(Split(train=np.asarray(train), judged=np.asarray(judged)),),
    )


def _month(month: IntArray, own: int, used: BoolArray) -> Split:
    judged = used & (month == own)
    return Split(train=np.asarray(used & ~judged), judged=np.asarray(judged))


def without_holidays(frame: SiteFrame) -> SiteFrame:
    """The frame as if its calendar knew no public holidays; closures stay Sundays."""
    weekday = np.where(frame.closure, 6, (frame.day + THURSDAY) % 7)
    return replace(
        frame,
        hour_of_week=np.asarray(weekday * 24 + frame.local_hour, dtype=np.int64),
        holiday=np.zeros(len(frame.hours), dtype=bool),
    )


def has_holidays(frames: Sequence[SiteFrame]) -> bool:
    """Whether any site's calendar names public holidays."""
    return any(bool(frame.holiday.any()) for frame in frames)
