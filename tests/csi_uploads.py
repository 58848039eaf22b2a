"""Histories of CSI-Thermal uploads in a line each, as intake would have stored them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import LateDecision
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_FINDINGS, CSI_INTERVALS, CSI_UPLOADS
from cei_assets.core.csi.ledger import Ledger, adjudicate
from cei_assets.core.csi.months import PST_BEHIND_UTC, due_at_utc, month_interval_ends_pst
from cei_assets.core.csi.program import CsiRegister, LateDecisionMade, Replacement
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.paths import DataPaths

ZONE = "America/Los_Angeles"
APPLICATION = "SCG-00987"
SEPTEMBER = date(2013, 9, 1)
OCTOBER = date(2013, 10, 1)
REPORT, METER = "application_interval", "meter_interval"


def at(text: str) -> datetime:
    """A naive UTC time from `2013-10-15` or `2013-10-15 12:00:00`."""
    return datetime.fromisoformat(text)


def upload(
    receipt_id: str,
    submitted: str | datetime,
    *,
    application: str | None = APPLICATION,
    month: date | None = SEPTEMBER,
    file_type: str | None = REPORT,
    fails: Sequence[str] = (),
    tells: Sequence[str] = (),
    **changed: object,
) -> dict[str, Any]:
    """A row of raw.csi_uploads; `fails` and `tells` name the rules of its findings."""
    submitted_at = at(submitted) if isinstance(submitted, str) else submitted
    due = due_at_utc(month, zone=ZONE) if month else None
    late = due is not None and submitted_at > due
    row = {
        "receipt_id": receipt_id,
        "upload_source": "csi_meter" if file_type == METER else "csi_application",
        "original_filename": f"{receipt_id}.csv",
        "sha256": "0" * 64,
        "size_bytes": 1,
        "received_at_utc": submitted_at,
        "received_date": submitted_at.date(),
        "application_id": application,
        "application_month": month,
        "file_type": file_type,
        "uploader_pdp": "pdp-1",
        "submitted_at_utc": submitted_at,
        "due_at_utc": due,
        "csi_is_late": late if due else None,
        "content_result": "Failure" if fails else "Success",
        "data_rows": 2880,
        "empty_intervals": 1,
        "zero_intervals": 2,
        "solar_btu_sum": 57_366_132,
        "tank_configuration": 2,
        "backup_type": "gas",
        "validator_version": "1",
        "template_version": "2013-09",
        "judgement_id": "j1",
        "fails": tuple(fails),
        "tells": (*(("L01",) if late else ()), *tells),
    }
    return row | changed


def uploads_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of `upload` as raw.csi_uploads."""
    counted = [
        {**row, "finding_count": len(row["fails"]), "warning_count": len(row["tells"])}
        for row in rows
    ]
    names = CSI_UPLOADS.column_names
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in counted],
        schema=arrow_schema(CSI_UPLOADS),
    )


def findings_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The findings of rows of `upload` as raw.csi_findings."""
    found = [
        {
            "receipt_id": row["receipt_id"],
            "received_at_utc": row["received_at_utc"],
            "received_date": row["received_date"],
            "finding_number": number,
            "csi_rule": f"CSI-{rule}",
            "csi_severity": severity,
            "message": f"CSI-{rule}: found",
            "rule_count": 1,
        }
        for row in rows
        for number, (rule, severity) in enumerate(
            [
                *((rule, "reject") for rule in row["fails"]),
                *((rule, "flag" if rule == "L01" else "warn") for rule in row["tells"]),
            ],
            start=1,
        )
    ]
    return pa.Table.from_pylist(found, schema=arrow_schema(CSI_FINDINGS))


def ledger_of(*rows: Mapping[str, Any], register: CsiRegister | None = None) -> Ledger:
    """The ledger of some uploads."""
    return adjudicate(
        uploads_table(rows),
        findings=findings_table(rows),
        register=register or CsiRegister(),
        zone=ZONE,
    )


def by_receipt(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Rows of the ledger by receipt, each with its `rules` in the order of its findings."""
    rows = {row["receipt_id"]: row | {"rules": []} for row in ledger.uploads.to_pylist()}
    for finding in ledger.findings.to_pylist():
        rows[finding["receipt_id"]]["rules"].append(finding["csi_rule"].removeprefix("CSI-"))
    return rows


def authorised(
    when: str | datetime,
    *,
    name: str = "a1",
    replaces: str | None = None,
    late: str | None = None,
    month: date = SEPTEMBER,
    application: str = APPLICATION,
) -> Replacement:
    """A one-use authorisation of SoCalGas."""
    return Replacement(
        authorization_id=name,
        application_id=application,
        application_month=month,
        authorized_by="SoCalGas",
        authorized_at_utc=at(when) if isinstance(when, str) else when,
        replacement_reason="wrong meter",
        replaces_receipt_id=replaces,
        late_decision=LateDecision(late) if late else None,
    )


def decided(
    when: str | datetime,
    decision: str,
    *,
    receipt: str | None = None,
    month: date = SEPTEMBER,
    application: str = APPLICATION,
) -> LateDecisionMade:
    """What SoCalGas decided about a late month."""
    return LateDecisionMade(
        application_id=application,
        application_month=month,
        late_receipt_id=receipt,
        late_decision=LateDecision(decision),
        late_decided_by="SoCalGas",
        late_decided_at_utc=at(when) if isinstance(when, str) else when,
    )


def store(paths: DataPaths, *rows: Mapping[str, Any]) -> None:
    """Write uploads, findings and, for Successes, intervals as intake does, a file a receipt."""
    for row in rows:
        _store(paths, CSI_UPLOADS, row, uploads_table([row]))
        _store(paths, CSI_FINDINGS, row, findings_table([row]))
        if not row["fails"] and row["file_type"] == REPORT:
            _store(paths, CSI_INTERVALS, row, intervals_table(row))


def interval_path(paths: DataPaths, row: Mapping[str, Any], table: Table = CSI_INTERVALS) -> Path:
    """Where a receipt's rows of a table lie."""
    folder = paths.raw_partition(table.name, row["received_date"])
    return folder / f"{row['receipt_id']}.parquet"


def intervals_table(row: Mapping[str, Any], **changed: Sequence[object]) -> pa.Table:
    """A whole month of 2-tank intervals of an upload; `changed` gives other columns."""
    ends = month_interval_ends_pst(row["application_month"])
    columns: dict[str, Any] = {
        "receipt_id": [row["receipt_id"]] * len(ends),
        "received_date": [row["received_date"]] * len(ends),
        "line_number": range(2, len(ends) + 2),
        "application_id": [row["application_id"]] * len(ends),
        "application_month": [row["application_month"]] * len(ends),
        "interval_end_pst": ends,
        "interval_end_utc": [end + PST_BEHIND_UTC for end in ends],
        "solar_btu": [1000] * len(ends),
        "is_catch_up": [False] * len(ends),
    } | changed
    return pa.table(
        {
            field.name: pa.array(columns.get(field.name, [None] * len(ends)), field.type)
            for field in arrow_schema(CSI_INTERVALS)
        },
        schema=arrow_schema(CSI_INTERVALS),
    )


def later(moment: datetime, **of: float) -> datetime:
    """A moment some time after another."""
    return moment + timedelta(**of)


def _store(paths: DataPaths, table: Table, row: Mapping[str, Any], data: pa.Table) -> None:
    write_parquet(interval_path(paths, row, table), data.to_batches(), schema=data.schema)
