"""Verdicts on files of CDS customer data without storing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsObjectKind, CdsValueStatus
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_INTERVALS
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import CdsLimits, CdsVerdict, judge_cds
from cei_assets.core.cds.sidecar import NO_SERVER
from cei_assets.storage.atomic import write_parquet


@dataclass(frozen=True, kw_only=True)
class CdsFileVerdict:
    """A file and what it holds."""

    file: Path
    verdict: CdsVerdict

    @property
    def passed(self) -> bool:
        """Whether nothing of it was refused."""
        return self.verdict.status is UploadStatus.ACCEPTED

    @property
    def name(self) -> str:
        """The file as it was named; what of the name is no text shows as question marks."""
        return str(self.file).encode(errors="replace").decode()

    @property
    def rows(self) -> int:
        """Slots that hold numbers, or should."""
        return int(self.verdict.tables.intervals.num_rows)

    def slots(self, status: CdsValueStatus) -> int:
        """Slots of one status."""
        statuses: list[str] = self.verdict.tables.intervals["value_status"].to_pylist()
        return statuses.count(status.value)

    def as_json(self) -> dict[str, Any]:
        """One line of `--json`; decimals are text, since JSON's numbers are floats."""
        verdict, findings = self.verdict, self.verdict.findings
        return {
            "file": self.name,
            "status": verdict.status.value,
            "dialect": None if verdict.dialect is None else verdict.dialect.value,
            "objects": {kind.value: count for kind, count in verdict.objects.items()},
            "kept": _by_kind(verdict.counts.kept),
            "repeated": _by_kind(verdict.counts.repeated),
            "refused": _by_kind(verdict.counts.refused),
            "segments": verdict.segments,
            "rows": self.rows,
            "missing": self.slots(CdsValueStatus.MISSING),
            "invalid": self.slots(CdsValueStatus.INVALID),
            "rejected": verdict.rejected,
            "unknown_fields": dict(sorted(findings.unknown_fields.items())),
            "unknown_types": dict(sorted(findings.unknown_types.items())),
            "unknown_words": dict(sorted(findings.unknown_words.items())),
            "findings": [finding.as_json() for finding in findings.first_of_each_code()],
            "finding_counts": {code.value: count for code, count in findings.counts.items()},
            "sums": [one.as_json() for one in verdict.sums],
        }


def _by_kind(counts: Mapping[CdsObjectKind, int]) -> dict[str, int]:
    return {kind.value: count for kind, count in counts.items() if count}


def judge_cds_file(
    path: Path, *, observed_at_utc: datetime, limits: CdsLimits | None = None
) -> CdsFileVerdict:
    """What a file of customer data holds; its rows name the file as their receipt.

    `observed_at_utc` is naive UTC. Reads at most one byte more than a file may have. Raises
    OSError.
    """
    limits = limits or CdsLimits()
    with path.open("rb") as file:
        content = file.read(limits.max_bytes + 1)
    source = CdsSource(
        receipt_id=str(path).encode(errors="replace").decode(),
        server=NO_SERVER,
        observed_at_utc=observed_at_utc,
    )
    return CdsFileVerdict(file=path, verdict=judge_cds(content, source=source, limits=limits))


def write_rows(path: Path, tables: list[pa.Table]) -> None:
    """Write tables of intervals as one Parquet file, atomically. Raises OSError."""
    batches = (batch for table in tables for batch in table.to_batches())
    write_parquet(path, batches, schema=arrow_schema(CDS_INTERVALS))
