"""The simulated pilot as the analysis takes it, with and without what was injected."""

from dataclasses import dataclass
from datetime import date

import holidays
import numpy as np
import pandas as pd
import pyarrow as pa
from real_data import AnalysisInput

from cei_assets.simulation.design import MAIN, SITES, SUBMETERS, ZONE, SiteDesign, closures
from cei_assets.simulation.pilot import SimulatedPilot, simulate_pilot


@dataclass(frozen=True, kw_only=True)
class PilotInput:
    """Tables with the injected waste, without it, and the injected kWh by meter and hour."""

    wasteful: AnalysisInput
    clean: AnalysisInput
    truth: pd.DataFrame


def pilot_input(seed: int, first_day: date = date(2025, 1, 1)) -> PilotInput:
    """Thirteen months of both works; `truth` has site_id, meter_id, rule, hour_start_utc, kwh."""
    pilot = simulate_pilot(seed=seed, first_day=first_day)
    hours = pa.concat_tables(_site_hours(pilot, design) for design in SITES)
    meters = _meters()

    def tables(column: str) -> AnalysisInput:
        return AnalysisInput(usage=_usage(pilot, column), site_hours=hours, meters=meters)

    return PilotInput(wasteful=tables("usage_wh"), clean=tables("clean_wh"), truth=_truth(pilot))


def _usage(pilot: SimulatedPilot, column: str) -> pa.Table:
    rows = pilot.readings.to_pandas()
    rows["hour_start_utc"] = rows["interval_start_utc"].dt.floor("h")
    rows["kwh"] = rows[column] / 1000
    hourly = rows.groupby(["site_id", "meter_id", "hour_start_utc"], as_index=False).agg(
        hour_usage_kwh=("kwh", "sum"), is_complete=("is_delivered", "all")
    )
    return pa.Table.from_pandas(hourly, preserve_index=False)


def _truth(pilot: SimulatedPilot) -> pd.DataFrame:
    index = pilot_quarters(pilot)
    parts = []
    for injection in pilot.injections:
        kwh = pd.Series(injection.extra_kw / 4, index=index).resample("h").sum()
        parts.append(
            pd.DataFrame(
                {
                    "site_id": injection.site_id,
                    "meter_id": injection.meter_id,
                    "name": injection.name,
                    "rule": injection.rule,
                    "hour_start_utc": kwh.index,
                    "kwh": kwh.to_numpy(),
                }
            ).query("kwh > 0")
        )
    return pd.concat(parts)


def pilot_quarters(pilot: SimulatedPilot) -> pd.DatetimeIndex:
    """Starts of the pilot's quarter-hours, naive UTC."""
    first, end = (
        pd.Timestamp(day, tz=ZONE).tz_convert("UTC").tz_localize(None)
        for day in (pilot.first_day, pilot.end_day)
    )
    return pd.date_range(first, end, freq="15min", inclusive="left")


def _site_hours(pilot: SimulatedPilot, design: SiteDesign) -> pa.Table:
    utc = pd.DatetimeIndex(pilot_quarters(pilot)[::4])
    local = utc.tz_localize("UTC").tz_convert(ZONE).tz_localize(None)
    free_days = holidays.country_holidays(
        "IT", subdiv=design.subdivision, years=sorted(set(local.year))
    )
    days = np.array([stamp.date() for stamp in local])
    is_holiday = np.array([day in free_days for day in days])
    is_closure = np.zeros(len(days), dtype=bool)
    for first, last, _ in closures(pilot.first_day, pilot.end_day):
        is_closure |= (days >= first) & (days <= last)
    is_free = is_holiday | is_closure
    is_open = np.zeros(len(days), dtype=bool)
    works = np.zeros(len(days), dtype=bool)
    for shift in design.shifts:
        on_weekday = np.isin(local.day_of_week, shift.weekdays)
        opens, closes = shift.minutes
        is_open |= on_weekday & (local.hour * 60 >= opens) & (local.hour * 60 < closes)
        works |= on_weekday
    warm = pilot.temperatures.to_pandas().query("site_id == @design.site_id")
    by_hour = warm.set_index("observed_at_utc")["temperature_c"].reindex(utc)
    return pa.table(
        {
            "site_id": pa.array([design.site_id] * len(utc)),
            "hour_start_utc": pa.array(utc.to_numpy().astype("M8[us]")),
            "hour_start_local": pa.array(local.to_numpy().astype("M8[us]")),
            "local_date": pa.array(days.tolist()),
            "local_hour": pa.array(local.hour.to_numpy()),
            "weekday": pa.array(local.day_of_week.to_numpy()),
            "usage_month": pa.array([day.replace(day=1) for day in days]),
            "is_operating": pa.array(is_open & ~is_free),
            "is_working_day": pa.array(works & ~is_free),
            "is_holiday": pa.array(is_holiday),
            "is_closure": pa.array(is_closure),
            "has_operating_hours": pa.array(np.ones(len(days), dtype=bool)),
            "temperature_c": pa.array(by_hour.to_numpy(), from_pandas=True),
        }
    )


def _meters() -> pa.Table:
    rows = [
        {
            "site_id": design.site_id,
            "meter_id": meter,
            "role": "main_incomer" if meter == MAIN else "submeter",
            "parent_meter_id": None if meter == MAIN else MAIN,
            "tree_depth": 0 if meter == MAIN else 1,
        }
        for design in SITES
        for meter in (MAIN, *SUBMETERS)
    ]
    return pa.Table.from_pylist(rows)
