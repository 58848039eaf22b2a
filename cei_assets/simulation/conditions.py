"""What the loads respond to, in quarter-hours: local clock, occupancy, production, weather."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.signal import lfilter

from cei_assets.core.register.holiday_calendar import public_holidays
from cei_assets.simulation.design import ZONE, SiteDesign, closures

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

QUARTERS_PER_HOUR = 4
RAMP_UP_MINUTES = 45
RAMP_DOWN_MINUTES = 30


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Quarter-hours of a site, one element each.

    `start_utc` are naive UTC, `start_local` read the site's clock. `occupancy` goes from 0 to 1
    and ramps at both ends of a working day; `is_open` follows the operating hours alone.
    `production` is the day's order level around 1.
    """

    start_utc: pd.DatetimeIndex
    start_local: pd.DatetimeIndex
    is_working_day: BoolArray
    is_open: BoolArray
    occupancy: FloatArray
    production: FloatArray
    temperature_c: FloatArray


def quarter_hours(first_day: date, end_day: date) -> pd.DatetimeIndex:
    """Starts of all quarter-hours of the local days from `first_day` to before `end_day`, UTC.

    A local day has 92, 96 or 100 of them.
    """
    first, end = (pd.Timestamp(day, tz=ZONE).tz_convert("UTC") for day in (first_day, end_day))
    return pd.date_range(first, end, freq="15min", inclusive="left")


def conditions(
    design: SiteDesign,
    *,
    first_day: date,
    end_day: date,
    temperature_c: FloatArray,
    rng: np.random.Generator,
) -> Conditions:
    """Clock, calendar and production of a site; `temperature_c` has one value a quarter-hour."""
    start = quarter_hours(first_day, end_day)
    local = start.tz_convert(ZONE).tz_localize(None)
    is_working_day = _working_days(design, local, first_day, end_day)
    minute = (local.hour * 60 + local.minute).to_numpy()
    is_open, occupancy = _occupancy(design, local.day_of_week.to_numpy(), minute)
    return Conditions(
        start_utc=start.tz_localize(None),
        start_local=local,
        is_working_day=is_working_day,
        is_open=is_open & is_working_day,
        occupancy=occupancy * is_working_day,
        production=_production(local, rng),
        temperature_c=temperature_c,
    )


def outdoor_temperature(
    design: SiteDesign,
    *,
    first_day: date,
    end_day: date,
    shared_weather: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Temperature of every quarter-hour: seasonal wave, diurnal wave, weather of days.

    Coldest in mid-January, warmest in mid-July, daily maximum at 15:00 local; the daily swing is
    wider in summer. `shared_weather` (see `weather_noise`) is common to the sites of a region.
    """
    local = quarter_hours(first_day, end_day).tz_convert(ZONE)
    season = -np.cos(2 * np.pi * (local.day_of_year.to_numpy() - 16) / 365.25)
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60
    diurnal = (3.9 + 1.7 * season) * np.cos(2 * np.pi * (hour - 15) / 24)
    own = weather_noise(len(local), hours=20, deviation=1.1, rng=rng)
    level = design.mean_temperature_c + design.annual_amplitude_c * season
    return np.asarray(level + diurnal + shared_weather + own, dtype=np.float64)


def weather_noise(
    count: int, *, hours: float, deviation: float, rng: np.random.Generator
) -> FloatArray:
    """First-order autoregressive noise over quarter-hours with the given memory in hours."""
    memory = float(np.exp(-1 / (hours * QUARTERS_PER_HOUR)))
    return autoregressive(count, memory=memory, deviation=deviation, rng=rng)


def autoregressive(
    count: int, *, memory: float, deviation: float, rng: np.random.Generator
) -> FloatArray:
    """Stationary AR(1) noise with lag-1 correlation `memory` and standard `deviation`."""
    innovations = rng.normal(0.0, deviation * np.sqrt(1 - memory**2), count)
    innovations[0] = rng.normal(0.0, deviation)
    return np.asarray(lfilter([1.0], [1.0, -memory], innovations), dtype=np.float64)


def _working_days(
    design: SiteDesign, local: pd.DatetimeIndex, first_day: date, end_day: date
) -> BoolArray:
    days = local.normalize()
    sites = pa.table(
        {
            "site_id": [design.site_id],
            "country": ["IT"],
            "subdivision": [design.subdivision],
        }
    )
    years = range(first_day.year, end_day.year + 1)
    holidays = public_holidays(sites, years=years).column("local_date").to_pylist()
    free = days.isin(pd.to_datetime(holidays))
    for first, last, _ in closures(first_day, end_day):
        free |= (days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))
    weekdays = sorted({weekday for shift in design.shifts for weekday in shift.weekdays})
    return np.asarray(np.isin(local.day_of_week, weekdays) & ~free, dtype=np.bool_)


def _occupancy(
    design: SiteDesign, weekday: npt.NDArray[np.int32], minute: npt.NDArray[np.int32]
) -> tuple[BoolArray, FloatArray]:
    """Open or not, and the ramp: machines warm up before opening, run down after closing."""
    is_open = np.zeros(len(minute), dtype=np.bool_)
    occupancy = np.zeros(len(minute))
    for shift in design.shifts:
        on_day = np.isin(weekday, shift.weekdays)
        opens, closes = shift.minutes
        middle = minute + 7.5
        rise = np.clip((middle - opens + RAMP_UP_MINUTES) / RAMP_UP_MINUTES, 0, 1)
        fall = np.clip((closes + RAMP_DOWN_MINUTES - middle) / RAMP_DOWN_MINUTES, 0, 1)
        # A break in mid-shift: a dip of a tenth for half an hour.
        is_break = np.abs(middle - (opens + closes) / 2) < 15
        level = np.minimum(rise, fall) * np.where(is_break, 0.88, 1.0)
        occupancy = np.maximum(occupancy, level * on_day)
        is_open |= on_day & (minute >= opens) & (minute < closes)
    return is_open, occupancy


def _production(local: pd.DatetimeIndex, rng: np.random.Generator) -> FloatArray:
    """Order level of each local day: weeks resemble the next, Mondays start a little lower."""
    day_number = (local.normalize() - local[0].normalize()).days.to_numpy()
    days = int(day_number[-1]) + 1
    level = 1 + autoregressive(days, memory=0.75, deviation=0.055, rng=rng)
    level += rng.normal(0.0, 0.02, days)
    monday = local.day_of_week.to_numpy() == 0
    return np.asarray(np.clip(level, 0.75, 1.25)[day_number] - 0.03 * monday, dtype=np.float64)
