"""The simulated pilot: readings with known truth, as tables."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cei_assets.simulation.conditions import (
    Conditions,
    FloatArray,
    conditions,
    outdoor_temperature,
    quarter_hours,
    weather_noise,
)
from cei_assets.simulation.design import MAIN, QUARTER_HOUR_METER, SITES, SUBMETERS, SiteDesign
from cei_assets.simulation.loads import other_kw, submeter_kw
from cei_assets.simulation.outages import delivered
from cei_assets.simulation.waste import Injection, injections

IntArray = npt.NDArray[np.int64]

DEFAULT_MONTHS = 13
"""A year of baseline and the month that is judged by it; always holds both clock changes."""

READINGS_SCHEMA = pa.schema(
    [
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("interval_start_utc", pa.timestamp("us")),
        ("interval_start_local", pa.timestamp("us")),
        ("interval_seconds", pa.int32()),
        ("usage_wh", pa.int64()),
        ("clean_wh", pa.int64()),
        ("is_delivered", pa.bool_()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class SimulatedPilot:
    """Two works from `first_day` to before `end_day`, local days of Europe/Rome.

    `readings` follow `READINGS_SCHEMA`: whole watt-hours, with (`usage_wh`) and without
    (`clean_wh`) what was injected; the main incomer is the exact sum of its sub-meters and of
    loads without a sub-meter. `temperatures` have `site_id`, `observed_at_utc` (full hours) and
    `temperature_c`.
    """

    seed: int
    first_day: date
    end_day: date
    readings: pa.Table
    temperatures: pa.Table
    injections: tuple[Injection, ...]


def default_first_day(as_of: date, *, months: int = DEFAULT_MONTHS) -> date:
    """First day of the `months` complete calendar months that end before the month of `as_of`."""
    index = as_of.year * 12 + as_of.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def simulate_pilot(*, seed: int, first_day: date, months: int = DEFAULT_MONTHS) -> SimulatedPilot:
    """Simulates the pilot over whole months from `first_day`, the first of a month.

    The same seed and period give the same bytes. Raises ValueError when `first_day` is not the
    first of a month or `months` is under 11, where an injection would lie outside the period.
    """
    if first_day.day != 1 or months < 11:
        raise ValueError(
            f"found {months} months from {first_day}, expected 11 or more from the first of a month"
        )
    index = first_day.year * 12 + first_day.month - 1 + months
    end_day = date(index // 12, index % 12 + 1, 1)
    rng = np.random.default_rng(seed)
    count = len(quarter_hours(first_day, end_day))
    shared_weather = weather_noise(count, hours=60, deviation=2.4, rng=rng)
    now = {
        design.site_id: _conditions(design, first_day, end_day, shared_weather, rng)
        for design in SITES
    }
    injected = injections(now, first_day=first_day, end_day=end_day)
    long_gap_day = first_day + timedelta(days=100)
    readings = [
        table
        for design in SITES
        for table in _site_readings(design, now[design.site_id], injected, long_gap_day, rng)
    ]
    return SimulatedPilot(
        seed=seed,
        first_day=first_day,
        end_day=end_day,
        readings=pa.concat_tables(readings),
        temperatures=pa.concat_tables(
            [_temperatures(site_id, site) for site_id, site in now.items()]
        ),
        injections=injected,
    )


def _conditions(
    design: SiteDesign,
    first_day: date,
    end_day: date,
    shared_weather: FloatArray,
    rng: np.random.Generator,
) -> Conditions:
    temperature_c = outdoor_temperature(
        design, first_day=first_day, end_day=end_day, shared_weather=shared_weather, rng=rng
    )
    return conditions(
        design, first_day=first_day, end_day=end_day, temperature_c=temperature_c, rng=rng
    )


def _site_readings(
    design: SiteDesign,
    now: Conditions,
    injected: tuple[Injection, ...],
    long_gap_day: date,
    rng: np.random.Generator,
) -> list[pa.Table]:
    clean = submeter_kw(design, now, rng=rng)
    used = {
        meter: _with_injections(design.site_id, meter, kw, injected) for meter, kw in clean.items()
    }
    clean_wh = {meter: _watt_hours(kw) for meter, kw in clean.items()}
    used_wh = {meter: _watt_hours(kw) for meter, kw in used.items()}
    other_wh = _watt_hours(other_kw(design, now, rng=rng))
    clean_wh[MAIN] = np.sum([*clean_wh.values(), other_wh], axis=0)
    used_wh[MAIN] = np.sum([*used_wh.values(), other_wh], axis=0)
    return [
        _meter_readings(
            design.site_id, meter, now, used_wh[meter], clean_wh[meter], long_gap_day, rng
        )
        for meter in (MAIN, *SUBMETERS)
    ]


def _with_injections(
    site_id: str, meter_id: str, kw: FloatArray, injected: tuple[Injection, ...]
) -> FloatArray:
    extra = [
        injection.extra_kw
        for injection in injected
        if (injection.site_id, injection.meter_id) == (site_id, meter_id)
    ]
    return np.asarray(np.maximum(np.sum([kw, *extra], axis=0), 0.0), dtype=np.float64)


def _watt_hours(kw: FloatArray) -> IntArray:
    return np.rint(kw * 250).astype(np.int64)


def _meter_readings(
    site_id: str,
    meter_id: str,
    now: Conditions,
    usage_wh: IntArray,
    clean_wh: IntArray,
    long_gap_day: date,
    rng: np.random.Generator,
) -> pa.Table:
    step = 1 if meter_id == QUARTER_HOUR_METER else 4
    start_local = now.start_local[::step]
    arrives = delivered(
        start_local,
        interval_seconds=900 * step,
        site_id=site_id,
        meter_id=meter_id,
        long_gap_day=long_gap_day,
        rng=rng,
    )
    count = len(start_local)
    return pa.table(
        {
            "site_id": [site_id] * count,
            "meter_id": [meter_id] * count,
            "interval_start_utc": now.start_utc[::step],
            "interval_start_local": start_local,
            "interval_seconds": np.full(count, 900 * step, dtype=np.int32),
            "usage_wh": usage_wh.reshape(-1, step).sum(axis=1),
            "clean_wh": clean_wh.reshape(-1, step).sum(axis=1),
            "is_delivered": arrives,
        },
        schema=READINGS_SCHEMA,
    )


def _temperatures(site_id: str, now: Conditions) -> pa.Table:
    hourly = now.start_utc[::4]
    return pa.table(
        {
            "site_id": pd.Series([site_id] * len(hourly)),
            "observed_at_utc": pa.array(hourly, pa.timestamp("us")),
            "temperature_c": np.round(now.temperature_c[::4], 1),
        }
    )
