"""The programme's files as register, ledger and sealed runs leave them for dbt, from plain rows.

Uploads go through the real ordered pass; their verdicts on form and content are stated here.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from parquet_inputs import write_rows

from cei_assets.contracts.csi_vocabulary import LateDecision
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import (
    CSI_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_PAYMENT_LINES,
    CSI_PAYMENT_RUNS,
    CSI_REGISTER_TABLES,
    CSI_UPLOADS,
)
from cei_assets.core.csi.ledger import adjudicate
from cei_assets.core.csi.months import due_at_utc, is_late, month_interval_ends_pst
from cei_assets.core.csi.program import CsiRegister, LateDecisionMade, Replacement
from cei_assets.storage.csi_layout import ensure_csi_layout
from cei_assets.storage.paths import DataPaths

ZONE = "America/Los_Angeles"
REGISTER = {table.name: table for table in CSI_REGISTER_TABLES}
ENERGY = ("solar_btu", "total_btu")
BACKUPS = ("backup_gas_therms", "backup_electric_kwh", "backup_propane_therms")
Cell = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One application report; `cells` are its filled intervals by their place in the month."""

    receipt_id: str
    application_id: str
    application_month: date
    submitted_at_utc: datetime
    cells: Mapping[int, Cell] = field(default_factory=dict)
    content_result: str = "Success"
    file_type: str = "application_interval"

    @property
    def is_late(self) -> bool:
        return is_late(self.submitted_at_utc, month=self.application_month, zone=ZONE)

    def total(self, column: str) -> int | Decimal | None:
        """Sum of a column; None when no cell is filled."""
        filled = [cell[column] for cell in self.cells.values() if cell.get(column) is not None]
        return sum(filled) if filled else None


@dataclass(kw_only=True)
class CsiDirectory:
    """A data folder of the programme."""

    root: Path
    replacements: list[Mapping[str, Any]] = field(default_factory=list)
    late_decisions: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        ensure_csi_layout(self.paths)

    @property
    def paths(self) -> DataPaths:
        return DataPaths(root=self.root)

    def write_applications(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._write_register("applications", rows)

    def write_decisions(self, *, known_at: datetime) -> None:
        """Authorisations and late decisions that were made by a time."""
        self._write_register(
            "replacements", (r for r in self.replacements if r["authorized_at_utc"] <= known_at)
        )
        self._write_register(
            "late_decisions",
            (r for r in self.late_decisions if r["late_decided_at_utc"] <= known_at),
        )

    def write_uploads(self, uploads: Sequence[Upload]) -> pa.Table:
        """Ledger and intervals of these uploads, which are all there are; yields the ledger."""
        received = pa.Table.from_pylist(
            [_judged(each) for each in uploads], schema=arrow_schema(CSI_UPLOADS)
        )
        ledger = adjudicate(
            received,
            findings=arrow_schema(CSI_FINDINGS).empty_table(),
            register=CsiRegister(
                replacements=tuple(_replacement(row) for row in self._read("replacements")),
                late_decisions=tuple(_decision(row) for row in self._read("late_decisions")),
            ),
        )
        self.write_ledger(ledger.uploads)
        pq.write_table(ledger.findings, self.paths.csi("findings") / "part.parquet")
        held = {
            row["receipt_id"]
            for row in ledger.uploads.to_pylist()
            if row["effective_from_utc"] is not None
        }
        months = defaultdict(list)
        for upload in uploads:
            if upload.receipt_id in held:
                months[upload.application_month].append(upload)
        for month, reports in months.items():
            self._write_month(month, reports)
        return ledger.uploads

    def write_ledger(self, uploads: pa.Table) -> None:
        pq.write_table(uploads, self.paths.csi("ledger") / "part.parquet")

    def prepare_build(
        self, *, as_of: datetime, catch_up: str = "pay", is_full: bool = False
    ) -> None:
        folder = self.root / "raw" / "build"
        folder.mkdir(parents=True, exist_ok=True)
        row = {
            "as_of_utc": as_of.isoformat(sep=" "),
            "is_full_refresh": is_full,
            "catch_up_setting": catch_up,
        }
        (folder / "csi_parameters.json").write_text(json.dumps([row]))

    def seal(self, *, sealed_at: datetime) -> None:
        """Keep the runs and lines that the warehouse holds and that are not sealed yet."""
        for table, model in (
            (CSI_PAYMENT_RUNS, "intermediate.int_csi_runs"),
            (CSI_PAYMENT_LINES, "marts.fct_csi_payments"),
        ):
            rows = [
                row | {"sealed_at_utc": sealed_at}
                for row in self.rows(f"select * from {model} where sealed_at_utc is null")
            ]
            for quarter in sorted({row["run_quarter"] for row in rows}):
                write_rows(
                    table,
                    [row for row in rows if row["run_quarter"] == quarter],
                    self.paths.csi(table.name) / f"{quarter}.parquet",
                )

    def unseal(self) -> None:
        for table in (CSI_PAYMENT_RUNS, CSI_PAYMENT_LINES):
            for file in self.paths.csi(table.name).glob("2*.parquet"):
                file.unlink()

    def rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _read(self, name: str) -> list[dict[str, Any]]:
        rows = pq.read_table(self.paths.raw_csi_register / f"{name}.parquet").to_pylist()
        return list(rows)

    def _write_register(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        write_rows(REGISTER[name], rows, self.paths.raw_csi_register / f"{name}.parquet")

    def _write_month(self, month: date, uploads: Sequence[Upload]) -> None:
        folder = self.paths.csi("intervals") / f"application_month={month.isoformat()}"
        table = pa.concat_tables([_intervals(upload) for upload in uploads])
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "part.parquet"
        if not file.exists() or not pq.read_table(file, partitioning=None).equals(table):
            pq.write_table(table, file)


def _judged(upload: Upload) -> dict[str, Any]:
    is_good = upload.content_result == "Success"
    return {
        "receipt_id": upload.receipt_id,
        "upload_source": "csi_application",
        "original_filename": f"{upload.receipt_id}.csv",
        "sha256": "0" * 64,
        "size_bytes": 1,
        "received_at_utc": upload.submitted_at_utc,
        "received_date": upload.submitted_at_utc.date(),
        "application_id": upload.application_id,
        "application_month": upload.application_month,
        "file_type": upload.file_type,
        "uploader_pdp": "p",
        "form_filename": "report.csv",
        "submitted_at_utc": upload.submitted_at_utc,
        "due_at_utc": due_at_utc(upload.application_month, zone=ZONE),
        "csi_is_late": upload.is_late,
        "content_result": upload.content_result,
        "data_rows": len(month_interval_ends_pst(upload.application_month)) if is_good else 0,
        **{f"{column}_sum": upload.total(column) for column in (*ENERGY, *BACKUPS)},
        "finding_count": 0 if is_good else 1,
        "warning_count": 0,
        "validator_version": "1",
        "template_version": "2013-09",
        "judgement_id": "j",
    }


def _replacement(row: Mapping[str, Any]) -> Replacement:
    decision = row["late_decision"]
    return Replacement(**{**row, "late_decision": LateDecision(decision) if decision else None})


def _decision(row: Mapping[str, Any]) -> LateDecisionMade:
    return LateDecisionMade(**{**row, "late_decision": LateDecision(row["late_decision"])})


def _intervals(upload: Upload) -> pa.Table:
    """The month's whole grid; the month itself stands in the folder's name too."""
    schema = arrow_schema(CSI_LEDGER_INTERVALS)
    ends = month_interval_ends_pst(upload.application_month)
    rows: list[Cell] = [upload.cells.get(place, {}) for place in range(len(ends))]
    fixed: dict[str, list[Any]] = {
        "application_month": [upload.application_month] * len(ends),
        "application_id": [upload.application_id] * len(ends),
        "receipt_id": [upload.receipt_id] * len(ends),
        "line_number": list(range(2, len(ends) + 2)),
        "interval_end_pst": list(ends),
        "interval_end_utc": [end + timedelta(hours=8) for end in ends],
        "is_catch_up": [bool(row.get("is_catch_up")) for row in rows],
    }
    arrays = [
        pa.array(fixed.get(name) or [row.get(name) for row in rows], schema.field(name).type)
        for name in schema.names
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def application(application_id: str, **changes: object) -> dict[str, Any]:
    """A two-tank gas system with a term of 24 months from September 2013 on, as a register row."""
    row: dict[str, Any] = {
        "application_id": application_id,
        "program_administrator": application_id[:3],
        "pdp_id": "p",
        "tank_configuration": 2,
        "backup_type": "gas",
        "displaced_fuel": "gas",
        "icf_approved": date(2013, 8, 14),
        "capacity_kwth": Decimal(100),
        "baseline_efficiency": Decimal("0.82"),
        "rate": Decimal("7.27"),
        "rate_unit": "therm",
        "incentive_cap": None,
        "first_data_month": date(2013, 9, 1),
        "last_data_month": date(2015, 8, 1),
        "conversion_method": "delivered_energy",
        "valid_from_month": None,
        "valid_to_month": None,
    }
    return row | changes
