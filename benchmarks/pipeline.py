"""Cold pipeline: seconds and peak memory of `cei run`, beside DuckDB's own read of the files.

python benchmarks/pipeline.py [METERS ...]      default: 100 1000, one year each
"""

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
from portfolio import Portfolio, write_drop, write_register, write_temperature

from cei_assets.settings import Settings

FIRST_DAY = date(2025, 1, 1)
AS_OF = "2026-01-02T00:00:00Z"


def baseline_seconds(folder: Path) -> float:
    """Seconds in which DuckDB alone reads the drops into a table and sums them by hour."""
    started = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(
            f"create table readings as from read_csv('{folder}/*.csv', header = true)"
        )
        connection.execute(
            "create table hourly as select site_id, meter_id, sum(value) as kwh, "
            "date_trunc('hour', timestamp_utc) as hour from readings group by all"
        )
    return time.perf_counter() - started


def run_seconds(data_dir: Path) -> tuple[float, float]:
    """Wall seconds and peak resident MiB (largest process) of `cei run`."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from cei_assets.cli.app import main; main()", "run",
         "--data-dir", str(data_dir), "--as-of", AS_OF],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - started, peak


def main() -> None:
    """Print a row per size."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [100, 1000]
    print(f"{platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}")
    print("meter-years      rows   DuckDB alone s   cei run s   peak MiB")
    for meters in sizes:
        portfolio = Portfolio(meters=meters, first_day=FIRST_DAY, days=365)
        with tempfile.TemporaryDirectory() as folder:
            paths = Settings(data_dir=Path(folder)).paths
            write_register(portfolio, paths=paths)
            drops = paths.landing("csv_drop")
            for day in range(0, 365, 73):
                write_drop(
                    portfolio, path=drops / f"part{day:03d}.csv", first_day=FIRST_DAY,
                    first_hour=day * 24, hours=73 * 24,
                )  # fmt: skip
            write_temperature(portfolio, path=paths.landing("temperature") / "temperature.csv")
            alone = baseline_seconds(drops)
            seconds, peak = run_seconds(Path(folder))
        print(f"{meters:>11} {meters * 8760:>9} {alone:>16.2f} {seconds:>11.1f} {peak:>10.0f}")


if __name__ == "__main__":
    main()
