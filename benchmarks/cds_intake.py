"""Taking in customer data: a full month of many meters, then the same pages with 1 % changed.

Run `python benchmarks/cds_intake.py [METERS]` from the repository; 1,000 meters are 2.9 million
values of 15 minutes in pages of 100 segments, as a pull lands them. The second time every segment
was synced anew and one in a hundred was modified; the pages are judged into the same data folder,
then once more where nothing is known. Wall and CPU seconds of `judge_cds_days` (judging, writing,
index, markers, outcomes) beside `json.loads` of the same bytes, decoded, that keeps nothing.
"""

import argparse
import json
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.settings import Settings
from cei_assets.storage.archive import Receipt
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.taking_in import claim, judge_cds_days

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 31
INTERVALS = DAYS * 96
PAGE = 100
FORMAT = {"id": "n", "type": "electric_usage", "units": "kWh", "direction": "forward"}


def segment(meter: int, *, synced: str, is_changed: bool) -> str:
    """A meter's month in the newest dialect, about 50 kB."""
    related = {"related_meterdevices": [f"meter-{meter}"], "related_servicepoints": [f"sp-{meter}"]}
    empty = ("aggregations", "accounts", "servicecontracts", "billsections")
    members = {
        "cds_usagesegment_id": f"segment-{meter}",
        "cds_created": "2026-04-01T00:00:00Z",
        "cds_modified": "2026-04-03T06:00:00Z" if is_changed else "2026-04-01T06:00:00Z",
        "cds_synced": synced,
        **related,
        **{f"related_{name}": [] for name in empty},
        "segment_start": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "segment_end": f"{START + timedelta(days=DAYS):%Y-%m-%dT%H:%M:%SZ}",
        "interval": 900,
        "formats": [{**FORMAT, "quality": "valid"}],
    }
    sets = (
        f'[{{"eu": {(meter * 31 + index * 7919) % 90_000 / 1000 + is_changed:.3f}}}]'
        for index in range(INTERVALS)
    )
    return f'{json.dumps(members)[:-1]}, "values": [{", ".join(sets)}]}}'


def drop(settings: Settings, meters: int, *, batch: int) -> int:
    """Lands the pages of a pull; of every hundredth segment a later batch has a new version."""
    folder = settings.paths.landing(UploadSource.CDS.value)
    folder.mkdir(parents=True, exist_ok=True)
    observed = datetime(2026, 4, 2 + batch, 9, tzinfo=UTC)
    pages = [range(first, min(first + PAGE, meters)) for first in range(0, meters, PAGE)]
    size = 0
    for number, page in enumerate(pages, start=1):
        segments = [
            segment(
                meter,
                synced=f"{observed:%Y-%m-%dT%H:%M:%SZ}",
                is_changed=batch > 0 and meter % 100 == 0,
            )
            for meter in page
        ]
        body = f'{{"usage_segments": [{", ".join(segments)}], "next": null, "previous": null}}'
        file = folder / f"batch-{batch}-usage_segments-{number:06}.json"
        file.write_text(body, encoding="utf-8")
        sidecar = {
            "server": "bench",
            "batch_id": f"batch-{batch}",
            "object": "usage_segments",
            "filters": {},
            "grants": [{"id": "g", "status": "active", "access": "complete"}],
            "listing": "usage_segments/g/0",
            "page": number,
            "pages": len(pages),
            "batch_files": len(pages),
            "observed_at": f"{observed:%Y-%m-%dT%H:%M:%S.%fZ}",
            "window": {"name": "full", "since": None, "until": None},
            "timezone": None,
        }
        file.with_name(f"{file.name}.drop.json").write_text(json.dumps(sidecar), encoding="utf-8")
        size += len(body)
    return size


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Wall and CPU seconds, and what came of it."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - cpu, found


def parse_alone(settings: Settings, receipts: tuple[Receipt, ...]) -> None:
    """`json.loads` of every page, which keeps nothing."""
    for receipt in receipts:
        json.loads(settings.paths.archived(receipt.sha256).read_bytes().decode())


def show(name: str, measured: tuple[float, float, object], *, rows: int) -> None:
    """One line."""
    wall, cpu, _ = measured
    print(f"{name:<44} {wall:7.2f} s wall {cpu:7.2f} s CPU {rows / wall:12,.0f} rows/s")


def take(
    settings: Settings, meters: int, *, batch: int, received_at: datetime
) -> tuple[Receipt, ...]:
    """The receipts of the pages of a batch."""
    size = drop(settings, meters, batch=batch)
    print(f"batch {batch}: {size / 1e6:.1f} MB")
    time.sleep(settings.settle_seconds)
    claimed = claim(UploadSource.CDS, settings=settings, received_at=received_at)
    if claimed.problems:
        raise claimed.problems[0]
    return claimed.receipts


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meters", nargs="?", type=int, default=1_000)
    meters: int = parser.parse_args().meters
    rows = meters * INTERVALS
    root = Path(tempfile.mkdtemp(prefix="cds-intake-"))
    settings = Settings(data_dir=root, settle_seconds=0.1)
    ensure_layout(settings.paths)
    first_day, second_day = (
        datetime(2026, 4, day, 12, tzinfo=UTC).replace(tzinfo=None) for day in (5, 6)
    )
    try:
        print(f"Python {platform.python_version()}, {meters} meters, {rows:,} rows")
        first = take(settings, meters, batch=0, received_at=first_day)
        show("json.loads alone", timed(lambda: parse_alone(settings, first)), rows=rows)
        judged = timed(lambda: judge_cds_days([first_day.date()], settings=settings))
        show("full", judged, rows=rows)
        print(f"  {judged[2]}")
        take(settings, meters, batch=1, received_at=second_day)
        again = timed(lambda: judge_cds_days([second_day.date()], settings=settings))
        show("again, 1 % changed", again, rows=rows)
        print(f"  {again[2]}")
        (settings.paths.state / "cds_versions.sqlite").unlink()
        blind = timed(lambda: judge_cds_days([second_day.date()], settings=settings, force=True))
        show("the same where nothing is known", blind, rows=rows)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"peak memory {peak:,.0f} MB; again / full {again[1] / judged[1]:.1%} of the CPU time"
        )
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
