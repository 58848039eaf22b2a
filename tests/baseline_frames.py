"""Site frames for tests of the batched baselines, built from arrays over local hours."""

import numpy as np
import pandas as pd

from cei_assets.core.baseline.frame import SiteFrame


def site_frame(
    usage: np.ndarray,
    *,
    first: str = "2023-01-02",
    temperature: np.ndarray | None = None,
    zone: str = "UTC",
    free_days: tuple[str, ...] = (),
    site_id: str = "site",
) -> SiteFrame:
    """A frame of meters (M, T) from a local day on; `free_days` are public holidays."""
    start = pd.Timestamp(first, tz=zone)
    index = pd.date_range(start, periods=usage.shape[1], freq="h")
    local = index.tz_localize(None)
    free = np.isin(local.normalize(), [pd.Timestamp(day) for day in free_days])
    weekday = np.where(free, 6, local.day_of_week)
    none = np.zeros(len(index), dtype=bool)
    return SiteFrame(
        site_id=site_id,
        meter_ids=tuple(f"m{number}" for number in range(len(usage))),
        hours=index.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[h]").astype(np.int64),
        day=local.to_numpy().astype("M8[D]").astype(np.int64),
        month=local.to_numpy().astype("M8[M]").astype(np.int64),
        local_hour=local.hour.to_numpy().astype(np.int64),
        hour_of_week=(weekday * 24 + local.hour.to_numpy()).astype(np.int64),
        operating=none,
        working_day=none,
        holiday=free,
        closure=none,
        has_operating_hours=none,
        temperature=weather(len(index)) if temperature is None else temperature,
        usage=usage,
        zero=np.zeros(usage.shape, dtype=bool),
    )


def weather(hours: int, seed: int = 0) -> np.ndarray:
    """Degrees Celsius with a year, a day and a wandering term, from 2 January on."""
    hour = np.arange(hours)
    wander = np.convolve(np.random.default_rng(seed).normal(0, 3, hours + 71), np.ones(72) / 20)
    yearly = -10 * np.cos(2 * np.pi * (hour / 24 - 18) / 365.2425)
    return 14 + yearly + 4 * np.cos(2 * np.pi * (hour - 15) / 24) + wander[71 : 71 + hours]


def factory(
    temperature: np.ndarray, rng: np.random.Generator, *, noise: float = 0.03
) -> np.ndarray:
    """Usage (T,) from a Monday on: a base, one shift on working days, cooling above 18 degrees."""
    hour = np.arange(len(temperature))
    busy = ((hour // 24) % 7 < 5) & (hour % 24 >= 6) & (hour % 24 < 18)
    load = 20 + 60 * busy + (1 + 2 * busy) * np.maximum(temperature - 18, 0)
    return np.asarray(load * (1 + rng.normal(0, noise, len(load))))
