"""Mean power of every sub-meter in each quarter-hour, before any waste."""

import numpy as np

from cei_assets.simulation.conditions import Conditions, FloatArray, autoregressive
from cei_assets.simulation.design import (
    CHILLER,
    COMPRESSORS,
    HVAC,
    PROCESS,
    WAREHOUSE,
    SiteDesign,
)

COOLING_BALANCE_C = 21.0
HEATING_BALANCE_C = 15.0
CHILLER_BALANCE_C = 14.0


def submeter_kw(
    design: SiteDesign, now: Conditions, *, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Loads in kW by meter, one value a quarter-hour, never below zero."""
    clean = {
        COMPRESSORS: _between(design, COMPRESSORS, now.occupancy * (0.35 + 0.65 * now.production)),
        PROCESS: _between(design, PROCESS, now.occupancy * now.production),
        CHILLER: _chiller(design, now),
        HVAC: hvac_kw(design, now, now.occupancy),
        WAREHOUSE: _warehouse(design, now),
    }
    return {meter: _with_noise(meter, kw, rng) for meter, kw in clean.items()}


def other_kw(design: SiteDesign, now: Conditions, *, rng: np.random.Generator) -> FloatArray:
    """What no sub-meter measures: offices, lighting, sockets. Darker months need more light."""
    since_longest_day = now.start_local.day_of_year.to_numpy() - 172
    darkness = 0.5 - 0.5 * np.cos(2 * np.pi * since_longest_day / 365.25)
    day = design.other_day_kw * (0.92 + 0.16 * darkness)
    kw = design.other_night_kw + (day - design.other_night_kw) * now.occupancy
    return _with_noise("other", kw, rng)


def hvac_kw(design: SiteDesign, now: Conditions, occupancy: FloatArray) -> FloatArray:
    """Fans, heat pump below 15 and cooling above 21 degrees; set back while nobody is in.

    The building's mass makes it follow the mean temperature of the last hours. `occupancy` is
    passed apart from the conditions, so that a schedule left on by mistake can be tried.
    """
    felt = _smoothed(now.temperature_c, hours=6)
    per_kelvin = design.weather_kw_per_k[HVAC]
    heating = np.maximum(HEATING_BALANCE_C - felt, 0) * per_kelvin
    cooling = np.maximum(felt - COOLING_BALANCE_C, 0) * per_kelvin * 1.25
    demand = np.minimum(heating + cooling, design.weather_limit_kw[HVAC])
    frost = np.minimum(np.maximum(3.0 - felt, 0) * per_kelvin * 0.5, design.day_kw[HVAC])
    occupied = design.day_kw[HVAC] + demand
    set_back = design.night_kw[HVAC] + frost
    return set_back + np.maximum(occupied - set_back, 0) * occupancy


def _chiller(design: SiteDesign, now: Conditions) -> FloatArray:
    weather = np.minimum(
        np.maximum(_smoothed(now.temperature_c, hours=2) - CHILLER_BALANCE_C, 0)
        * design.weather_kw_per_k[CHILLER],
        design.weather_limit_kw[CHILLER],
    )
    running = design.day_kw[CHILLER] * (0.3 + 0.7 * now.production) + weather
    standing = design.night_kw[CHILLER] + 0.12 * weather
    return standing + (running - standing) * now.occupancy


def _warehouse(design: SiteDesign, now: Conditions) -> FloatArray:
    """Lighting and handling by day; charging of trucks after the last shift; cold room always."""
    minute = (now.start_local.hour * 60 + now.start_local.minute).to_numpy()
    last_closing = max(shift.minutes[1] for shift in design.shifts)
    since_closing = minute - last_closing
    is_charging = (since_closing >= 0) & (since_closing < 90) & now.is_working_day
    cold_room = 0.05 * design.night_kw[WAREHOUSE] * np.maximum(now.temperature_c - 12, 0) / 4
    return (
        _between(design, WAREHOUSE, now.occupancy)
        + 0.25 * design.day_kw[WAREHOUSE] * is_charging
        + cold_room
    )


def _between(design: SiteDesign, meter: str, share: FloatArray) -> FloatArray:
    night = design.night_kw[meter]
    return night + (design.day_kw[meter] - night) * share


def _with_noise(meter: str, kw: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Slow drift of a few per cent, cycling within the hour, and a little of the meter's own."""
    slow, fast = {
        COMPRESSORS: (0.025, 0.05),
        CHILLER: (0.03, 0.06),
        HVAC: (0.03, 0.05),
        PROCESS: (0.03, 0.04),
        WAREHOUSE: (0.02, 0.04),
    }.get(meter, (0.02, 0.03))
    factor = (
        1
        + autoregressive(len(kw), memory=0.97, deviation=slow, rng=rng)
        + autoregressive(len(kw), memory=0.35, deviation=fast, rng=rng)
    )
    return np.maximum(kw * factor, 0.0)


def _smoothed(values: FloatArray, *, hours: int) -> FloatArray:
    """Mean of the last `hours`, of fewer at the start."""
    width = hours * 4
    total = np.cumsum(np.concatenate([np.zeros(1), values]))
    last = np.arange(1, len(values) + 1)
    first = np.maximum(last - width, 0)
    return np.asarray((total[last] - total[first]) / (last - first), dtype=np.float64)
