"""The programme's register files: read and judged, stored as Parquet."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.tables.csi import CSI_APPLICATIONS, CSI_LEDGER, CSI_REGISTER_TABLES
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.core.csi.register import judge_csi_register
from cei_assets.core.register.text import register_file
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register_files import (
    RegisterError,
    is_csi_file,
    read_texts,
    rows_digest,
)


@dataclass(frozen=True, kw_only=True)
class CsiRegisterResult:
    """The programme's register as it was read, or what is wrong with it.

    `tables` go by their names in the contract. While a finding is an error there are none,
    `register` is empty and so is `fingerprint`: the digest of the rows, whatever their order, the
    file's delimiter, its encoding and the spelling of its words.
    """

    tables: dict[str, pa.Table]
    register: CsiRegister
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def has_errors(self) -> bool:
        """Whether the register cannot be used."""
        return any(finding.is_error for finding in self.findings)

    def raise_for_errors(self) -> None:
        """Raises RegisterError with all findings when one of them is an error."""
        if self.has_errors:
            raise RegisterError(self.findings)


def load_csi_register(
    folder: Path, *, options: CsiOptions | None = None, for_payment: bool = True
) -> CsiRegisterResult:
    """Reads and judges the files `csi_*.csv` of a register folder.

    Absent files are empty tables. Without `for_payment` the columns that only a payment rests on
    are not looked at. Never raises for what a person wrote, see
    `CsiRegisterResult.findings`; raises OSError for a file that cannot be opened.
    """
    texts, findings = read_texts(file for file in folder.glob("*.csv") if is_csi_file(file))
    verdict = judge_csi_register(texts, options=options, for_payment=for_payment)
    all_findings = (*findings, *verdict.findings)
    if any(finding.is_error for finding in all_findings):
        return CsiRegisterResult(
            tables={}, register=CsiRegister(), findings=all_findings, fingerprint=""
        )
    digests = [rows_digest(verdict.tables[table.name]) for table in CSI_REGISTER_TABLES]
    return CsiRegisterResult(
        tables=verdict.tables,
        register=verdict.register,
        findings=all_findings,
        fingerprint=hashlib.sha256("".join(digests).encode()).hexdigest(),
    )


def store_csi_register(paths: DataPaths, result: CsiRegisterResult) -> None:
    """Writes every table as `raw/csi_register/<table>.parquet`, each file atomically.

    Raises RegisterError for a register with errors, or without an application whose reports were
    accepted: the stored one stays as it is.
    """
    result.raise_for_errors()
    forgotten = _forgotten(paths, result.tables[CSI_APPLICATIONS.name])
    if forgotten:
        raise RegisterError((*result.findings, *forgotten))
    for name, data in result.tables.items():
        file = paths.raw_csi_register / f"{name}.parquet"
        write_parquet(file, data.to_batches(), schema=data.schema)


def _forgotten(paths: DataPaths, applications: pa.Table) -> list[Finding]:
    """Applications that are gone although reports of theirs were accepted, and may be paid."""
    ledger = paths.csi(CSI_LEDGER.name) / "part.parquet"
    if not ledger.exists():
        return []
    accepted = pq.read_table(
        ledger,
        columns=["application_id"],
        filters=pc.field("effective_from_utc").is_valid(),
        partitioning=None,
    )
    known = set(applications["application_id"].to_pylist())
    return [
        Finding(
            where=register_file("csi_applications"),
            column="application_id",
            found=f"no row of {application_id}, of which reports were accepted",
            expected="every application that has accepted reports, also when its term is over",
            fix="put its row back; to stop paying it, set its last_data_month",
        )
        for application_id in sorted(set(accepted["application_id"].to_pylist()) - known)
    ]
