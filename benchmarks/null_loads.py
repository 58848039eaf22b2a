"""Simulated loads in which nothing is wrong."""

from collections.abc import Callable, Iterator

import holidays
import numpy as np
import pandas as pd
from real_data import AnalysisInput, batch

Load = Callable[[pd.DatetimeIndex, np.ndarray, np.random.Generator], np.ndarray]
COUNTRY = "IT"


def weather(index: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Hourly temperature: year, day and a wandering term of days."""
    season = 14 - 10 * np.cos(2 * np.pi * (index.day_of_year.to_numpy() - 20) / 365)
    daily = 5 * np.cos(2 * np.pi * (index.hour.to_numpy() - 15) / 24)
    return np.asarray(season + daily + wander(len(index), hours=72, size=3.0, rng=rng))


def wander(length: int, *, hours: float, size: float, rng: np.random.Generator) -> np.ndarray:
    """First-order autoregressive noise with the given memory and standard deviation."""
    keep = float(np.exp(-1.0 / hours))
    steps = rng.normal(0.0, size * np.sqrt(1 - keep**2), length)
    return pd.Series(steps).ewm(alpha=1 - keep, adjust=False).mean().to_numpy() / (1 - keep)


def _noise(length: int, rng: np.random.Generator) -> np.ndarray:
    return 1 + rng.normal(0, 0.03, length)


def flat(index: pd.DatetimeIndex, _warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same use day and night, with noise."""
    return 80 * _noise(len(index), rng)


def constant(index: pd.DatetimeIndex, _warm: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """Exactly the same use in every hour."""
    return np.full(len(index), 80.0)


def single_shift(
    index: pd.DatetimeIndex, _warm: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Monday to Friday 6 h to 14 h, baseload otherwise, also on holidays."""
    return np.asarray((20 + 100 * _working(index)) * _noise(len(index), rng))


def single_shift_with_weather(
    index: pd.DatetimeIndex, warm: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The single shift with cooling and heating while working, and a little at night."""
    working = _working(index)
    climate = 3 * np.maximum(warm - 20, 0) + 2 * np.maximum(10 - warm, 0)
    load = 20 + 100 * working + climate * np.where(working, 1.0, 0.2)
    return np.asarray(load * _noise(len(index), rng))


def noise(index: pd.DatetimeIndex, _warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pure noise: independent gamma values."""
    return rng.gamma(4.0, 10.0, len(index))


def wandering(index: pd.DatetimeIndex, _warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A single shift whose level wanders over days by 5 %."""
    level = 1 + wander(len(index), hours=48, size=0.05, rng=rng)
    return np.asarray((20 + 100 * _working(index)) * level * _noise(len(index), rng))


def _working(index: pd.DatetimeIndex) -> np.ndarray:
    closed = holidays.country_holidays(COUNTRY, years=sorted(set(index.year)))
    open_day = (index.day_of_week < 5) & ~np.array([day in closed for day in index.date])
    return np.asarray(open_day & (index.hour >= 6) & (index.hour < 14))


LOADS: tuple[Load, ...] = (
    constant,
    flat,
    single_shift,
    single_shift_with_weather,
    noise,
    wandering,
)


def null_loads(seeds: range) -> Iterator[tuple[str, AnalysisInput, int]]:
    """Name, tables and judged meter-days of every load, one meter per seed, the year 2024."""
    index = pd.date_range("2024-01-01", "2024-12-31 23:00", freq="h")
    for load in LOADS:
        rng = np.random.default_rng(0)
        warm = weather(index, rng)
        usage = pd.DataFrame(
            {f"seed{seed}": load(index, warm, np.random.default_rng(seed)) for seed in seeds},
            index=index,
        )
        data = batch(
            usage=usage,
            temperature=pd.Series(warm, index=index),
            utc=index,
            country=COUNTRY,
            single_site=True,
        )
        yield load.__name__, data, len(seeds) * 275
