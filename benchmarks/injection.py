"""Known waste added to real hourly loads, and how much of it detection finds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Pattern = Callable[[pd.DatetimeIndex, float, np.random.Generator], pd.Series]


@dataclass(frozen=True, kw_only=True)
class Injection:
    """Waste added to one meter: kWh by local hour, zero elsewhere."""

    kind: str
    meter_id: str
    added: pd.Series


def _window(index: pd.DatetimeIndex, first: pd.Timestamp, days: int) -> np.ndarray:
    return np.asarray((index >= first) & (index < first + pd.Timedelta(days=days)))


def _first_day(
    index: pd.DatetimeIndex, rng: np.random.Generator, days: int, weekday: int | None = None
) -> pd.Timestamp:
    """A day of the judged year from which `days` fit; on the given weekday when asked for."""
    last = index[-1].normalize() - pd.Timedelta(days=days)
    choices = pd.date_range(pd.Timestamp(year=index[-1].year, month=1, day=8), last, freq="D")
    if weekday is not None:
        choices = choices[choices.day_of_week == weekday]
    return choices[int(rng.integers(len(choices)))]


def night_left_on(index: pd.DatetimeIndex, mean: float, rng: np.random.Generator) -> pd.Series:
    """Two working weeks of nights, 20 h to 6 h, at 25 % of the mean load more."""
    first = _first_day(index, rng, 14, weekday=0)
    night = (index.hour >= 20) | (index.hour < 6)
    on = _window(index, first, 14) & night & (index.day_of_week < 5)
    return pd.Series(np.where(on, 0.25 * mean, 0.0), index=index)


def weekend_left_on(index: pd.DatetimeIndex, mean: float, rng: np.random.Generator) -> pd.Series:
    """Two weekends at 30 % of the mean load more, 8 h to 20 h."""
    first = _first_day(index, rng, 14, weekday=0)
    day = (index.hour >= 8) & (index.hour < 20)
    on = _window(index, first, 14) & day & (index.day_of_week >= 5)
    return pd.Series(np.where(on, 0.30 * mean, 0.0), index=index)


def spike(index: pd.DatetimeIndex, mean: float, rng: np.random.Generator) -> pd.Series:
    """Three hours at the mean load more."""
    first = _first_day(index, rng, 2) + pd.Timedelta(hours=int(rng.integers(24)))
    on = np.asarray((index >= first) & (index < first + pd.Timedelta(hours=3)))
    return pd.Series(np.where(on, mean, 0.0), index=index)


def baseload_rise(index: pd.DatetimeIndex, mean: float, rng: np.random.Generator) -> pd.Series:
    """Four weeks at 15 to 25 % of the mean load more, day and night."""
    on = _window(index, _first_day(index, rng, 28), 28)
    return pd.Series(np.where(on, rng.uniform(0.15, 0.25) * mean, 0.0), index=index)


def slow_drift(index: pd.DatetimeIndex, mean: float, rng: np.random.Generator) -> pd.Series:
    """Four weeks rising from nothing to 30 % of the mean load, day and night."""
    on = _window(index, _first_day(index, rng, 28), 28)
    rise = np.where(on, np.cumsum(on) / max(int(on.sum()), 1), 0.0)
    return pd.Series(0.30 * mean * rise, index=index)


PATTERNS: dict[str, Pattern] = {
    "night left on": night_left_on,
    "weekend left on": weekend_left_on,
    "spike": spike,
    "baseload rise": baseload_rise,
    "slow drift": slow_drift,
}


def inject(usage: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[Injection]]:
    """Every meter once untouched and once per pattern, columns named `meter|pattern`.

    The added energy is known and lies in the last year of the index. Missing hours stay missing.
    """
    rng = np.random.default_rng(seed)
    index = pd.DatetimeIndex(usage.index)
    columns: dict[str, pd.Series] = {}
    injections: list[Injection] = []
    for meter in usage.columns:
        columns[f"{meter}|clean"] = usage[meter]
        mean = float(usage[meter].mean())
        for kind, pattern in PATTERNS.items():
            added = pattern(index, mean, rng)
            columns[f"{meter}|{kind}"] = usage[meter] + added
            injections.append(
                Injection(kind=kind, meter_id=str(meter), added=added[usage[meter].notna()])
            )
    return pd.DataFrame(columns), injections
