"""The Parquet and JSON that dbt reads, written from rows; the intake code has no part in it."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_hand_over import CDS_DAYS, CDS_READINGS
from cei_assets.contracts.tables.dbt_models import SOURCES

Row = Mapping[str, Any]
TABLES = {table.name: table for tables in SOURCES.values() for table in tables}
EMPTY_DAY = date(1970, 1, 1)


def write_rows(table: Table, rows: Iterable[Row], path: Path) -> None:
    """One Parquet file with the contract's schema; a column that a row leaves out is null."""
    schema = arrow_schema(table)
    listed = list(rows)
    arrays = [
        pa.array([row.get(name) for row in listed], schema.field(name).type)
        for name in schema.names
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One arrival of a file with what intake made of it."""

    receipt_id: str
    received_at_utc: datetime
    upload_source: str = "csv_drop"
    readings: Sequence[Row] = ()
    temperatures: Sequence[Row] = ()
    rejects: Sequence[Row] = ()

    @property
    def received_date(self) -> date:
        return self.received_at_utc.date()


@dataclass(kw_only=True)
class DataDirectory:
    """A data directory as intake and analysis leave it for dbt."""

    root: Path
    pending: list[Receipt] = field(default_factory=list)

    def __post_init__(self) -> None:
        for table in SOURCES["intake"]:
            write_rows(table, [], self._intake_file(table.name, EMPTY_DAY, "empty"))
        for table in SOURCES["analysis"]:
            self.write_analysis(table.name, [])
        for table in SOURCES["register"]:
            self.write_register(table.name, [])
        self.hand_over([], changed=[])

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse" / "cei.duckdb"

    def write_register(self, name: str, rows: Iterable[Row]) -> None:
        write_rows(TABLES[name], rows, self.root / "raw" / "register" / f"{name}.parquet")

    def write_analysis(self, name: str, rows: Sequence[Row]) -> None:
        """Replace what the analysis wrote to a table, in its monthly files where it has them."""
        table = TABLES[name]
        folder = self.root / "analysis" / name
        if "usage_month" not in table.column_names:
            write_rows(table, rows, folder / "part.parquet")
            return
        empty = folder / f"usage_month={EMPTY_DAY}" / "empty.parquet"
        if not empty.exists():
            write_rows(table, [], empty)
        for month in sorted({row["usage_month"] for row in rows}):
            in_month = [row for row in rows if row["usage_month"] == month]
            write_rows(table, in_month, folder / f"usage_month={month}" / "part.parquet")

    def hand_over(self, readings: Sequence[Row], *, changed: Iterable[Row]) -> None:
        """Replace what CDS handed over, in its monthly files, and tell which meter days changed."""
        folder = self.root / "cds" / CDS_READINGS.name
        shutil.rmtree(folder, ignore_errors=True)
        write_rows(CDS_READINGS, [], folder / f"usage_month={EMPTY_DAY}" / "empty.parquet")
        for month in sorted({row["usage_month"] for row in readings}):
            in_month = [row for row in readings if row["usage_month"] == month]
            write_rows(CDS_READINGS, in_month, folder / f"usage_month={month}" / "part.parquet")
        write_rows(CDS_DAYS, changed, self.root / "raw" / "build" / f"{CDS_DAYS.name}.parquet")

    def receive(self, receipt: Receipt) -> None:
        """Write a receipt's files; it is pending until `built`."""
        common = {
            "receipt_id": receipt.receipt_id,
            "received_at_utc": receipt.received_at_utc,
            "received_date": receipt.received_date,
            "upload_source": receipt.upload_source,
        }
        outcome = common | {
            "original_filename": f"{receipt.receipt_id}.csv",
            "sha256": "0" * 64,
            "size_bytes": 1,
            "status": "accepted",
            "rows_read": len(receipt.readings) + len(receipt.temperatures) + len(receipt.rejects),
            "rows_accepted": len(receipt.readings) + len(receipt.temperatures),
            "rows_rejected": len(receipt.rejects),
            "rows_exact_duplicate": 0,
            "judgement_id": "j",
        }
        tables: dict[str, Sequence[Row]] = {
            "readings": receipt.readings,
            "temperatures": receipt.temperatures,
            "rejects": receipt.rejects,
            "outcomes": [outcome],
        }
        for name, rows in tables.items():
            numbered = [
                {"line_number": line} | common | dict(row) for line, row in enumerate(rows, start=2)
            ]
            file = self._intake_file(name, receipt.received_date, receipt.receipt_id)
            write_rows(TABLES[name], numbered, file)
        self.pending.append(receipt)

    def prepare_build(
        self, *, as_of: datetime, previous: datetime | None, is_full: bool = False
    ) -> None:
        """Write what raw/build tells dbt."""
        folder = self.root / "raw" / "build"
        folder.mkdir(parents=True, exist_ok=True)
        parameters = {
            "as_of_utc": as_of.isoformat(),
            "previous_as_of_utc": previous.isoformat() if previous else None,
            "is_full_refresh": is_full,
        }
        receipts = [
            {"receipt_id": one.receipt_id, "received_date": one.received_date.isoformat()}
            for one in self.pending
        ]
        (folder / "parameters.json").write_text(json.dumps([parameters]))
        (folder / "pending_receipts.json").write_text(json.dumps(receipts))

    def built(self) -> None:
        """The build succeeded: nothing is pending."""
        self.pending.clear()

    def _intake_file(self, name: str, received: date, receipt_id: str) -> Path:
        return self.root / "raw" / name / f"received_date={received}" / f"{receipt_id}.parquet"
