"""Tables of the analysis for tests: loads given as arrays over the hours of a made-up site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

SITE = "site"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The hours of a site: `index` on the site's clock, with zone, and what the register says.

    `opens` and `closes` are the local hours of Monday to Friday; None: no operating hours.
    """

    index: pd.DatetimeIndex
    temperature: np.ndarray
    opens: int | None = None
    closes: int | None = None
    holidays: tuple[date, ...] = ()
    closures: tuple[date, ...] = ()

    @property
    def is_free(self) -> np.ndarray:
        """Hours of holidays and closures."""
        days = {*self.holidays, *self.closures}
        return np.array([stamp.date() in days for stamp in self.index])

    @property
    def is_working_day(self) -> np.ndarray:
        return np.asarray((self.index.day_of_week < 5) & ~self.is_free)

    @property
    def is_operating(self) -> np.ndarray:
        if self.opens is None or self.closes is None:
            return np.zeros(len(self.index), dtype=bool)
        hour = self.index.hour
        return np.asarray(self.is_working_day & (hour >= self.opens) & (hour < self.closes))

    def table(self) -> pa.Table:
        """The rows of `site_hours`."""
        local = self.index.tz_localize(None)
        days = [stamp.date() for stamp in local]
        has_hours = self.opens is not None
        return pa.table(
            {
                "site_id": pa.array([SITE] * len(local)),
                "hour_start_utc": _utc(self.index),
                "hour_start_local": pa.array(local.to_numpy().astype("M8[us]")),
                "local_date": pa.array(days),
                "local_hour": pa.array(local.hour.to_numpy()),
                "weekday": pa.array(local.day_of_week.to_numpy()),
                "usage_month": pa.array([day.replace(day=1) for day in days]),
                "is_operating": pa.array(self.is_operating),
                "is_working_day": pa.array(self.is_working_day & has_hours),
                "is_holiday": pa.array([day in self.holidays for day in days]),
                "is_closure": pa.array([day in self.closures for day in days]),
                "has_operating_hours": pa.array([has_hours] * len(local)),
                "temperature_c": pa.array(self.temperature, from_pandas=True),
            }
        )


def calendar(
    *,
    first: str = "2024-01-01",
    days: int = 425,
    zone: str = "Europe/Rome",
    seed: int = 0,
    opens: int | None = None,
    closes: int | None = None,
) -> Calendar:
    """A calendar with a plausible temperature: year, day and a wandering term."""
    start = pd.Timestamp(first, tz=zone)
    index = pd.date_range(start, start + pd.DateOffset(days=days), freq="h", inclusive="left")
    rng = np.random.default_rng(seed)
    wander = pd.Series(rng.normal(0, 1, len(index))).ewm(span=48).mean().to_numpy() * 12
    season = -10 * np.cos(2 * np.pi * (index.day_of_year.to_numpy() - 20) / 365)
    daily = 5 * np.cos(2 * np.pi * (index.hour.to_numpy() - 15) / 24)
    return Calendar(
        index=index, temperature=15 + season + daily + wander, opens=opens, closes=closes
    )


def with_holidays(hours: Calendar, *days: str) -> Calendar:
    """The calendar with public holidays."""
    return replace(hours, holidays=tuple(date.fromisoformat(day) for day in days))


def with_closures(hours: Calendar, first: str, last: str) -> Calendar:
    """The calendar with a closure from the first to the last day."""
    days = tuple(stamp.date() for stamp in pd.date_range(first, last))
    return replace(hours, closures=days)


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What `judge_months` takes."""

    usage: pa.Table
    site_hours: pa.Table
    meters: pa.Table


def tables(
    hours: Calendar,
    loads: Mapping[str, np.ndarray],
    *,
    parents: Mapping[str, str | None] | None = None,
) -> Tables:
    """Tables of one site; loads are kWh per hour, NaN where no reading came."""
    parents = parents or dict.fromkeys(loads)
    return Tables(
        usage=pa.concat_tables(usage_rows(hours, meter, load) for meter, load in loads.items()),
        site_hours=hours.table(),
        meters=meter_rows(parents),
    )


def usage_rows(hours: Calendar, meter_id: str, load: np.ndarray) -> pa.Table:
    """The rows of `usage` of one meter; NaN hours have no row."""
    seen = ~np.isnan(load)
    return pa.table(
        {
            "site_id": pa.array([SITE] * int(seen.sum()), pa.string()),
            "meter_id": pa.array([meter_id] * int(seen.sum()), pa.string()),
            "hour_start_utc": _utc(hours.index[seen]),
            "hour_usage_kwh": pa.array(load[seen].astype(np.float64)),
            "expected_intervals": pa.array([1] * int(seen.sum()), pa.int64()),
            "is_complete": pa.array([True] * int(seen.sum()), pa.bool_()),
        }
    )


def meter_rows(parents: Mapping[str, str | None], site_id: str = SITE) -> pa.Table:
    """The rows of `meters`; a meter without parent is the main incomer."""

    def depth(meter: str) -> int:
        parent = parents[meter]
        return 0 if parent is None else 1 + depth(parent)

    return pa.table(
        {
            "site_id": pa.array([site_id] * len(parents)),
            "meter_id": pa.array(list(parents)),
            "role": pa.array(
                ["main_incomer" if parent is None else "submeter" for parent in parents.values()]
            ),
            "parent_meter_id": pa.array(list(parents.values()), pa.string()),
            "tree_depth": pa.array([depth(meter) for meter in parents], pa.int32()),
        }
    )


def single_shift(hours: Calendar, rng: np.random.Generator, noise: float = 0.03) -> np.ndarray:
    """A tidy plant: 20 kWh always, 100 more Monday to Friday 6 h to 14 h, some climate."""
    hour = hours.index.hour.to_numpy()
    working = hours.is_working_day & (hour >= 6) & (hour < 14)
    climate = 2 * np.maximum(hours.temperature - 20, 0) + np.maximum(8 - hours.temperature, 0)
    load = 20 + working * (100 + climate) + 0.1 * climate
    return load * (1 + rng.normal(0, noise, len(hours.index)))


def months(*labels: str) -> Sequence[date]:
    """First days of the months given as YYYY-MM."""
    return [date.fromisoformat(f"{label}-01") for label in labels]


def between(hours: Calendar, first: str, last: str) -> np.ndarray:
    """Hours from the local day `first` to `last`, both included."""
    days = hours.index.tz_localize(None).normalize()
    return np.asarray((days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last)))


def _utc(index: pd.DatetimeIndex) -> pa.Array:
    naive = index.tz_convert("UTC").tz_localize(None)
    return pa.array(naive.to_numpy().astype("M8[us]"))
