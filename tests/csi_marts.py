"""Published marts of the CSI-Thermal programme, filled by hand with the contract's columns."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.csi_models import CSI_MARTS
from cei_assets.core.csi.months import due_at_utc, next_month

Row = dict[str, Any]
Marts = Mapping[str, Sequence[Row]]
ZONE = "America/Los_Angeles"
MONTH = date(2013, 9, 1)


def application(application_id: str = "SCG-00987", **changes: object) -> Row:
    """An application as dim_csi_applications holds it: 1 tank, gas, 0.82, 7.27 USD a therm."""
    row: Row = {
        "application_id": application_id,
        "program_administrator": application_id[:3],
        "pdp_id": "sunmetrics",
        "tank_configuration": 1,
        "backup_type": "gas",
        "displaced_fuel": "gas",
        "icf_approved": date(2013, 8, 14),
        "capacity_kwth": Decimal(300),
        "baseline_efficiency": Decimal("0.82"),
        "rate": Decimal("7.27"),
        "rate_unit": "therm",
        "incentive_cap": Decimal("500000.00"),
        "first_data_month": MONTH,
        "last_data_month": date(2015, 8, 1),
        "conversion_method": "delivered_energy",
        "valid_from_month": date(2013, 1, 1),
    }
    return row | changes


def upload(receipt_id: str, *, month: date | None = MONTH, **changes: object) -> Row:
    """A successful upload on the 20th of the following month, in force."""
    submitted = at("2013-10-20T12:00") if month is None else _on_time(month)
    row: Row = {
        "receipt_id": receipt_id,
        "upload_source": "csi_application",
        "original_filename": f"{receipt_id}.csv",
        "sha256": hashlib.sha256(receipt_id.encode()).hexdigest(),
        "size_bytes": 198_412,
        "received_at_utc": submitted,
        "application_id": "SCG-00987",
        "application_month": month,
        "file_type": "application_interval",
        "uploader_pdp": "sunmetrics",
        "form_filename": "report.csv",
        "submitted_at_utc": submitted,
        "due_at_utc": None if month is None else due_at_utc(month, zone=ZONE),
        "csi_is_late": False,
        "attempt_number": 1,
        "csi_result": "Success",
        "content_result": "Success",
        "is_effective": True,
        "effective_from_utc": submitted,
        "data_rows": 2880,
        "empty_intervals": 12,
        "zero_intervals": 1400,
        "total_btu_sum": Decimal(57_366_132),
        "backup_gas_therms_sum": Decimal("250.57629"),
        "finding_count": 0,
        "warning_count": 1,
        "validator_version": "1",
        "template_version": "2013-09",
        "program_administrator": "SCG",
    }
    return row | changes


def failure(receipt_id: str, *, month: date | None = MONTH, **changes: object) -> Row:
    """An upload that failed for its content."""
    failed = {
        "csi_result": "Failure",
        "content_result": "Failure",
        "is_effective": False,
        "effective_from_utc": None,
        "finding_count": 1,
    }
    return upload(receipt_id, month=month, **failed) | changes


def finding(receipt_id: str, number: int = 1, **changes: object) -> Row:
    """A rejecting finding of rule R08."""
    row: Row = {
        "receipt_id": receipt_id,
        "application_id": "SCG-00987",
        "application_month": MONTH,
        "finding_number": number,
        "csi_rule": "CSI-R08",
        "csi_severity": "reject",
        "line_number": 62,
        "column_letter": "E",
        "column_name": "Total BTUs delivered (1-Tank System)",
        "finding_value": "1234.5",
        "message": "CSI-R08 line 62, column E: value '1234.5' is not an integer. Write whole BTU.",
        "rule_count": 3,
    }
    return row | changes


def calendar_month(application_id: str, month: date, status: str, **changes: object) -> Row:
    """A month of a term with its status."""
    has_success = status.startswith("success")
    row: Row = {
        "application_id": application_id,
        "application_month": month,
        "program_administrator": application_id[:3],
        "pdp_id": "sunmetrics",
        "due_at_utc": due_at_utc(month, zone=ZONE),
        "calendar_status": status,
        "receipt_id": "r1" if has_success else None,
        "attempts": 1 if has_success else 0,
        "failures": 0,
    }
    return row | changes


def month_quantity(
    application_id: str = "SCG-00987", month: date = MONTH, **changes: object
) -> Row:
    """An accepted month of the specification's worked example: 449.0107 therm."""
    days = (next_month(month) - month).days
    row: Row = {
        "application_id": application_id,
        "application_month": month,
        "receipt_id": "r1",
        "tank_configuration": 1,
        "backup_type": "gas",
        "displaced_fuel": "gas",
        "conversion_method": "delivered_energy",
        "baseline_efficiency": Decimal("0.82"),
        "rate": Decimal("7.27"),
        "rate_unit": "therm",
        "interval_count": days * 96,
        "grid_intervals": days * 96,
        "empty_intervals": 12,
        "zero_intervals": 1400,
        "unpaired_intervals": 0,
        "negative_backup_intervals": 0,
        "catch_up_intervals": 0,
        "held_catch_up_intervals": 0,
        "delivered_btu": Decimal(57_366_132),
        "backup_input_btu": Decimal("25057629.0"),
        "displaced_quantity": Decimal("449.0107"),
        "quantity_unit": "therm",
        "csi_is_late": False,
        "payable_status": "payable",
    }
    return row | changes


def payment(application_id: str = "SCG-00987", **changes: object) -> Row:
    """The line that pays the worked example's quarter: 3,264.31 USD."""
    row: Row = {
        "run_quarter": "2013-Q3",
        "run_cutoff_utc": at("2013-11-02T07:00"),
        "application_id": application_id,
        "paid_quarter": "2013-Q3",
        "line_kind": "payment",
        "months_included": "2013-09",
        "receipts_included": "r1",
        "entitled_quantity": Decimal("449.0107"),
        "line_quantity": Decimal("449.0107"),
        "quantity_unit": "therm",
        "baseline_efficiency": Decimal("0.82"),
        "conversion_method": "delivered_energy",
        "catch_up_setting": "pay",
        "rate": Decimal("7.27"),
        "incentive_cap": Decimal("500000.00"),
        "uncapped_usd": Decimal("3264.31"),
        "entitled_usd": Decimal("3264.31"),
        "amount_usd": Decimal("3264.31"),
        "sealed_at_utc": at("2013-11-02T08:00"),
    }
    return row | changes


def write_marts(file: Path, marts: Marts) -> None:
    """Makes a published file that holds the programme's marts alone, empty where none are given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA marts")
        for table in CSI_MARTS:
            connection.execute(create_table(table, schema="marts"))
        fill_marts(connection, marts)


def fill_marts(connection: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    """Adds rows to the programme's marts of an open file."""
    for table in CSI_MARTS:
        rows = pa.Table.from_pylist(list(marts.get(table.name, ())), arrow_schema(table))
        connection.register("given", rows)
        connection.execute(f'INSERT INTO marts."{table.name}" BY NAME SELECT * FROM given')
        connection.unregister("given")


def at(text: str) -> datetime:
    """A moment, naive UTC."""
    return datetime.fromisoformat(text)


def _on_time(month: date) -> datetime:
    return datetime.combine(next_month(month), datetime.min.time()) + timedelta(days=19, hours=12)
