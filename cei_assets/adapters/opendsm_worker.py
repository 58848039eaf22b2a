"""Fits opendsm's hourly model; runs under another Python, in an environment that has opendsm.

opendsm's pins conflict with ours, so this file imports nothing of ours and is started as a script:
`python opendsm_worker.py IN.parquet OUT.parquet REPORT.json`. IN has meter, hour_start_utc, zone,
temperature_c, usage_kwh (null where missing) and is_train; OUT gets meter, hour_start_utc and
predicted_kwh; REPORT the seconds and the error of every meter and the peak memory.
"""

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

KIBIBYTES_PER_MEBIBYTE = 1024


def predicted(rows: pd.DataFrame) -> pd.DataFrame:
    """Predictions of one meter for all of its hours, fitted on those of `is_train`."""
    # Found in the other environment only.
    from opendsm.eemeter import (  # type: ignore[import-not-found]  # in an environment of its own
        HourlyBaselineData,
        HourlyModel,
        HourlyReportingData,
    )

    rows = rows.set_index(rows["hour_start_utc"].dt.tz_localize("UTC"))
    rows = rows.tz_convert(rows["zone"].iloc[0])
    columns = rows.rename(columns={"temperature_c": "temperature", "usage_kwh": "observed"})
    columns["temperature"] = columns["temperature"] * 1.8 + 32.0
    train = columns.loc[columns["is_train"], ["temperature", "observed"]]
    judged = columns.loc[~columns["is_train"], ["temperature"]].assign(observed=float("nan"))
    model = HourlyModel().fit(
        HourlyBaselineData(train, is_electricity_data=True), ignore_disqualification=True
    )
    found = model.predict(
        HourlyReportingData(judged, is_electricity_data=True), ignore_disqualification=True
    )
    at = found.index.tz_convert("UTC").tz_localize(None)
    return pd.DataFrame({"hour_start_utc": at, "predicted_kwh": found["predicted"].to_numpy()})


def main(source: Path, target: Path, report: Path) -> None:
    """Fits and predicts every meter; a meter that fails is reported with its error."""
    # Warnings about data sufficiency are opendsm's; the comparison is on the same hours for all.
    warnings.simplefilter("ignore")
    parts, notes = [], []
    for meter, rows in pd.read_parquet(source).groupby("meter", sort=False):
        start = time.process_time()
        error = None
        try:
            parts.append(predicted(rows).assign(meter=meter))
        except Exception as failure:  # noqa: BLE001  # a failure is a result here: it is counted
            error = f"{type(failure).__name__}: {failure}"
        seconds = time.process_time() - start
        notes.append({"meter": str(meter), "cpu_seconds": seconds, "error": error})
    columns = ["meter", "hour_start_utc", "predicted_kwh"]
    empty = pd.DataFrame({name: [] for name in columns})
    pd.concat(parts or [empty])[columns].to_parquet(target, index=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES_PER_MEBIBYTE
    report.write_text(json.dumps({"meters": notes, "peak_mib": peak}), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:4]))
