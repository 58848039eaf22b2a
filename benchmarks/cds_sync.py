"""A month of 15-minute customer data from a server to hourly facts, beside `json.loads` alone.

Run `python benchmarks/cds_sync.py [METERS [DAYS]]` from the repository; default 1,000 and 31. The
server (real HTTP, one segment a meter and day, 100 a page) answers from pages made beforehand, in
this process; what it has is not timed. Every meter is mapped. First everything is pulled and built
(`cei pull cds`, `cei run`), then once more after 1 % of the segments were revised: the listing has
no filter for what changed, so all pages come again. A sync is everything from the start of the pull
to published facts, checks and start-up included; the analysis and reports of `cei run` that follow
are shown and not counted. `json.loads` reads the same bytes and keeps nothing.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

# The mock server is part of the tests, which are not installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cei_assets.settings import Settings
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv
from tests.cds_mock_bodies import instant
from tests.cds_mock_server import CLIENT_ID, SECRET, USAGE_SCOPE, CdsMock, Reply, Request

START = datetime(2026, 3, 1, tzinfo=UTC)
MODIFIED = datetime(2026, 4, 1, tzinfo=UTC)
SYNCS = (("full sync", "2026-04-02T06:00:00Z"), ("1 % revised", "2026-04-03T06:00:00Z"))
PAGE_ITEMS = 100
SLOTS = 96
CHANGED_EVERY = 100
SERVER = "bench"
SEED = 20260101
# The job of `cei run` that follows the published facts.
AFTERWARDS = "analyse"
CEI = [sys.executable, "-c", "from cei_assets.cli.app import main; main()"]


class PagedServer(CdsMock):
    """The mock server with pages as bytes: listing and checking them is not what is timed."""

    def __init__(self, pages: list[bytes]) -> None:
        super().__init__(store={"usage_segments": []})
        self.pages = pages

    def endpoints(self) -> dict[str, str]:
        """Usage alone."""
        return {"cds_usagesegments_api": f"{self.url}/api/customerdata/v1/usage_segments"}

    def _listing(self, table: str, request: Request) -> Reply:
        del table
        number = int(request.query.get("page", "0"))
        url = f"{self.url}{request.path}?page={number + 1}"
        following = json.dumps(url if number + 1 < len(self.pages) else None).encode()
        body = b'{"usage_segments": [%s], "next": %s}' % (self.pages[number], following)
        return Reply(body=body, headers={"Content-Type": "application/json"})


def segments(meters: int, days: int) -> list[bytes]:
    """One segment a meter and day."""
    chance = random.Random(SEED)  # noqa: S311  # invented values
    return [
        _segment(chance, meter, day, modified=MODIFIED)
        for meter in range(meters)
        for day in range(days)
    ]


def revised(bodies: list[bytes], days: int) -> list[bytes]:
    """Every hundredth segment anew, as of a day later."""
    chance = random.Random(SEED + 1)  # noqa: S311  # invented values
    modified = MODIFIED + timedelta(days=1)
    return [
        _segment(chance, *divmod(number, days), modified=modified)
        if number % CHANGED_EVERY == 0
        else body
        for number, body in enumerate(bodies)
    ]


def _segment(chance: random.Random, meter: int, day: int, *, modified: datetime) -> bytes:
    start = START + timedelta(days=day)
    values = ", ".join(f'[{{"eu": {chance.randrange(4000) / 1000:.3f}}}]' for _ in range(SLOTS))
    head = {
        "cds_usagesegment_id": f"use-{meter}-{day}",
        "cds_created": instant(MODIFIED),
        "cds_modified": instant(modified),
        "cds_synced": instant(modified),
        "related_aggregations": [],
        "related_accounts": ["acc-1"],
        "related_servicecontracts": [f"con-{meter}"],
        "related_servicepoints": [f"pnt-{meter}"],
        "related_meterdevices": [f"met-{meter}"],
        "related_billsections": [],
        "segment_start": instant(start),
        "segment_end": instant(start + timedelta(days=1)),
        "interval": 900,
        "formats": [
            {"id": "f", "type": "electric_usage", "units": "kWh", "direction": "forward",
             "quality": "valid"}
        ],
    }  # fmt: skip
    return f'{json.dumps(head)[:-1]}, "values": [{values}]}}'.encode()


def paged(bodies: list[bytes]) -> list[bytes]:
    """What stands in the lists of the pages."""
    return [
        b", ".join(bodies[first : first + PAGE_ITEMS])
        for first in range(0, len(bodies), PAGE_ITEMS)
    ]


def write_register(paths: DataPaths, *, meters: int, metadata_url: str) -> None:
    """One site, its meters, the server, and which of its meters stands for which."""
    rows = [
        f"site,m{meter},Meter {meter},{'submeter,m0' if meter else 'main_incomer,'},900,start,"
        "2026-03-01,2026-03-31"
        for meter in range(meters)
    ]
    header = (
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from,expected_to"
    )
    mapping = "cds_server,resource_kind,cds_reference,site_id,meter_id,mapped_direction,mapped_from"
    texts = {
        "organizations": "organization_id,organization_name\nacme,Acme",
        "sites": (
            "site_id,organization_id,site_name,timezone,country\nsite,acme,Plant,Europe/Rome,IT"
        ),
        "meters": "\n".join([header, *rows]),
        "cds_meters": "\n".join(
            [
                f"{mapping},mapped_to",
                *(
                    f"{SERVER},meter_device,met-{meter},site,m{meter},forward,,"
                    for meter in range(meters)
                ),
            ]
        ),
    }
    write_register_csv(paths, {name: f"{text}\n" for name, text in texts.items()})
    (paths.register / "cds_servers.toml").write_text(
        f'[{SERVER}]\nmetadata_url = "{metadata_url}"\nclient_id = "{CLIENT_ID}"\n'
        f'scopes = ["{USAGE_SCOPE}"]\n',
        encoding="utf-8",
    )


def json_alone(pages: list[bytes]) -> float:
    """Seconds in which `json.loads` reads the same lists."""
    started = time.perf_counter()
    for page in pages:
        json.loads(b"[%s]" % page)
    return time.perf_counter() - started


@dataclass
class Timed:
    """Wall seconds of a command: by step, of all of it, and until what follows the facts."""

    steps: dict[str, float]
    total: float = 0.0
    to_facts: float = 0.0


def cei(data_dir: Path, *arguments: str, as_of: str) -> Timed:
    """Run a command to its end; sys.exit with what it said when it fails."""
    timed = Timed(steps={})
    began: dict[str, float] = {}
    started = time.perf_counter()
    with subprocess.Popen(
        [*CEI, *arguments, "--data-dir", str(data_dir), "--as-of", as_of],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ
        | {"CEI_SETTLE_SECONDS": "0", "PYTHONUNBUFFERED": "1", "CEI_CDS_BENCH_SECRET": SECRET},
    ) as running:  # fmt: skip
        said = []
        for line in running.stdout or ():
            said.append(line)
            now = time.perf_counter()
            step, _, state = line.strip().rpartition(" ")
            if state == "started":
                began[step] = now
            elif state == "done" and step in began:
                timed.steps[step] = timed.steps.get(step, 0.0) + now - began.pop(step)
            elif line.startswith(AFTERWARDS):
                timed.to_facts = now - started
    if running.returncode != 0:
        sys.exit("".join(said))
    timed.total = time.perf_counter() - started
    return timed


def counts(data_dir: Path) -> str:
    """What came out, so that a fast run that did nothing shows."""
    published = Settings(data_dir=data_dir).paths.published
    with duckdb.connect(str(published), read_only=True) as connection:
        (found,) = connection.execute(
            "select format('{} readings, {} hours, {} kWh, versions: {} current, {} superseded', "
            "(select count(*) from marts.fct_interval_readings), "
            "(select count(*) from marts.fct_usage_hourly), "
            "(select sum(hour_usage_kwh) from marts.fct_usage_hourly), "
            "count(*) filter (where version_status = 'current'), "
            "count(*) filter (where version_status = 'superseded')) "
            "from marts.fct_usage_segments"
        ).fetchall()
    return str(found[0])


def peak() -> float:
    """Resident memory of the largest process that was started, MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print the steps of both syncs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("meters", type=int, nargs="?", default=1000)
    parser.add_argument("days", type=int, nargs="?", default=31)
    wanted = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )
    bodies = segments(wanted.meters, wanted.days)
    pages = paged(bodies)
    rows = len(bodies) * SLOTS
    size = sum(map(len, pages)) / 1e6
    print(f"{wanted.meters:,} meters, {rows:,} intervals, {len(pages):,} pages, {size:,.1f} MB")
    alone = json_alone(pages)
    print(f"json.loads alone{alone:24.1f} s{rows / alone:14,.0f} rows/s", flush=True)
    server = PagedServer(pages)
    with tempfile.TemporaryDirectory() as folder, server:
        data_dir = Path(folder)
        paths = Settings(data_dir=data_dir).paths
        ensure_layout(paths)
        write_register(paths, meters=wanted.meters, metadata_url=server.metadata_url)
        for name, as_of in SYNCS:
            pulled = cei(data_dir, "pull", "cds", "--server", SERVER, as_of=as_of)
            run = cei(data_dir, "run", as_of=as_of)
            sync = pulled.total + run.to_facts
            print(f"\n{name}")
            for step, seconds in ({"pull": pulled.total} | run.steps).items():
                print(f"  {step:<40}{seconds:8.1f} s")
            print(f"  {'sync, to published facts':<40}{sync:8.1f} s{rows / sync:14,.0f} rows/s")
            print(f"  {'with analysis and reports':<40}{pulled.total + run.total:8.1f} s")
            print(f"  peak so far {peak():,.0f} MiB; {counts(data_dir)}", flush=True)
            server.pages = paged(revised(bodies, wanted.days))


if __name__ == "__main__":
    main()
