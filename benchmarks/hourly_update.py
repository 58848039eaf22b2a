"""Seconds of an hourly update at 1, 2 and 3 years of history, beside a full rebuild.

python benchmarks/hourly_update.py [METERS]     default: 50 meters
"""

import os
import platform
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from portfolio import Portfolio, write_drop, write_register, write_temperature

from cei_assets.cli.manifest import ensure_manifest
from cei_assets.settings import Settings
from cei_assets.storage.layout import ensure_layout

FIRST_DAY = date(2023, 1, 1)
DEFAULT_METERS = 50
UPDATES = 3


def measure(*, meters: int, years: int, data_dir: Path) -> tuple[float, float, float]:
    """Seconds of the first build, and medians of taking in and building one more hour."""
    days = 365 * years
    portfolio = Portfolio(meters=meters, first_day=FIRST_DAY, days=days)
    end = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(days=days)
    use(data_dir, as_of=end)
    paths = Settings().paths
    ensure_layout(paths)
    write_register(portfolio, paths=paths)
    write_temperature(portfolio, path=paths.landing("temperature") / "temperature.csv")
    for year in range(years):
        write_drop(
            portfolio, path=paths.landing("csv_drop") / f"year{year}.csv", first_day=FIRST_DAY,
            first_hour=year * 8760, hours=8760,
        )  # fmt: skip
    _, first_build = run_hour(end)
    taken: list[float] = []
    built: list[float] = []
    for update in range(UPDATES):
        now = end + timedelta(hours=update + 1)
        use(data_dir, as_of=now)
        write_drop(
            portfolio, path=paths.landing("csv_drop") / f"hour{update}.csv", first_day=FIRST_DAY,
            first_hour=days * 24 + update, hours=1,
        )  # fmt: skip
        seconds = run_hour(now)
        taken.append(seconds[0])
        built.append(seconds[1])
    return first_build, sorted(taken)[UPDATES // 2], sorted(built)[UPDATES // 2]


def run_hour(now: datetime) -> tuple[float, float]:
    """Seconds of the jobs `take_in` and `build`."""
    from cei_assets.cli.runner import runner

    key = now.date().isoformat()
    with runner(Settings()) as jobs:
        started = time.perf_counter()
        jobs.run("take_in", partitions=(key, key))
        taken = time.perf_counter()
        jobs.run("build")
        return taken - started, time.perf_counter() - taken


def use(data_dir: Path, *, as_of: datetime) -> None:
    """Make the folder and clock those of this process."""
    os.environ["CEI_DATA_DIR"] = str(data_dir)
    os.environ["CEI_AS_OF"] = as_of.isoformat() + "Z"
    os.environ["CEI_SETTLE_SECONDS"] = "0"


def main() -> None:
    """Print a row per length of history."""
    meters = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_METERS
    ensure_manifest()
    rows = []
    for years in (1, 2, 3):
        with tempfile.TemporaryDirectory() as folder:
            rows.append((years, *measure(meters=meters, years=years, data_dir=Path(folder))))
    print(f"{platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}")
    print(f"{meters} hourly meters; an update is one hour of all of them")
    print("years      rows   full build s   take in s   build s")
    for years, full, taken, built in rows:
        print(f"{years:>5} {meters * 8760 * years:>9} {full:>14.1f} {taken:>11.1f} {built:>9.1f}")


if __name__ == "__main__":
    main()
