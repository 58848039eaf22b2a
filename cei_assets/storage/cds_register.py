"""The mapping of CDS meters: read and judged, stored with what it needs of the register."""

import hashlib
from dataclasses import dataclass

import pyarrow as pa

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.tables.cds_hand_over import CDS_REGISTER_TABLES
from cei_assets.core.cds.register import judge_cds_register
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import RegisterResult
from cei_assets.storage.register_files import (
    RegisterError,
    is_cds_file,
    read_texts,
    rows_digest,
)


@dataclass(frozen=True, kw_only=True)
class CdsRegisterResult:
    """The mapping and what it needs of the register, or what is wrong with it.

    `tables` go by their names in the contract (`CDS_REGISTER_TABLES`). While a finding is an error
    there are none and `fingerprint` is empty: the digest of the rows of all of them, whatever their
    order, the file's delimiter and its encoding.
    """

    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def has_errors(self) -> bool:
        """Whether the mapping cannot be used."""
        return any(finding.is_error for finding in self.findings)

    def raise_for_errors(self) -> None:
        """Raises RegisterError with all findings when one of them is an error."""
        if self.has_errors:
            raise RegisterError(self.findings)


def load_cds_register(paths: DataPaths, *, register: RegisterResult) -> CdsRegisterResult:
    """Reads and judges `cds_meters.csv` in `paths.register` against the register of this moment.

    An absent file is an empty table: nothing is mapped. A register that has errors itself leads to
    its findings. Never raises for what a person wrote; raises OSError for a file that cannot be
    opened.
    """
    if register.has_errors:
        return CdsRegisterResult(tables={}, findings=register.findings, fingerprint="")
    texts, findings = read_texts(file for file in paths.register.glob("*.csv") if is_cds_file(file))
    verdict = judge_cds_register(texts, register=register.tables)
    all_findings = (*findings, *verdict.findings)
    if any(finding.is_error for finding in all_findings):
        return CdsRegisterResult(tables={}, findings=all_findings, fingerprint="")
    digests = [rows_digest(verdict.tables[table.name]) for table in CDS_REGISTER_TABLES]
    return CdsRegisterResult(
        tables=verdict.tables,
        findings=all_findings,
        fingerprint=hashlib.sha256("".join(digests).encode()).hexdigest(),
    )


def store_cds_register(paths: DataPaths, result: CdsRegisterResult) -> None:
    """Writes every table as `raw/cds_register/<table>.parquet`, each file atomically.

    Raises RegisterError for a mapping with errors: the stored one stays as it is.
    """
    result.raise_for_errors()
    for name, data in result.tables.items():
        file = paths.raw_cds_register / f"{name}.parquet"
        write_parquet(file, data.to_batches(), schema=data.schema)
