"""Kill `cei run` at random points and start it again: same tables as an undisturbed run?

    python benchmarks/kill_restart.py [--csi] [--kills 50] [--latest SECONDS]

Rounds of kills on a fresh data folder, each up to --latest seconds after its start (the length of a
run when not given); after the last of a round the run is left to end, and every mart and sealed
payment file is compared with that of an undisturbed run on the same drops and clock. With --csi the
installation is the simulated CSI-Thermal programme, else one of meters.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
from portfolio import Portfolio, write_drop, write_register, write_temperature

from cei_assets.settings import Settings
from cei_assets.simulation.csi_design import demo_programme
from cei_assets.simulation.csi_drops import write_programme

AS_OF = "2025-07-01T00:00:00Z"
PORTFOLIO = Portfolio(meters=10, first_day=date(2025, 1, 1), days=180)
KILLS_PER_ROUND = 20
SEED = 20260101
# Verdicts of the quality suite carry no more than the marts do, but their order is not fixed.
NOT_COMPARED = {"fct_quality_results"}


def write_inputs(folder: Path) -> None:
    """Register and drops; fixed modification times make the receipts the same everywhere."""
    paths = Settings(data_dir=folder).paths
    write_register(PORTFOLIO, paths=paths)
    drops = paths.landing("csv_drop")
    for part in range(6):
        write_drop(
            PORTFOLIO, path=drops / f"part{part}.csv", first_day=PORTFOLIO.first_day,
            first_hour=part * 720, hours=740,
        )  # fmt: skip
    (drops / "bad.csv").write_text(
        "site_id,meter_id,timestamp_utc,value,unit\nsite0000,unknown,2025-01-01T00:00:00Z,1,kWh\n"
        "site0000,m1,2025-01-01T00:00:00Z,-1,kWh\nsite0000,m1,2025-01-01T00:00:00Z,7,kWh\n",
        encoding="utf-8",
    )
    write_temperature(PORTFOLIO, path=paths.landing("temperature") / "temperature.csv")
    for file in paths.root.joinpath("landing").rglob("*.csv"):
        os.utime(file, ns=(1_750_000_000_000_000_000, 1_750_000_000_000_000_000))


def write_csi_inputs(folder: Path) -> None:
    """Six months of five applications, whose drops carry their times of submission."""
    write_programme(
        demo_programme(seed=11, first_month=date(2024, 10, 1)),
        paths=Settings(data_dir=folder).paths,
    )


def start(folder: Path) -> subprocess.Popen[bytes]:
    """`cei run` on the folder, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from cei_assets.cli.app import main; main()", "run",
         "--data-dir", str(folder), "--as-of", AS_OF],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def finish(folder: Path) -> float:
    """Let a run end; its seconds. Exits with its output when it fails."""
    started = time.perf_counter()
    process = start(folder)
    output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(output.decode())
    return time.perf_counter() - started


def digests(folder: Path) -> dict[str, object]:
    """Rows and order-free digest of every mart, and the digest of every sealed payment file."""
    paths = Settings(data_dir=folder).paths
    sealed: dict[str, object] = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for name in ("payment_runs", "payment_lines")
        for file in sorted(paths.csi(name).glob("*.parquet"))
    }
    with duckdb.connect(str(paths.published), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        return sealed | {
            name: connection.execute(
                f"select count(*), coalesce(bit_xor(hash(mart)), 0) from marts.{name} as mart"
            ).fetchall()[0]
            for (name,) in tables
            if name not in NOT_COMPARED
        }


def main() -> None:
    """Print a line per round, then the verdict; exit 1 when a table differs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csi", action="store_true")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--latest", type=float)
    asked = parser.parse_args()
    kills, write = asked.kills, write_csi_inputs if asked.csi else write_inputs
    chance = random.Random(SEED)  # noqa: S311 - moments of kills, no secret
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        duration = finish(Path(folder))
        expected = digests(Path(folder))
    print(f"undisturbed: {duration:.1f} s, {len(expected)} marts and sealed files", flush=True)
    latest = asked.latest or duration
    differing = 0
    for first in range(0, kills, KILLS_PER_ROUND):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            moments = []
            for _ in range(min(KILLS_PER_ROUND, kills - first)):
                process = start(Path(folder))
                moment = chance.uniform(0.5, latest)
                time.sleep(moment)
                # Half of the kills leave the children, dbt among them, running on their own.
                if chance.random() < 0.5:
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
                process.wait()
                moments.append(f"{moment:.1f}")
            finish(Path(folder))
            found = digests(Path(folder))
        wrong = sorted(name for name in expected | found if found.get(name) != expected.get(name))
        differing += bool(wrong)
        verdict = "DIFFERENT: " + ", ".join(wrong) if wrong else "same tables"
        print(
            f"round {first // KILLS_PER_ROUND + 1}: kills at {', '.join(moments)} s: {verdict}",
            flush=True,
        )
    print(f"{kills} kills, {differing} rounds with a difference")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
