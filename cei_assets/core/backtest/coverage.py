"""Placebo years: how often the interval of a year's energy holds where nothing was saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cei_assets.core.backtest.models import BLEND, TOWT, masked
from cei_assets.core.backtest.run import Setting
from cei_assets.core.backtest.scores import median
from cei_assets.core.backtest.splits import Scheme, Split, cases_of, without_holidays
from cei_assets.core.baseline.arrays import BoolArray, FloatArray
from cei_assets.core.baseline.batch import fit_batch, predict_batch
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.placebo import left_out_months
from cei_assets.core.baseline.quality import ashrae
from cei_assets.core.baseline.robust import lag_one
from cei_assets.core.baseline.shared import Training
from cei_assets.core.savings.avoided import ashrae_uncertainty
from cei_assets.core.savings.interval import placebo_half_width
from cei_assets.core.savings.settings import SavingsSettings

MIN_JUDGED_HOURS = 24 * 180
CALIBRATED, ASHRAE = "calibrated", "ashrae_14"
TOWT_PARAMETERS = HOURS_PER_WEEK + 12


@dataclass(frozen=True, kw_only=True)
class PlaceboYear:
    """The error of a judged year's energy, metered less expected over expected, and its interval.

    `half_width` is what the training period alone gives, as a share of the expected energy.
    """

    setting: Setting
    site_id: str
    meter_id: str
    model: str
    interval: str
    error: float
    half_width: float

    @property
    def is_covered(self) -> bool:
        """Whether the interval contains zero saving."""
        return abs(self.error) <= self.half_width


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """Over all meters: share of placebo years whose interval holds, median half-width and error.

    A saving smaller than the half-width cannot be told from none.
    """

    setting: Setting
    model: str
    interval: str
    meters: int
    covered: float
    half_width: float
    error: float


def placebo_years(
    frames: Sequence[SiteFrame],
    *,
    calendars: Sequence[bool],
    blend: BlendSettings,
    savings: SavingsSettings,
) -> list[PlaceboYear]:
    """Every year-ahead case of every meter: calibrated interval beside that of ASHRAE-14.

    The calibrated interval is that of the blend, the ASHRAE interval that of TOWT with its
    in-sample errors. Meters with under 180 judged days are left out.
    """
    found: list[PlaceboYear] = []
    for with_holidays in calendars:
        seen = list(frames) if with_holidays else [without_holidays(frame) for frame in frames]
        by_direction: dict[Setting, list[tuple[SiteFrame, Split]]] = {}
        for frame in seen:
            for case in cases_of(frame):
                if case.scheme is Scheme.YEAR_AHEAD:
                    setting = Setting(
                        scheme=case.scheme,
                        direction=case.direction,
                        with_holidays=with_holidays,
                    )
                    by_direction.setdefault(setting, []).append((frame, case.splits[0]))
        for setting, members in by_direction.items():
            found += _of_setting(setting, members, blend, savings)
    return found


def _of_setting(
    setting: Setting,
    members: Sequence[tuple[SiteFrame, Split]],
    blend: BlendSettings,
    savings: SavingsSettings,
) -> list[PlaceboYear]:
    trainings = [
        Training(
            frame=replace(frame, usage=masked(frame.usage, split)),
            train=split.train,
        )
        for frame, split in members
    ]
    fits = fit_batch(trainings, blend)
    frames = [frame for frame, _ in members]
    blended = predict_batch(fits, frames)
    towt = predict_batch(fits, frames, towt_only=True)
    placebos = left_out_months(trainings, blend)
    found: list[PlaceboYear] = []
    for site, (frame, split) in enumerate(members):
        calibrated = placebo_half_width(placebos[site].shares, savings)
        nominal = ashrae_half_width(frame, split, towt[site], savings)
        for model, interval, expected, widths in (
            (BLEND, CALIBRATED, blended[site], calibrated),
            (TOWT, ASHRAE, towt[site], nominal),
        ):
            errors = _errors(frame.usage[:, split.judged], expected[:, split.judged])
            found.extend(
                PlaceboYear(
                    setting=setting,
                    site_id=frame.site_id,
                    meter_id=meter_id,
                    model=model,
                    interval=interval,
                    error=float(error),
                    half_width=float(width),
                )
                for meter_id, error, width in zip(frame.meter_ids, errors, widths, strict=True)
                if np.isfinite(error) and np.isfinite(width)
            )
    return found


def _errors(usage: FloatArray, expected: FloatArray) -> FloatArray:
    """Metered less expected over expected (M,), NaN with too few hours."""
    both = np.isfinite(usage) & np.isfinite(expected)
    metered, total = (np.where(both, values, 0.0).sum(axis=1) for values in (usage, expected))
    possible = (both.sum(axis=1) >= MIN_JUDGED_HOURS) & (total > 0)
    return np.where(possible, (metered - total) / np.where(possible, total, 1.0), np.nan)


def ashrae_half_width(
    frame: SiteFrame, split: Split, expected: FloatArray, settings: SavingsSettings
) -> FloatArray:
    """Half-width (M,) of ASHRAE Guideline 14's interval as a share of the expected energy."""
    usage = frame.usage[:, split.train]
    residual = usage - expected[:, split.train]
    inside: BoolArray = np.isfinite(residual)
    freedom = np.full(len(usage), float(TOWT_PARAMETERS))
    cv_rmse, _ = ashrae(usage, residual, inside, freedom)
    rho = lag_one(residual, inside, frame.hours[split.train])
    judged = np.isfinite(frame.usage[:, split.judged]).sum(axis=1)
    widths = [
        ashrae_uncertainty(
            avoided_share=1.0,
            cv_rmse=float(cv_rmse[meter]),
            autocorrelation=float(rho[meter]),
            baseline_hours=int(inside[meter].sum()),
            parameters=TOWT_PARAMETERS,
            reporting_hours=int(judged[meter]),
            settings=settings,
        )
        for meter in range(len(usage))
    ]
    return np.array([np.nan if width is None else width for width in widths])


def coverage_rows(years: Sequence[PlaceboYear]) -> list[CoverageRow]:
    """One row per setting and interval."""
    groups: dict[tuple[Setting, str, str], list[PlaceboYear]] = {}
    for year in years:
        groups.setdefault((year.setting, year.model, year.interval), []).append(year)
    return [
        CoverageRow(
            setting=setting,
            model=model,
            interval=interval,
            meters=len(own),
            covered=float(np.mean([year.is_covered for year in own])),
            half_width=median([year.half_width for year in own]),
            error=median([abs(year.error) for year in own]),
        )
        for (setting, model, interval), own in groups.items()
    ]
