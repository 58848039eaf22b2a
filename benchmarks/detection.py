"""What detection flags: null loads, real clean days, injected waste.

Run `python benchmarks/detection.py` from the repository. Prints, for simulated loads without
waste, the share of days flagged; for the steel plant and the Fox buildings the share of meter-days
flagged and the episodes per meter by rule; for waste injected into the Fox year 2017, with the
baseline before it, the share found and how its energy was estimated; for the simulated pilot the
counted energy inside and outside of what was injected. An injected waste is found when a quarter
of its energy lies in flagged hours that the untouched meter has not flagged.
"""

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))

from injection import Injection, inject
from null_loads import null_loads
from real_data import FOX_OFFSET_HOURS, AnalysisInput, batch, fox_usage, steel
from simulated_pilot import pilot_input

from cei_assets.core.baseline.fit import fit_site
from cei_assets.core.baseline.frame import month_date, month_number, site_frames
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.detection.report import flagged_rows
from cei_assets.core.detection.rules import detect
from cei_assets.core.detection.settings import DetectionSettings
from cei_assets.core.savings.attribution import attribute_avoidable

FOUND_SHARE = 0.25
EPISODE_GAP_DAYS = 3
STEEL_OFFSET_HOURS = 9


def flag_year(data: AnalysisInput, year: int, months: range = range(1, 13)) -> pa.Table:
    """Flagged hours of a year, without the published model tables."""
    parts = []
    for frame in site_frames(usage=data.usage, site_hours=data.site_hours, meters=data.meters):
        for month in months:
            number = month_number(date(year, month, 1))
            at = np.flatnonzero(frame.month == number)
            if not at.size:
                continue
            fit = fit_site(
                frame, start=int(at[0]), stop=int(at[-1]) + 1, settings=BaselineSettings()
            )
            parts.append(flagged_rows(fit, detect(fit, DetectionSettings()), month_date(number)))
    return pa.concat_tables(parts)


def counted_hours(flagged: pa.Table, data: AnalysisInput, offset_hours: int) -> pd.DataFrame:
    """Counted kWh by meter and local hour."""
    table = attribute_avoidable(flagged_hours=flagged, meters=data.meters)
    counted: pd.DataFrame = table.to_pandas()
    counted["local"] = counted["hour_start_utc"] + pd.Timedelta(hours=offset_hours)
    return counted


def flagged_days(counted: pd.DataFrame) -> pd.Series:
    """Flagged days by rule, `any` for all."""
    counted = counted.assign(day=counted["local"].dt.normalize())
    by_rule = counted.drop_duplicates(["meter_id", "rule", "day"]).groupby("rule").size()
    return pd.concat(
        [by_rule, pd.Series({"any": len(counted.drop_duplicates(["meter_id", "day"]))})]
    )


def score(counted: pd.DataFrame, injections: list[Injection]) -> pd.DataFrame:
    """Found or not, and estimated over injected energy, of every injection."""
    by_meter = {
        str(meter): rows.set_index("local")["counted_kwh"]
        for meter, rows in counted.groupby("meter_id")
    }
    nothing = pd.Series(dtype=float)
    rows = []
    for injection in injections:
        added = injection.added[injection.added > 0]
        if added.empty:
            continue
        clean = by_meter.get(f"{injection.meter_id}|clean", nothing).reindex(added.index)
        dirty = by_meter.get(f"{injection.meter_id}|{injection.kind}", nothing)
        inside = dirty.reindex(added.index)
        new = inside.notna() & clean.isna()
        rows.append(
            {
                "kind": injection.kind,
                "found": added[new.to_numpy()].sum() >= FOUND_SHARE * added.sum(),
                "ratio": (inside.fillna(0).sum() - clean.fillna(0).sum()) / added.sum(),
            }
        )
    return pd.DataFrame(rows)


def report_injection(scores: pd.DataFrame) -> None:
    """Recall and energy by kind of waste."""
    table = scores.groupby("kind").agg(injected=("found", "size"), recall=("found", "mean"))
    found = scores[scores["found"]]
    table["kwh_ratio_when_found"] = found.groupby("kind")["ratio"].median()
    table["abs_error_when_found"] = (found["ratio"] - 1).abs().groupby(found["kind"]).median()
    table.loc["all"] = [
        len(scores),
        scores["found"].mean(),
        found["ratio"].median(),
        (found["ratio"] - 1).abs().median(),
    ]
    print(table.round(3).to_string())


def episodes(counted: pd.DataFrame) -> pd.Series:
    """Episodes by rule: flagged days of a meter with at most `EPISODE_GAP_DAYS` between them."""
    days = counted.assign(day=counted["local"].dt.normalize())
    days = days.drop_duplicates(["meter_id", "rule", "day"]).sort_values(
        ["meter_id", "rule", "day"]
    )
    apart = days.groupby(["meter_id", "rule"])["day"].diff() > pd.Timedelta(days=EPISODE_GAP_DAYS)
    first = ~days.duplicated(["meter_id", "rule"])
    return days[first | apart].groupby("rule").size()


def report_flags(counted: pd.DataFrame, *, meters: int, days: int) -> None:
    """Share of meter-days flagged and episodes per meter, by rule."""
    table = pd.DataFrame(
        {
            "share_of_days": flagged_days(counted) / days,
            "episodes_per_meter": episodes(counted) / meters,
        }
    )
    table.loc["any", "episodes_per_meter"] = table["episodes_per_meter"].sum()
    print(table.round(4).to_string())


def report_null_loads() -> None:
    """Loads in which nothing is wrong."""
    print("Simulated loads without waste, 12 seeds each, months 4 to 12: share of days flagged")
    for name, data, days in null_loads(seeds=range(12)):
        flags = flagged_days(counted_hours(flag_year(data, 2024, range(4, 13)), data, 0))
        print(f"  {name:28s} {flags['any'] / days:.4f}  {flags.drop('any').to_dict()}")


def report_steel() -> None:
    """The steel plant's year; its first month only warms up."""
    plant = steel()
    counted = counted_hours(flag_year(plant, 2018), plant, STEEL_OFFSET_HOURS)
    print("\nSteel plant, February to December 2018, as it is")
    report_flags(counted, meters=1, days=334)


def report_fox() -> None:
    """The Fox buildings in 2017, as they are and with injected waste."""
    usage, temperature = fox_usage()
    injected, injections = inject(usage, seed=1)
    data = batch(
        usage=injected,
        temperature=temperature,
        utc=pd.DatetimeIndex(injected.index) + pd.Timedelta(hours=FOX_OFFSET_HOURS),
        country="US",
        single_site=True,
    )
    start = time.process_time()
    flagged = flag_year(data, 2017)
    seconds = time.process_time() - start
    counted = counted_hours(flagged, data, -FOX_OFFSET_HOURS)
    halves = {"used to choose thresholds": usage.columns[::2], "left aside": usage.columns[1::2]}
    for name, meters in halves.items():
        of_half = counted[counted["meter_id"].str.split("|").str[0].isin(meters)]
        days = int(usage.loc["2017"][list(meters)].notna().resample("D").max().to_numpy().sum())
        print(f"\nFox, 2017, {len(meters)} buildings {name}, {days} meter-days, as they are")
        clean = of_half[of_half["meter_id"].str.endswith("|clean")]
        report_flags(clean, meters=len(meters), days=days)
        print(f"\nFox, 2017, buildings {name}, injected waste")
        report_injection(score(of_half, [one for one in injections if one.meter_id in meters]))
    milliseconds = 1e3 * seconds / (12 * injected.shape[1])
    print(f"\n{milliseconds:.1f} ms of CPU per meter-month, fit and detection")


def report_pilot(seeds: range) -> None:
    """The simulated pilot: counted kWh inside and outside of what was injected."""
    keys = ["site_id", "meter_id", "hour_start_utc"]
    rows = []
    for seed in seeds:
        pilot = pilot_input(seed)
        counted = counted_hours(flag_year(pilot.wasteful, 2025), pilot.wasteful, 0)
        judged = pilot.truth[pilot.truth["hour_start_utc"] < "2026-01-01"]
        both = judged.merge(counted[[*keys, "counted_kwh"]], on=keys, how="outer", indicator=True)
        both["name"] = both["name"].fillna("(nothing injected)")
        rows.append(both.groupby("name")[["kwh", "counted_kwh"]].sum().assign(seed=seed))
    table = pd.concat(rows).set_index("seed", append=True).unstack()
    print(f"\nSimulated pilot, 2025, injected and counted kWh, seeds {list(seeds)}")
    print(table.round(0).astype(int).to_string())


def main() -> None:
    """Prints all tables."""
    report_null_loads()
    report_steel()
    report_fox()
    report_pilot(range(1, 4))


if __name__ == "__main__":
    main()
