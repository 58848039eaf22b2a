"""How well the baselines predict another year, and whether the savings interval holds.

Run `OPENBLAS_NUM_THREADS=1 python benchmarks/year_ahead.py` from the repository. Fox buildings,
train on 2016 and predict 2017, and the other way round (the years swapped), with and without
public holidays; the same hours for every model. Figures: median hourly CV(RMSE) over meters, share
of meters on which TOWT beats the hour-of-week mean, median absolute error of the annual total, and
how often the calibrated interval of a placebo year contains zero saving (nominal 90 %).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from real_data import FOX_OFFSET_HOURS, batch, fox_usage

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import SiteFrame, month_number, site_frames
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.savings.avoided import placebo_share
from cei_assets.core.savings.settings import SavingsSettings

MIN_HOURS = 24 * 180


@dataclass(frozen=True, kw_only=True)
class Score:
    """Year-ahead figures of one meter."""

    towt: float
    hour_of_week: float
    annual_error: float
    is_covered: bool
    width: float


def swapped_years(frame: pd.DataFrame) -> pd.DataFrame:
    """The second year before the first, by whole days from a Monday, on the first year's dates."""
    index = pd.DatetimeIndex(frame.index)
    monday = pd.Timestamp("2017-01-02")
    second = frame[index >= monday]
    first = frame[(index >= pd.Timestamp("2016-01-04")) & (index < monday)]
    size = 364 * 24
    return pd.concat([second.iloc[:size], first.iloc[:size]])


def hour_of_week_mean(fit: SiteFit) -> FloatArray:
    """Mean of the baseline by hour of the week, for every hour."""
    usage, how = fit.window.usage[0], fit.window.hour_of_week
    used = fit.past.usable[0]
    total = np.bincount(how[used], usage[used], minlength=168)
    count = np.bincount(how[used], minlength=168)
    return np.asarray((total / np.maximum(count, 1))[how])


def score(frame: SiteFrame) -> Score | None:
    """Fits the first year of a frame and scores the second; None for a meter without either."""
    middle = int(np.searchsorted(frame.month, month_number(pd.Timestamp("2017-01-01").date())))
    fit = fit_site(frame, start=middle, stop=len(frame.hours), settings=BaselineSettings())
    actual = fit.window.usage[0, fit.split :]
    expected = fit.expected[0, fit.split :]
    mean = hour_of_week_mean(fit)[fit.split :]
    both = np.isfinite(actual) & np.isfinite(expected)
    if fit.kinds[0] is not ModelKind.TOWT or both.sum() < MIN_HOURS:
        return None
    error = float((expected[both].sum() - actual[both].sum()) / expected[both].sum())
    width = placebo_share(fit, SavingsSettings())
    return Score(
        towt=_cv(actual[both], expected[both]),
        hour_of_week=_cv(actual[both], mean[both]),
        annual_error=abs(error),
        is_covered=abs(error) < width,
        width=width,
    )


def _cv(actual: FloatArray, expected: FloatArray) -> float:
    return float(np.sqrt(np.mean((actual - expected) ** 2)) / np.mean(actual))


def scores(*, is_swapped: bool, country: str | None) -> list[Score]:
    """Scores of all meters that have both years."""
    usage, temperature = fox_usage()
    joined = usage.assign(temp_c=temperature)
    if is_swapped:
        joined = _redated(swapped_years(joined))
        # Swapped days carry other dates, so a calendar of holidays cannot follow them.
        country = None
    warm = joined.pop("temp_c")
    data = batch(
        usage=joined,
        temperature=warm,
        utc=pd.DatetimeIndex(joined.index) + pd.Timedelta(hours=FOX_OFFSET_HOURS),
        country=country,
    )
    found = (
        score(frame)
        for frame in site_frames(usage=data.usage, site_hours=data.site_hours, meters=data.meters)
    )
    return [one for one in found if one is not None]


def _redated(frame: pd.DataFrame) -> pd.DataFrame:
    """Two years of 364 days each on the dates around 2017-01-01, weekdays kept."""
    first = pd.Timestamp("2017-01-02") - pd.Timedelta(days=364)
    return frame.set_axis(pd.date_range(first, periods=len(frame), freq="h"))


def main() -> None:
    """Prints one row per direction and calendar."""
    cases = (
        ("2016 -> 2017, with holidays", False, "US"),
        ("2016 -> 2017, without holidays", False, None),
        ("2017 -> 2016, without holidays", True, None),
    )
    for name, is_swapped, country in cases:
        found = scores(is_swapped=is_swapped, country=country)
        towt = np.array([one.towt for one in found])
        simple = np.array([one.hour_of_week for one in found])
        better, ratio = np.mean(towt < simple), np.median(towt / simple)
        error = np.median([one.annual_error for one in found])
        covered = np.mean([one.is_covered for one in found])
        width = np.median([one.width for one in found])
        print(f"{name}: {len(found)} meters")
        print(
            f"  median CV(RMSE)  TOWT {np.median(towt):.4f}, hour of week {np.median(simple):.4f}"
        )
        print(f"  TOWT better      on {better:.0%}, median ratio {ratio:.3f}")
        print(f"  annual error     {error:.3f} (median)")
        print(f"  placebo in 90 %  {covered:.2f}, median half-width {width:.3f}")


if __name__ == "__main__":
    main()
