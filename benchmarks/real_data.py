"""The public data sets of the benchmarks as the analysis takes them: usage, calendar, meters."""

import os
from dataclasses import dataclass
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pyarrow as pa

FOX_OFFSET_HOURS = 7
STEEL_ZONE = "Asia/Seoul"


@dataclass(frozen=True, kw_only=True)
class AnalysisInput:
    """One batch of meters, ready for `judge_months`."""

    usage: pa.Table
    site_hours: pa.Table
    meters: pa.Table


def shared_data() -> Path:
    """Folder of the data sets: CEI_SHARED_DATA, or ../shared/data beside the repository."""
    given = os.environ.get("CEI_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        raise SystemExit(
            f"no data sets at {folder}: set CEI_SHARED_DATA to the folder that holds bdg2_fox "
            "and steel_uci"
        )
    return folder


def fox_usage() -> tuple[pd.DataFrame, pd.Series]:
    """Hourly kWh of the Fox meters, NaN where missing, and temperature; index is local time."""
    data = pd.read_parquet(shared_data() / "bdg2_fox" / "fox_hourly_2016_2017.parquet")
    temperature = data.pop("temp_c")
    return data.where(data > 0), temperature


def fox(*, holiday_calendar: bool = True) -> AnalysisInput:
    """The 42 Fox meters, each its own site; Phoenix keeps one offset, UTC-7, all year."""
    data, temperature = fox_usage()
    return batch(
        usage=data,
        temperature=temperature,
        utc=pd.DatetimeIndex(data.index) + pd.Timedelta(hours=FOX_OFFSET_HOURS),
        country="US" if holiday_calendar else None,
    )


def steel() -> AnalysisInput:
    """The steel plant's year by hour; the file's 00:00 row ends the day it is dated with."""
    raw = pd.read_csv(
        shared_data() / "steel_uci" / "Steel_industry_data.csv.gz", encoding="utf-8-sig"
    )
    end = pd.to_datetime(raw["date"], format="%d/%m/%Y %H:%M")
    end = end.where(end.dt.time != pd.Timestamp(0).time(), end + pd.Timedelta(days=1))
    start = end - pd.Timedelta(minutes=15)
    hourly = raw["Usage_kWh"].groupby(start.dt.floor("h")).sum().to_frame("steel")
    index = pd.DatetimeIndex(hourly.index)
    utc = index.tz_localize(STEEL_ZONE).tz_convert("UTC").tz_localize(None)
    return batch(usage=hourly, temperature=None, utc=utc, country="KR")


def batch(
    *,
    usage: pd.DataFrame,
    temperature: pd.Series | None,
    utc: pd.DatetimeIndex,
    country: str | None,
    single_site: bool = False,
) -> AnalysisInput:
    """Tables of the analysis from hourly columns indexed by local time; no operating hours."""
    local = pd.DatetimeIndex(usage.index)
    years = sorted(set(local.year))
    closed = set(holidays.country_holidays(country, years=years)) if country else set()
    hours = {
        "hour_start_utc": pa.array(utc.to_numpy().astype("M8[us]")),
        "hour_start_local": pa.array(local.to_numpy().astype("M8[us]")),
        "local_date": pa.array(local.to_numpy().astype("M8[D]")),
        "local_hour": pa.array(local.hour.to_numpy()),
        "weekday": pa.array(local.day_of_week.to_numpy()),
        "usage_month": pa.array(local.to_numpy().astype("M8[M]").astype("M8[D]")),
        "is_holiday": pa.array([day in closed for day in local.date]),
        "temperature_c": pa.array(
            np.full(len(local), np.nan) if temperature is None else temperature.to_numpy(),
            from_pandas=True,
        ),
    }
    for name in ("is_operating", "is_working_day", "is_closure", "has_operating_hours"):
        hours[name] = pa.array(np.zeros(len(local), dtype=bool))
    columns = [str(name) for name in usage.columns]
    sites = ["site"] if single_site else columns
    return AnalysisInput(
        usage=pa.concat_tables(
            _usage("site" if single_site else name, name, utc, usage[name]) for name in columns
        ),
        site_hours=pa.concat_tables(
            pa.table({"site_id": pa.array([site] * len(local)), **hours}) for site in sites
        ),
        meters=pa.table(
            {
                "site_id": ["site" if single_site else name for name in columns],
                "meter_id": columns,
                "role": ["submeter" if single_site else "main_incomer" for _ in columns],
                "parent_meter_id": pa.array([None] * len(columns), pa.string()),
                "tree_depth": pa.array([0] * len(columns), pa.int32()),
            }
        ),
    )


def _usage(site: str, meter: str, utc: pd.DatetimeIndex, values: pd.Series) -> pa.Table:
    seen = values.notna().to_numpy()
    return pa.table(
        {
            "site_id": pa.array([site] * int(seen.sum())),
            "meter_id": pa.array([meter] * int(seen.sum())),
            "hour_start_utc": pa.array(utc.to_numpy().astype("M8[us]")[seen]),
            "hour_usage_kwh": pa.array(values.to_numpy(dtype=np.float64)[seen]),
            "is_complete": pa.array(np.ones(int(seen.sum()), dtype=bool)),
        }
    )
