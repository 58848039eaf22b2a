"""A CSI-Thermal programme from dropped pairs to sealed payments, beside `csv.reader` alone.

Run `python benchmarks/csi_year.py [APPLICATIONS [MONTHS]]` from the repository; default 100 and 12.
The simulated programme (one application in ten has a story) is written first and not timed. Then
`cei run` takes everything in at once, step by step as it prints them, and once more with nothing
new. `csv.reader` reads the same files in strict mode and keeps nothing.
"""

import argparse
import csv
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from cei_assets.settings import Settings
from cei_assets.simulation.csi_design import large_programme
from cei_assets.simulation.csi_drops import write_programme

FIRST_MONTH = date(2025, 1, 1)
AS_OF = "2026-05-20T12:00:00Z"
SEED = 20260101


def read_alone(folder: Path) -> float:
    """Seconds in which `csv.reader` reads every report."""
    started = time.perf_counter()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            try:
                for _row in csv.reader(file, strict=True):
                    pass
            except csv.Error:
                continue
    return time.perf_counter() - started


def cei_run(data_dir: Path) -> dict[str, float]:
    """Wall seconds of `cei run` by step, start-up and all included under `total`."""
    steps: dict[str, float] = {}
    began: dict[str, float] = {}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", "from cei_assets.cli.app import main; main()", "run",
         "--data-dir", str(data_dir), "--as-of", AS_OF],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"CEI_SETTLE_SECONDS": "0", "PYTHONUNBUFFERED": "1"},
    ) as running:  # fmt: skip
        said = []
        for line in running.stdout or ():
            said.append(line)
            step, _, state = line.strip().rpartition(" ")
            if state == "started":
                began[step] = time.perf_counter()
            elif state == "done":
                steps[step] = steps.get(step, 0.0) + time.perf_counter() - began[step]
    if running.returncode != 0:
        sys.exit("".join(said))
    return steps | {"total": time.perf_counter() - started}


def counts(data_dir: Path) -> str:
    """What came out, so that a fast run that did nothing shows."""
    published = Settings(data_dir=data_dir).paths.published
    with duckdb.connect(str(published), read_only=True) as connection:
        (found,) = connection.execute(
            "select format('{} uploads, {} effective months, {} intervals, {} payment lines', "
            "(select count(*) from marts.rpt_csi_performance_data), "
            "(select count(*) from marts.fct_csi_months), "
            "(select count(*) from marts.fct_csi_intervals), "
            "(select count(*) from marts.fct_csi_payments))"
        ).fetchall()
    return str(found[0])


def main() -> None:
    """Print the steps of both runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("applications", type=int, nargs="?", default=100)
    parser.add_argument("months", type=int, nargs="?", default=12)
    wanted = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        paths = Settings(data_dir=data_dir).paths
        design = large_programme(
            seed=SEED,
            first_month=FIRST_MONTH,
            applications=wanted.applications,
            months=wanted.months,
        )
        written = write_programme(design, paths=paths)
        print(f"{written.uploads} uploads, {written.size_bytes / 1e6:,.0f} MB", flush=True)
        alone = read_alone(paths.landing("csi_application"))
        print(f"csv.reader alone                  {alone:8.1f} s", flush=True)
        for name in ("everything new", "nothing new"):
            steps = cei_run(data_dir)
            print(f"\n{name}")
            for step, seconds in steps.items():
                print(f"  {step:<32}{seconds:8.1f} s")
            if name == "everything new":
                print(f"  files/s over the whole run      {written.uploads / steps['total']:8.1f}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"\npeak of the largest process {peak:,.0f} MiB; {counts(data_dir)}")


if __name__ == "__main__":
    main()
