"""What a meter's baseline period offers, which model it allows and whether it suffices."""

from dataclasses import dataclass

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.baseline.settings import BaselineSettings


@dataclass(frozen=True, kw_only=True)
class History:
    """Figures of the baseline periods of a site's meters, each an array (M,).

    `first` is the position of a meter's first complete hour, or the end of the baseline when it
    has none. `span_days` runs from there to the end, `good_days` counts local days of which
    enough hours are complete, `zero_hours` those that were zero on a main incomer. Coverages are
    shares of the hours of the span without closures. `judged_temperature` is the temperature
    coverage of the judged hours. `usable` (M, T) marks the hours that may be fitted.
    """

    usable: BoolArray
    first: IntArray
    span_days: FloatArray
    good_days: IntArray
    zero_hours: IntArray
    coverage: FloatArray
    temperature_coverage: FloatArray
    judged_temperature: FloatArray


def history(window: SiteFrame, split: int, settings: BaselineSettings) -> History:
    """The history of every meter; the first `split` positions of `window` are the baseline."""
    complete = np.isfinite(window.usage)
    inside = np.arange(window.usage.shape[1]) < split
    usable = complete & inside & ~window.closure
    seen = complete[:, :split]
    first = (~np.logical_or.accumulate(seen, axis=1)).sum(axis=1)
    offered = (np.arange(split) >= first[:, None]) & ~window.closure[:split]
    warm = np.isfinite(window.temperature)
    judged = complete[:, split:]
    return History(
        usable=usable,
        first=first,
        span_days=_span(window, split, first),
        good_days=_good_days(window.day[:split], usable[:, :split], settings.day_coverage),
        zero_hours=(window.zero[:, :split] & offered).sum(axis=1),
        coverage=_share(usable[:, :split].sum(axis=1), offered.sum(axis=1)),
        temperature_coverage=_share((usable & warm).sum(axis=1), usable.sum(axis=1)),
        judged_temperature=_share(
            (judged & warm[split:]).sum(axis=1), judged.sum(axis=1), empty=1.0
        ),
    )


def model_kind(past: History, meter: int, settings: BaselineSettings) -> ModelKind:
    """The most demanding model that a meter's history allows."""
    if past.good_days[meter] < settings.min_judged_days:
        return ModelKind.WARMING_UP
    if past.good_days[meter] < settings.min_model_days:
        return ModelKind.ROBUST_PROFILE
    warm = min(past.temperature_coverage[meter], past.judged_temperature[meter])
    if warm < settings.min_temperature_coverage:
        return ModelKind.HOUR_OF_WEEK_SEASONAL
    return ModelKind.TOWT


def insufficiency(
    past: History, meter: int, kind: ModelKind, settings: BaselineSettings
) -> tuple[str, ...]:
    """Why no savings may be claimed from a meter's baseline; empty when they may."""
    reasons: list[str] = []
    if kind is ModelKind.WARMING_UP:
        reasons.append(
            f"{past.good_days[meter]} days of which {settings.day_coverage:.0%} of the hours are "
            f"complete, {settings.min_judged_days} needed before anything is judged"
        )
    if past.span_days[meter] < settings.min_sufficient_days:
        reasons.append(
            f"baseline spans {past.span_days[meter]:.0f} days, "
            f"{settings.min_sufficient_days} needed"
        )
    if past.coverage[meter] < settings.min_hour_coverage:
        reasons.append(
            f"{past.coverage[meter]:.1%} of the baseline's hours are complete, "
            f"{settings.min_hour_coverage:.0%} needed"
        )
    if past.temperature_coverage[meter] < settings.min_temperature_coverage:
        reasons.append(
            f"temperature for {past.temperature_coverage[meter]:.1%} of the baseline's hours, "
            f"{settings.min_temperature_coverage:.0%} needed"
        )
    if past.zero_hours[meter]:
        # Named because they count against the coverage; alone they do not make it insufficient.
        zero = f"{past.zero_hours[meter]} zero hours of the main incomer were taken as missing"
        reasons = [*reasons, zero] if reasons else []
    return tuple(reasons)


def _span(window: SiteFrame, split: int, first: IntArray) -> FloatArray:
    if split == 0:
        return np.zeros(len(first))
    end = window.hours[split - 1] + 1
    start = np.append(window.hours[:split], end)[first]
    return np.asarray((end - start) / 24.0)


def _good_days(day: IntArray, usable: BoolArray, share: float) -> IntArray:
    if not day.size:
        return np.zeros(usable.shape[0], dtype=np.int64)
    starts = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    length = np.diff(np.append(starts, len(day)))
    complete = np.add.reduceat(usable, starts, axis=1, dtype=np.int64)
    return np.asarray((complete >= share * length).sum(axis=1), dtype=np.int64)


def _share(part: IntArray, whole: IntArray, empty: float = 0.0) -> FloatArray:
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1), empty))
