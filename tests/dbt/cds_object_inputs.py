"""Customer data as intake leaves it for dbt: bodies read by the real judge, as raw Parquet."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from parquet_inputs import write_rows

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS, CDS_REGISTER_TABLES
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import judge_cds
from cei_assets.storage.cds_hand_over import ensure_cds_hand_over
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES, ensure_cds_layout
from cei_assets.storage.paths import DataPaths
from tests.cds_segments import text_of

SERVER = "utility"
REGISTER = {table.name: table for table in CDS_REGISTER_TABLES}
ONCE_A_VERSION = ("cds_intervals", "cds_relations", "cds_supply_mix", "cds_costs")
OF_SEGMENTS = ("segments", "intervals", "relations", "supply_mix", "costs", "rejects")
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which listing a file is a page of; `number` counts from 0."""

    batch: str
    kind: str
    listing: int = 1
    number: int = 0
    count: int = 1
    grants: str | None = None
    access: str = "complete"
    is_filtered: bool = False
    since: datetime | None = None
    until: datetime | None = None
    timezone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Drop:
    """One file: lists of objects by their key, when it was observed, and its place in a pull."""

    receipt_id: str
    observed_at: datetime
    body: Mapping[str, Sequence[Row]]
    server: str = SERVER
    page: Page | None = None


@dataclass(kw_only=True)
class CdsDirectory:
    """A data folder with customer data; `stored` are the versions whose rows some file holds."""

    root: Path
    pending: list[Drop] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        ensure_cds_layout(self.paths)
        ensure_cds_hand_over(self.paths)

    @property
    def paths(self) -> DataPaths:
        return DataPaths(root=self.root)

    def write_register(self, name: str, rows: Iterable[Row]) -> None:
        write_rows(REGISTER[name], rows, self.paths.raw_cds_register / f"{name}.parquet")

    def receive(self, drop: Drop) -> None:
        """Judge a file and write the tables that have rows; it is pending until `built`."""
        day = drop.observed_at.date()
        verdict = judge_cds(
            text_of(drop.body).encode(),
            source=CdsSource(
                receipt_id=drop.receipt_id, server=drop.server, observed_at_utc=drop.observed_at
            ),
        )
        assert not verdict.refusals, verdict.refusals
        tables = {f"cds_{name}": getattr(verdict.tables, name) for name in OF_SEGMENTS}
        for name in ONCE_A_VERSION:
            tables[name] = self._unstored(tables[name])
        self.stored |= set(verdict.tables.segments["segment_version_id"].to_pylist())
        tables |= verdict.tables.objects
        tables[CDS_LISTINGS.name] = _listing(drop)
        for name, table in tables.items():
            if table.num_rows == 0:
                continue
            file = self.paths.raw_partition(name, day) / f"{drop.receipt_id}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, file)
        self.pending.append(drop)

    def _unstored(self, table: pa.Table) -> pa.Table:
        """Rows of versions that no other file has brought, as intake's index knows them."""
        known = pa.array(sorted(self.stored), pa.string())
        return table.filter(pc.invert(pc.is_in(table["segment_version_id"], known)))

    def prepare_build(self, *, as_of: datetime, is_full: bool = False) -> None:
        """Write what raw/build tells dbt."""
        self.paths.build.mkdir(parents=True, exist_ok=True)
        row = {
            "as_of_utc": as_of.isoformat(),
            "previous_as_of_utc": None if is_full else as_of.isoformat(),
            "is_full_refresh": is_full,
        }
        receipts = [
            {"receipt_id": drop.receipt_id, "received_date": f"{drop.observed_at:%Y-%m-%d}"}
            for drop in self.pending
        ]
        (self.paths.build / "cds_parameters.json").write_text(json.dumps([row]))
        (self.paths.build / "cds_pending_receipts.json").write_text(json.dumps(receipts))

    def built(self) -> None:
        """The build succeeded: nothing is pending."""
        self.pending.clear()

    def forget_files(self) -> None:
        """Take away all that was received; the warehouse stays."""
        for table in CDS_INTAKE_TABLES:
            for folder in self.paths.raw(table.name).glob("received_date=2*"):
                shutil.rmtree(folder)
        self.stored.clear()
        self.pending.clear()

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What the warehouse answers."""
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _listing(drop: Drop) -> pa.Table:
    page = drop.page
    rows = (
        []
        if page is None
        else [
            {
                "receipt_id": drop.receipt_id,
                "received_date": drop.observed_at.date(),
                "cds_server": drop.server,
                "batch_id": page.batch,
                "object_kind": page.kind,
                "listing_number": page.listing,
                "page_number": page.number,
                "page_count": page.count,
                "batch_file_count": page.count,
                "window_since_utc": page.since,
                "window_until_utc": page.until,
                "is_filtered": page.is_filtered,
                "cds_access": page.access,
                "grant_ids": page.grants,
                "observed_at_utc": drop.observed_at,
                "server_timezone": page.timezone,
            }
        ]
    )
    return pa.Table.from_pylist(rows, schema=arrow_schema(CDS_LISTINGS))
