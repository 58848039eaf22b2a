"""Records a second and latency of the batch API, beside a bare SQLite table, in the same run.

Run `python benchmarks/gateway.py [--stored 5000000] [--grown 50000000]` from the repository. One
gateway process; the load comes from another. Everything is measured on the disk of the temporary
folder (`TMPDIR`) and once more in `/dev/shm`, where a sync costs nothing: the difference is what
durability costs. The baseline inserts the same records into a SQLite table with a unique key, a
commit a batch, without HTTP and without any rule. `--stored` records are sent through the API
before the second half; for `--grown` the tree of settled keys is filled directly.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from batch_load import records
from gateway_installation import (
    RunningGateway,
    start_gateway,
    token_of,
    write_installation,
)

SIZES = ((1, 3_000, 8), (24, 1_500, 8), (500, 300, 4), (1_000, 300, 4), (10_000, 40, 4))
SINGLES = 3_000
FILL_BATCH = 10_000
LOAD = "import batch_load; batch_load.main()"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - where a sync costs nothing
_MILLION = 1_000_000
_PREFIX = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one run of the load generator came to."""

    records_a_second: float
    p50_ms: float
    p99_ms: float
    ingested: int
    skipped: int


def load(
    gateway: RunningGateway,
    token: str,
    *,
    batch: int,
    batches: int,
    connections: int,
    prefix: str | None = None,
) -> Load:
    """Sends new records, or with a `prefix` that was sent before, the same ones again."""
    said = {
        "port": gateway.port,
        "batch": batch,
        "batches": batches,
        "connections": connections,
        "first": 0,
        "prefix": prefix or f"run{next(_PREFIX)}",
    }
    arguments = [f"--{name}={value}" for name, value in said.items()]
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *arguments, f"--token={token}"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    found = json.loads(done.stdout)
    if found["failed"] or set(found["statuses"]) != {"200"}:
        raise RuntimeError(f"the load failed: {found['statuses']}, {found['failed']} records")
    latencies = sorted(found["latencies_ms"])
    return Load(
        records_a_second=found["records"] / found["seconds"],
        p50_ms=statistics.median(latencies),
        p99_ms=latencies[int(len(latencies) * 0.99)],
        ingested=found["ingested"],
        skipped=found["skipped"],
    )


def memory_mib(gateway: RunningGateway) -> int:
    """Resident memory of the gateway."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


@contextmanager
def running(folder: Path) -> Iterator[tuple[RunningGateway, str, Path]]:
    """A gateway over a new data folder."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        root = Path(name)
        write_installation(root)
        token = token_of(root)
        gateway = start_gateway(root, {})
        try:
            yield gateway, token, root
        finally:
            os.kill(gateway.process.pid or 0, signal.SIGTERM)
            gateway.process.join()


def show(what: str, found: Load, gateway: RunningGateway) -> None:
    """A line of the table."""
    print(
        f"| {what} | {found.records_a_second:,.0f} | {found.p50_ms:.1f} | {found.p99_ms:.1f} | "
        f"{memory_mib(gateway)} |",
        flush=True,
    )


def header(title: str) -> None:
    """The head of a table."""
    print(f"\n{title}\n\n| | records/s | p50 ms | p99 ms | memory MiB |\n|---|---|---|---|---|")


def singles(gateway: RunningGateway, token: str, what: str) -> None:
    """Single records one after another, and batches of 1,000."""
    for size, batches in ((1, SINGLES), (1_000, 100)):
        found = load(gateway, token, batch=size, batches=batches, connections=1)
        show(f"{what}: {size} a request, one connection", found, gateway)


def by_size(folder: Path, title: str) -> None:
    """All batch sizes on one disk, then the same records again."""
    header(title)
    with running(folder) as (gateway, token, _):
        singles(gateway, token, "nothing stored")
        for size, batches, connections in SIZES:
            found = load(gateway, token, batch=size, batches=batches, connections=connections)
            show(f"{size} a request, {connections} connections", found, gateway)
        for _ in range(2):
            found = load(gateway, token, batch=1_000, batches=300, connections=4, prefix="replayed")
        if found.ingested:
            raise RuntimeError("records that were sent again were stored again")
        show("1000 a request, all sent before", found, gateway)


def by_history(folder: Path, *, stored: int, grown: int) -> None:
    """Single records after millions, sent through the API, and after many more keys."""
    header("With history")
    with running(folder) as (gateway, token, root):
        singles(gateway, token, "nothing stored")
        for million in range(stored // _MILLION):
            found = load(
                gateway,
                token,
                batch=FILL_BATCH,
                batches=_MILLION // FILL_BATCH,
                connections=4,
            )
            show(f"filling, million {million + 1}", found, gateway)
        wait_until_settled(root)
        singles(gateway, token, f"{stored / _MILLION:g} million stored")
    if grown:
        grow(folder, grown)


def wait_until_settled(root: Path) -> None:
    """Lets the background finish what the load left to it."""
    with sqlite3.connect(root / "gateway" / "state.sqlite") as state:
        until = time.monotonic() + 600
        while time.monotonic() < until:
            counts = [
                state.execute(f"SELECT count(*) FROM recent_{log}").fetchone()[0] for log in "ab"
            ]
            if min(counts) == 0:
                return
            time.sleep(0.5)
    raise RuntimeError("the keys were not settled within ten minutes")


def grow(folder: Path, keys: int) -> None:
    """A gateway whose tree of settled keys holds many millions."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        root = Path(name)
        write_installation(root)
        token = token_of(root)
        stop(start_gateway(root, {}))
        size = fill(root / "gateway" / "settled_keys.sqlite", keys)
        gateway = start_gateway(root, {})
        what = f"{keys / _MILLION:g} million stored ({size / 2**20:,.0f} MiB of keys)"
        singles(gateway, token, what)
        stop(gateway)


def stop(gateway: RunningGateway) -> None:
    """In order."""
    os.kill(gateway.process.pid or 0, signal.SIGTERM)
    gateway.process.join()


def fill(path: Path, keys: int) -> int:
    """Random keys in the order of the tree; the size of the file in bytes."""
    step = 2**64 // keys
    with sqlite3.connect(path, isolation_level=None) as settled:
        settled.execute("PRAGMA synchronous = OFF")
        settled.execute(
            "WITH RECURSIVE numbers (value) AS "
            "(SELECT 0 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?) "
            "INSERT INTO keys SELECT -9223372036854775807 - 1 + value * ? + abs(random()) % ?, "
            "random(), random() FROM numbers",
            (keys - 1, step, step),
        )
        settled.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def baseline(folder: Path, *, batch: int, batches: int) -> float:
    """Records a second of the same records into a table with a unique key."""
    prepared = [
        [
            tuple(
                record[name] for name in ("idempotency_key", "meter_id", "timestamp_utc", "value")
            )
            for record in records(first=at * batch, count=batch, prefix="baseline")
        ]
        for at in range(batches)
    ]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        connection = sqlite3.connect(Path(name) / "baseline.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE readings (key TEXT PRIMARY KEY, meter TEXT, time TEXT, value REAL)"
        )
        started = time.perf_counter()
        for rows in prepared:
            connection.execute("BEGIN")
            connection.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
        seconds = time.perf_counter() - started
        connection.close()
    return batch * batches / seconds


def judge_alone() -> None:
    """One record by the judge and by the short way, without HTTP and without storing."""
    from cei_assets.core.intake.batch_body import read_body
    from cei_assets.gateway.live_register import LiveRegister
    from cei_assets.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        write_installation(Path(name))
        register = LiveRegister(Settings(data_dir=Path(name)))
        body = read_body(json.dumps({"records": records(first=0, count=1, prefix="j")}).encode())
        facts: dict[str, Any] = {
            "organization_id": "acme",
            "received_at": datetime.now(tz=UTC).replace(tzinfo=None),
        }
        judge = register.current.judge
        short, whole = [], []
        for _ in range(200):
            started = time.perf_counter()
            plain = judge.judge_plain(body, **facts)
            judge.judge(body, plain=plain, **facts)
            between = time.perf_counter()
            judge.judge(body, plain=[None], **facts)
            short.append((between - started) * 1e3)
            whole.append((time.perf_counter() - between) * 1e3)
        print(
            f"\nOne record, judged: {statistics.median(whole):.1f} ms, by the short way "
            f"{statistics.median(short):.3f} ms"
        )


def main() -> None:
    """All tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=5_000_000)
    parser.add_argument("--grown", type=int, default=50_000_000)
    said = parser.parse_args()
    disk = Path(tempfile.gettempdir())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    by_size(disk, "On disk")
    if MEMORY_DISK.is_dir():
        by_size(MEMORY_DISK, "In memory: a sync costs nothing")
    for batch, batches in ((24, 1_500), (1_000, 300)):
        rate = baseline(disk, batch=batch, batches=batches)
        print(f"\nBaseline, bare SQLite, {batch} a commit: {rate:,.0f} records/s")
    by_history(disk, stored=said.stored, grown=said.grown)
    judge_alone()


if __name__ == "__main__":
    multiprocessing.set_start_method("forkserver")
    main()
