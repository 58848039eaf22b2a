"""Rows a second of CSV intake beside DuckDB's own read of the same file, in the same run.

Run `python benchmarks/csv_intake.py [METER_YEARS] [--api]` from the repository; 114 meter-years are
a million rows, 1000 are 8.76 million. DuckDB reads the file into a typed table in memory, without
any rule. Intake applies all rules and writes the raw Parquet; archiving (digest, copy, fsync) is
timed apart. Each is the best of some rounds, in a process of its own with its own peak memory;
wall and CPU seconds are both printed, since a busy machine counts in the first only. With `--api`
batches of 1,000 records are judged instead.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from cei_assets.core.intake.verdict import Limits
from cei_assets.storage.archive import Receipt, receipts_of, take
from cei_assets.storage.duckdb_session import SessionSettings, connect
from cei_assets.storage.intake import judge_receipt
from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths

ROUNDS = 3
HOURS = 8760
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COLUMNS = {
    "site_id": "VARCHAR",
    "meter_id": "VARCHAR",
    "timestamp_utc": "TIMESTAMP",
    "value": "DECIMAL(18,9)",
    "unit": "VARCHAR",
}


def register(meters: int) -> dict[str, pa.Table]:
    """Ten meters a site."""
    sites = [f"site_{number:03d}" for number in range((meters + 9) // 10)]
    return {
        "sites": pa.table(
            {
                "site_id": sites,
                "organization_id": ["organization"] * len(sites),
                "timezone": ["Europe/Rome"] * len(sites),
                "station_id": pa.nulls(len(sites), pa.string()),
            }
        ),
        "meters": pa.table(
            {
                "site_id": [sites[number // 10] for number in range(meters)],
                "meter_id": [f"meter_{number:04d}" for number in range(meters)],
                "interval_seconds": pa.array([3600] * meters, pa.int32()),
                "interval_label": ["start"] * meters,
            }
        ),
    }


def write_csv(path: Path, meters: int) -> None:
    """A year of hours of every meter, meter by meter, loads with three decimals."""
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT format('site_{{:03d}}', meter // 10) AS site_id,
                       format('meter_{{:04d}}', meter) AS meter_id,
                       strftime(TIMESTAMP '2025-01-01' + to_hours(hour::INTEGER),
                                '%Y-%m-%dT%H:%M:%SZ') AS timestamp_utc,
                       round(((hash(meter * 10000 + hour) % 100000) / 1000.0), 3) AS value,
                       'kWh' AS unit
                FROM range({meters}) AS meters(meter), range({HOURS}) AS hours(hour)
                ORDER BY meter, hour
            ) TO '{path}' (HEADER)
        """)


def write_api(path: Path, meters: int) -> None:
    """The same readings as batches of 1,000 records."""
    with connect(None, read_only=False, settings=session(path.parent)) as connection:
        write_csv(path.with_suffix(".csv"), meters)
        rows = connection.read_csv(str(path.with_suffix(".csv")), all_varchar=True).to_arrow_table()
    path.with_suffix(".csv").unlink()
    receipt = {"request_id": "r", "organization_id": "organization"}
    with path.open("wb") as file:
        for batch in rows.to_batches(max_chunksize=1000):
            records = [{**row, "value": float(row["value"])} for row in batch.to_pylist()]
            line = {"receipt": receipt, "body": {"records": records}}
            file.write(orjson.dumps(line) + b"\n")


def session(folder: Path) -> SessionSettings:
    """Two threads and the platform's usual memory."""
    return SessionSettings(memory_limit="4GB", threads=2, temp_directory=folder / "tmp")


def archived(folder: Path) -> Receipt:
    """Takes the file that waits, as `cei run` does."""
    paths = DataPaths(root=folder)
    for source in ("csv_drop", "cei_api"):
        for landed in waiting_files(
            paths.landing(source), settle_seconds=0, now=datetime.now(tz=UTC)
        ):
            return take(landed, paths=paths, upload_source=source, received_at=NOW)
    raise SystemExit("no file waits")


def measure(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Best wall seconds of some rounds, and the CPU seconds of that round."""
    timed = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        timed.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(timed)


def read_with_duckdb(file: Path) -> tuple[float, float]:
    """DuckDB alone: the file into a typed table in memory."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    with connect(None, read_only=False, settings=session(file.parent)) as connection:
        return measure(
            lambda: connection.execute(
                f"CREATE OR REPLACE TABLE readings AS FROM read_csv('{file}', header = true, "
                f"columns = {{{columns}}})"
            )
        )


def judge(folder: Path, receipt: Receipt, meters: int) -> tuple[float, float]:
    """Intake: archived bytes to raw Parquet, all rules applied."""
    paths = DataPaths(root=folder)
    tables = register(meters)
    with connect(None, read_only=False, settings=session(folder)) as connection:

        def work() -> None:
            outcome = judge_receipt(
                receipt,
                paths=paths,
                register=tables,
                limits=Limits(),
                judgement_id="benchmark",
                connection=connection,
            )
            if outcome.rows_accepted != meters * HOURS:
                raise SystemExit(f"not every row went in: {outcome}")

        return measure(work)


def peak_megabytes() -> int:
    """Most memory that this process held; the kernel's rusage would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def report(name: str, rows: int, timed: tuple[float, float]) -> None:
    """One line of the table."""
    wall, cpu = timed
    print(
        f"{name:<28}{rows / wall:>14,.0f}{wall:>10.2f}{cpu:>10.2f}{peak_megabytes():>10,}",
        flush=True,
    )


def run_part(part: str, folder: Path, meters: int) -> None:
    """One measurement, in the process that prints it."""
    rows = meters * HOURS
    if part == "archive":
        report("take: digest, copy, fsync", rows, measure(lambda: archived(folder), rounds=1))
        return
    (receipt,) = _receipts(folder)
    if part == "duckdb":
        file = DataPaths(root=folder).archived(receipt.sha256)
        report("DuckDB read, no rules", rows, read_with_duckdb(file))
    else:
        report("intake to raw Parquet", rows, judge(folder, receipt, meters))


def _receipts(folder: Path) -> list[Receipt]:
    return receipts_of(DataPaths(root=folder), NOW.date())


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("meter_years", type=int, nargs="?", default=114)
    parser.add_argument("--api", action="store_true")
    parser.add_argument("--part", choices=["archive", "duckdb", "intake"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part:
        run_part(options.part, options.folder, options.meter_years)
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(root=Path(folder))
        source, write = ("cei_api", write_api) if options.api else ("csv_drop", write_csv)
        landed = paths.landing(source) / "readings"
        landed.parent.mkdir(parents=True)
        write(landed, options.meter_years)
        rows, size = options.meter_years * HOURS, landed.stat().st_size / 1e6
        print(f"{rows:,} rows, {size:,.0f} MB")
        print(f"{'':<28}{'rows/s':>14}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}")
        for part in ("archive", "intake") if options.api else ("archive", "duckdb", "intake"):
            command = [sys.executable, __file__, str(options.meter_years)]
            subprocess.run([*command, "--part", part, "--folder", folder], check=True)


if __name__ == "__main__":
    main()
