"""What detection flags: null loads, real clean days, injected waste.

Run `python benchmarks/detection.py` from the repository. Prints, for simulated loads without
waste, the share of days flagged; for the steel plant and the Fox buildings the share of meter-days
flagged and the episodes per meter by rule; for waste injected into the Fox year 2017, with the
baseline before it, the share found and how its energy was estimated. An injected waste is found
when a quarter of its energy lies in flagged hours that the untouched meter has not flagged.
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

from cei_assets.core.baseline.fit import fit_site
from cei_assets.core.baseline.frame import month_date, month_number, site_frames
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.detection.report import flagged_rows
from cei_assets.core.detection.rules import detect
from cei_assets.core.detection.settings import DetectionSettings
from cei_assets.core.savings.attribution import attribute_avoidable

FOUND_SHARE = 0.25


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
    counted = attribute_avoidable(flagged_hours=flagged, meters=data.meters).to_pandas()
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


def main() -> None:
    """Prints the three tables."""
    print("Simulated loads without waste, 12 seeds each, months 4 to 12: share of days flagged")
    for name, data, days in null_loads(seeds=range(12)):
        flags = flagged_days(counted_hours(flag_year(data, 2024, range(4, 13)), data, 0))
        print(f"  {name:32s} {flags['any'] / days:.4f}  {flags.drop('any').to_dict()}")
    plant = steel()
    counted = counted_hours(flag_year(plant, 2018), plant, 9)
    print("\nSteel plant, 2018, share of days flagged")
    print((flagged_days(counted) / 334).round(4).to_string())
    usage, temperature = fox_usage()
    injected, injections = inject(usage, seed=1)
    data = batch(
        usage=injected,
        temperature=temperature,
        utc=pd.DatetimeIndex(injected.index) + pd.Timedelta(hours=FOX_OFFSET_HOURS),
        country="US",
        single_site=True,
    )
    start = time.perf_counter()
    flagged = flag_year(data, 2017)
    seconds = time.perf_counter() - start
    counted = counted_hours(flagged, data, -FOX_OFFSET_HOURS)
    clean = counted[counted["meter_id"].str.endswith("|clean")]
    days = int(usage.loc["2017"].notna().resample("D").max().to_numpy().sum())
    print(f"\nFox, 2017, {days} meter-days: share flagged as they are")
    print((flagged_days(clean) / days).round(4).to_string())
    print("\nFox, 2017, injected waste")
    report_injection(score(counted, injections))
    print(f"\n{1e3 * seconds / (12 * injected.shape[1]):.1f} ms per meter-month")


if __name__ == "__main__":
    main()
