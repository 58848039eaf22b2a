"""Files of customer data as they land: pages of a pull with their sidecars, and dropped files."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.storage.archive import Receipt
from cei_assets.storage.paths import DataPaths
from tests.cds_segments import text_of
from tests.intake_drops import DAY, NOW, land, take_all


def pulled(**changes: object) -> dict[str, Any]:
    """The sidecar of a page of a pull, some members replaced; None leaves one out."""
    sidecar = {
        "server": "riverside",
        "batch_id": "cds-riverside-20260402T093000000000Z",
        "object": "usage_segments",
        "filters": {"after": "2026-02-15T05:00:00Z"},
        "grants": [{"id": "g-1", "status": "active", "access": "complete"}],
        "listing": "usage_segments/g-1/0",
        "page": 1,
        "pages": 2,
        "batch_files": 3,
        "observed_at": "2026-04-02T09:30:00.123456Z",
        "window": {"name": "hot", "since": "2026-02-15T05:00:00Z", "until": None},
        "timezone": "America/New_York",
        "timezone_from": "server",
        **changes,
    }
    return {name: member for name, member in sidecar.items() if member is not None}


def envelope(*segments: object, **members: object) -> str:
    """A page of segments."""
    return text_of({"usage_segments": list(segments), "next": None, "previous": None, **members})


def take_file(
    paths: DataPaths,
    content: str | bytes,
    *,
    sidecar: dict[str, Any] | str | None = None,
    name: str = "page.json",
    age: float = 60,
    at: datetime = NOW,
) -> Receipt:
    """The receipt of a file that was dropped with its sidecar and taken."""
    if sidecar is not None:
        text = sidecar if isinstance(sidecar, str) else json.dumps(sidecar)
        land(paths, f"{name}.drop.json", text, source="cds", age=age)
    land(paths, name, content, source="cds", age=age)
    (receipt,) = take_all(paths, source="cds", at=at)
    return receipt


def take_pages(paths: DataPaths, pages: Sequence[str], *, at: datetime = NOW) -> list[Receipt]:
    """Receipts of the pages of one listing, each observed a second after the one before."""
    observed = datetime.fromisoformat("2026-04-02T09:30:00")
    return [
        take_file(
            paths,
            page,
            sidecar=pulled(
                page=number,
                pages=len(pages),
                batch_files=len(pages),
                observed_at=f"{observed + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
            ),
            name=f"page-{number}.json",
            at=at,
        )
        for number, page in enumerate(pages)
    ]


def stored(paths: DataPaths, table: Table, *, days: Iterable[object] = (DAY,)) -> pa.Table:
    """All rows of a table of the days."""
    files = [
        file
        for day in days
        for file in sorted((paths.raw(table.name) / f"received_date={day}").glob("*.parquet"))
    ]
    parts = [pq.read_table(file, partitioning=None) for file in files]
    return pa.concat_tables(parts) if parts else arrow_schema(table).empty_table()
