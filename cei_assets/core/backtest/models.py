"""Models that a backtest compares: ours, and naive ones that need no fitting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.backtest.splits import Split
from cei_assets.core.baseline.arrays import FloatArray, IntArray
from cei_assets.core.baseline.batch import fit_batch, predict_batch
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.shared import Training

SAME_WEEK_HOURS = 52 * HOURS_PER_WEEK
LOOK_BACK_HOURS = 72

BLEND, TOWT, HOUR_OF_WEEK, SAME_WEEK = "blend", "towt", "hour_of_week", "same_week_last_year"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A model's answer for one split: usage (M, T) of every site, NaN where it has none.

    `errors` names the meters (site, row) on which the model failed and how; `cpu_seconds` of all
    meters and `peak_mib` of another process where the model ran in one.
    """

    usage: list[FloatArray]
    errors: dict[tuple[int, int], str]
    cpu_seconds: float | None = None
    peak_mib: float | None = None


Predict = Callable[[Sequence[SiteFrame], Sequence[Split]], Expected]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A named model; `predict` gets frames whose usage is NaN outside the training hours.

    `year_ahead_only`: it expects an unbroken training period and is left out of blocked cases.
    `ignores_holidays`: its answer without public holidays is the one it gave with them.
    """

    name: str
    predict: Predict
    ignores_holidays: bool = False
    year_ahead_only: bool = False


def own_models(settings: BlendSettings) -> tuple[Model, ...]:
    """The blended baseline, TOWT alone and the naive models."""
    return (
        Model(name=BLEND, predict=_batched(settings, towt_only=False)),
        Model(name=TOWT, predict=_batched(settings, towt_only=True)),
        Model(name=HOUR_OF_WEEK, predict=hour_of_week_mean),
        Model(name=SAME_WEEK, predict=same_week, ignores_holidays=True),
    )


def masked(frame_usage: FloatArray, split: Split) -> FloatArray:
    """Usage (M, T) of the training hours, NaN elsewhere: no model sees what it is judged by."""
    return np.where(split.train, frame_usage, np.nan)


def _batched(settings: BlendSettings, *, towt_only: bool) -> Predict:
    def predict(frames: Sequence[SiteFrame], splits: Sequence[Split]) -> Expected:
        trainings = [
            Training(frame=frame, train=split.train)
            for frame, split in zip(frames, splits, strict=True)
        ]
        fits = fit_batch(trainings, settings)
        spans = [_judged_span(split) for split in splits]
        parts = [frame.part(*span) for frame, span in zip(frames, spans, strict=True)]
        found = predict_batch(fits, parts, towt_only=towt_only)
        return Expected(
            usage=[
                _placed(part, span, frame)
                for part, span, frame in zip(found, spans, frames, strict=True)
            ],
            errors={},
        )

    return predict


def _judged_span(split: Split) -> tuple[int, int]:
    """Positions from three days before the first judged hour to after the last one."""
    at = np.flatnonzero(split.judged)
    return (max(int(at[0]) - LOOK_BACK_HOURS, 0), int(at[-1]) + 1) if at.size else (0, 0)


def _placed(part: FloatArray, span: tuple[int, int], frame: SiteFrame) -> FloatArray:
    whole = np.full(frame.usage.shape, np.nan)
    whole[:, span[0] : span[1]] = part
    return whole


def hour_of_week_mean(frames: Sequence[SiteFrame], _: Sequence[Split]) -> Expected:
    """Mean of the training hours of the same hour of the week."""
    return Expected(usage=[_weekly_mean(frame) for frame in frames], errors={})


def _weekly_mean(frame: SiteFrame) -> FloatArray:
    known = np.isfinite(frame.usage)
    cells = np.zeros((len(frame.hours), HOURS_PER_WEEK))
    cells[np.arange(len(frame.hours)), frame.hour_of_week] = 1.0
    count = known @ cells
    total = np.where(known, frame.usage, 0.0) @ cells
    mean = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    return np.asarray(mean[:, frame.hour_of_week])


def same_week(frames: Sequence[SiteFrame], _: Sequence[Split]) -> Expected:
    """What was used 52 weeks before, or after where the training hours lie after."""
    return Expected(usage=[_shifted(frame) for frame in frames], errors={})


def _shifted(frame: SiteFrame) -> FloatArray:
    before, after = (_at(frame, frame.hours + lag) for lag in (-SAME_WEEK_HOURS, SAME_WEEK_HOURS))
    return np.where(np.isfinite(before), before, after)


def _at(frame: SiteFrame, hours: IntArray) -> FloatArray:
    """Usage at other hours, NaN where the axis does not have them."""
    position = np.minimum(np.searchsorted(frame.hours, hours), len(frame.hours) - 1)
    return np.where(frame.hours[position] == hours, frame.usage[:, position], np.nan)
