"""What is put into the clean loads: waste that the rules should find, and a measure that saves."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.simulation.conditions import BoolArray, Conditions, FloatArray
from cei_assets.simulation.design import (
    BOLOGNA,
    COMPRESSORS,
    HVAC,
    PROCESS,
    TURIN,
    WAREHOUSE,
    closures,
)
from cei_assets.simulation.loads import hvac_kw

MEASURE_ID = "leaks"
MEASURE = "measure"
DRIFT_DAYS = 28
"""Over so many days the drifting base load rises; then it stays."""


@dataclass(frozen=True, kw_only=True)
class Injection:
    """Power added to a meter, in kW per quarter-hour; negative for the measure.

    `rule` is the rule that should find it, or `measure`.
    """

    name: str
    site_id: str
    meter_id: str
    rule: str
    description: str
    extra_kw: FloatArray


def injections(
    now: dict[str, Conditions], *, first_day: date, end_day: date
) -> tuple[Injection, ...]:
    """All injections of a pilot that starts on `first_day`; `now` are conditions by site.

    Each starts on the first Monday, outside closures, on or after the first of a later month of
    the pilot, so that there is history to judge it by. The measure is in place from such a
    Monday to the end.
    """
    start = {
        month: _monday(first_day, month, closures(first_day, end_day)) for month in (5, 6, 7, 8, 9)
    }
    turin, bologna = now[TURIN.site_id], now[BOLOGNA.site_id]
    return (
        _compressors_at_night(turin, start[5]),
        _process_out_of_tune(bologna, start[6]),
        _process_spike(turin, start[7]),
        _hvac_at_weekends(turin, start[8]),
        _warehouse_drift(bologna, start[8]),
        _leaks_repaired(bologna, start[9]),
    )


def measure_day(first_day: date, end_day: date) -> date:
    """Local day from which the measure saves."""
    return _monday(first_day, 9, closures(first_day, end_day))


def _compressors_at_night(now: Conditions, first: date) -> Injection:
    closed = now.is_working_day & (now.occupancy == 0)
    during = _between_days(now, first, 40) & closed
    gap = TURIN.day_kw[COMPRESSORS] - TURIN.night_kw[COMPRESSORS]
    return Injection(
        name="compressors_at_night",
        site_id=TURIN.site_id,
        meter_id=COMPRESSORS,
        rule=EpisodeRule.NIGHT_LOAD.value,
        description="Second compressor left idling on the nights of six weeks.",
        extra_kw=_array(0.5 * gap * during),
    )


def _process_out_of_tune(now: Conditions, first: date) -> Injection:
    during = _between_days(now, first, 26)
    return Injection(
        name="process_out_of_tune",
        site_id=BOLOGNA.site_id,
        meter_id=PROCESS,
        rule=EpisodeRule.BASELINE_DEVIATION.value,
        description="Line out of tune: a fifth more than its work needs, for four weeks.",
        extra_kw=_array(0.2 * BOLOGNA.day_kw[PROCESS] * now.production * now.occupancy * during),
    )


def _process_spike(now: Conditions, first: date) -> Injection:
    wednesday = now.is_working_day & (now.start_local.day_of_week.to_numpy() == 2)
    day = now.start_local[wednesday & (_days_since(now, first) >= 0)][0].date()
    hour = now.start_local.hour.to_numpy()
    during = _between_days(now, day, 1) & (hour >= 10) & (hour < 13)
    return Injection(
        name="process_spike",
        site_id=TURIN.site_id,
        meter_id=PROCESS,
        rule=EpisodeRule.SPIKE.value,
        description="Hydraulic fault: three hours at twice the usual load.",
        extra_kw=_array(0.95 * TURIN.day_kw[PROCESS] * during),
    )


def _hvac_at_weekends(now: Conditions, first: date) -> Injection:
    local = now.start_local
    opens, closes = TURIN.shifts[0].minutes[0], TURIN.shifts[-1].minutes[1]
    minute = (local.hour * 60 + local.minute).to_numpy()
    as_if_open = (minute >= opens) & (minute < closes) & (local.day_of_week.to_numpy() >= 5)
    during = _between_days(now, first, 56) & as_if_open & ~now.is_working_day
    left_on = hvac_kw(TURIN, now, during.astype(np.float64))
    return Injection(
        name="hvac_at_weekends",
        site_id=TURIN.site_id,
        meter_id=HVAC,
        rule=EpisodeRule.WEEKEND_LOAD.value,
        description="Time switch lost its weekend programme: HVAC runs on eight weekends.",
        extra_kw=_array((left_on - hvac_kw(TURIN, now, now.occupancy)) * during),
    )


def _warehouse_drift(now: Conditions, first: date) -> Injection:
    days = _days_since(now, first)
    return Injection(
        name="warehouse_drift",
        site_id=BOLOGNA.site_id,
        meter_id=WAREHOUSE,
        rule=EpisodeRule.BASELOAD_DRIFT.value,
        description="Cold room loses its seals: base load rises for four weeks and stays.",
        extra_kw=_array(6.0 * np.clip(days / DRIFT_DAYS, 0, 1)),
    )


def _leaks_repaired(now: Conditions, first: date) -> Injection:
    return Injection(
        name="leaks_repaired",
        site_id=BOLOGNA.site_id,
        meter_id=COMPRESSORS,
        rule=MEASURE,
        description="Compressed-air leaks repaired: 9 kW less, day and night.",
        extra_kw=_array(-9.0 * (_days_since(now, first) >= 0)),
    )


def _monday(first_day: date, month: int, closed: tuple[tuple[date, date, str], ...]) -> date:
    months = first_day.month - 1 + month
    day = date(first_day.year + months // 12, months % 12 + 1, 1)
    day += timedelta(days=-day.weekday() % 7)
    while any(first <= day <= last for first, last, _ in closed):
        day += timedelta(days=7)
    return day


def _array(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _days_since(now: Conditions, first: date) -> FloatArray:
    """Days on the site's clock since the start of a local day, as a real number."""
    since = now.start_local - pd.Timestamp(first)
    return np.asarray(since / pd.Timedelta(days=1), dtype=np.float64)


def _between_days(now: Conditions, first: date, days: int) -> BoolArray:
    since = _days_since(now, first)
    return np.asarray((since >= 0) & (since < days), dtype=np.bool_)
