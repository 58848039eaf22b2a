"""Verdicts on files without storing anything: what intake would say of them now."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.files import judge_file as judge_stream
from cei_assets.core.intake.verdict import ReceiptFacts, Verdict
from cei_assets.settings import Settings
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.landing import SIDECAR_SUFFIX
from cei_assets.storage.register import RegisterResult, load_register

FINDINGS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class FileVerdict:
    """A file and what intake would make of it."""

    file: Path
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether every row would go in."""
        return self.verdict.rows_rejected == 0

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The first refused rows: line, code, column, value and what was expected."""
        rows: list[dict[str, Any]] = self.verdict.rejects.slice(0, FINDINGS_SHOWN).to_pylist()
        return [
            {
                "line": row["line_number"],
                "code": row["code"],
                "column": row["column_name"],
                "value": _value_at_fault(row),
                "detail": row["detail"],
            }
            for row in rows
        ]

    def as_json(self) -> dict[str, Any]:
        """One line of `--json`."""
        return {
            "file": str(self.file),
            "status": self.verdict.status.value,
            "rows_read": self.verdict.rows_read,
            "rows_accepted": self.verdict.rows_accepted,
            "rows_rejected": self.verdict.rows_rejected,
            "rows_exact_duplicate": self.verdict.rows_exact_duplicate,
            "encoding": self.verdict.facts.encoding,
            "delimiter": self.verdict.facts.delimiter,
            "warnings": list(self.verdict.facts.warnings),
            "findings": self.findings,
        }


def judge_file(
    file: Path,
    *,
    settings: Settings,
    upload_source: UploadSource = UploadSource.CSV_DROP,
    timezone: str | None = None,
    register: RegisterResult | None = None,
) -> FileVerdict:
    """What intake would say of a drop now, with `register` or, without it, the one on disk.

    `timezone` is that of timestamps without offset where the drop's sidecar names none. Raises
    RegisterError when the register itself has errors.
    """
    if register is None:
        register = load_register(settings.paths)
        register.raise_for_errors()
    sidecar = file.with_name(file.name + SIDECAR_SUFFIX)
    now = settings.now()
    receipt = ReceiptFacts(
        receipt_id=hashlib.sha256(str(file).encode()).hexdigest()[:24],
        upload_source=upload_source.value,
        received_at_utc=now,
        received_date=now.date(),
        timezone=timezone,
    )
    session = settings.session
    with connect(None, read_only=False, settings=session) as connection, file.open("rb") as stream:
        verdict = judge_stream(
            stream=stream,
            sidecar=sidecar.read_text(encoding="utf-8") if sidecar.exists() else None,
            connection=connection,
            register=register.tables,
            receipt=receipt,
            limits=settings.limits,
        )
    return FileVerdict(file=file, verdict=verdict)


_COLUMN_OF: Mapping[str, str] = {
    "site_id": "site_id_text",
    "meter_id": "meter_id_text",
    "timestamp_utc": "timestamp_text",
    "value": "value_text",
    "unit": "unit_text",
}


def _value_at_fault(row: Mapping[str, Any]) -> str | None:
    name = _COLUMN_OF.get(row["column_name"] or "", "raw_text")
    value: str | None = row[name]
    return value
