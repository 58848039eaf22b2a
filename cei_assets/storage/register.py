"""The register's files: read and judged, stored as Parquet, written as templates and mapping."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from cei_assets.contracts.finding import Finding
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS, REGISTER_TABLES
from cei_assets.core.register.holiday_calendar import public_holidays
from cei_assets.core.register.mapping import integration_mapping
from cei_assets.core.register.verdict import judge_register
from cei_assets.storage.atomic import write_bytes, write_parquet
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register_files import (
    RegisterError,
    is_cds_file,
    is_csi_file,
    read_texts,
    rows_digest,
)

HOLIDAY_YEARS = range(2010, 2036)
"""The same years on any day, so that the calendar does not change the register by itself.

India's calendar, the shortest of those that the library has, ends with 2035.
"""


@dataclass(frozen=True, kw_only=True)
class RegisterResult:
    """A register that was read: its tables with public holidays, or what is wrong with it.

    `tables` is empty while a finding is an error. `fingerprint` is a digest of the edited tables
    and `table_fingerprints` of each: equal when the rows are equal, whatever their order, the
    file's delimiter or its encoding. `fingerprint` is empty while there are errors.
    """

    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]
    fingerprint: str
    table_fingerprints: dict[str, str]

    @property
    def has_errors(self) -> bool:
        """Whether the register cannot be used."""
        return any(finding.is_error for finding in self.findings)

    def raise_for_errors(self) -> None:
        """Raises RegisterError with all findings when one of them is an error."""
        if self.has_errors:
            raise RegisterError(self.findings)


def load_register(paths: DataPaths, *, years: range = HOLIDAY_YEARS) -> RegisterResult:
    """Reads and judges the CSV files in `paths.register`; `years` get public holidays.

    UTF-8 with or without byte-order mark, UTF-16 with one, and Windows-1252 with a warning.
    Files named `csi_...` are `storage.csi_register`'s, those named `cds_...` are
    `storage.cds_register`'s. Never raises for what a person wrote: see
    `RegisterResult.findings`.
    """
    files = paths.register.glob("*.csv")
    texts, findings = read_texts(
        file for file in files if not (is_csi_file(file) or is_cds_file(file))
    )
    verdict = judge_register(texts)
    all_findings = (*findings, *verdict.findings)
    if any(finding.is_error for finding in all_findings):
        return RegisterResult(
            tables={}, findings=all_findings, fingerprint="", table_fingerprints={}
        )
    digests = {table.name: rows_digest(verdict.tables[table.name]) for table in REGISTER_TABLES}
    holidays = public_holidays(verdict.tables["sites"], years=years)
    return RegisterResult(
        tables={**verdict.tables, PUBLIC_HOLIDAYS.name: holidays},
        findings=all_findings,
        fingerprint=hashlib.sha256("".join(digests.values()).encode()).hexdigest(),
        table_fingerprints=digests,
    )


def store_register(paths: DataPaths, result: RegisterResult) -> None:
    """Writes every table as `raw/register/<table>.parquet`, each file atomically.

    Raises RegisterError for a register with errors: the stored one stays as it is.
    """
    result.raise_for_errors()
    for name, data in result.tables.items():
        write_parquet(paths.raw_register / f"{name}.parquet", data.to_batches(), schema=data.schema)


def write_integration_mapping(paths: DataPaths, tables: dict[str, pa.Table]) -> Path:
    """Writes the client-facing mapping as `reports/integration_mapping.csv`; returns the file."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(integration_mapping(tables), sink)
    file = paths.reports / "integration_mapping.csv"
    write_bytes(file, sink.getvalue().to_pybytes())
    return file


def write_register_csv(paths: DataPaths, texts: Mapping[str, str]) -> None:
    """Writes register files, by table name, as UTF-8; files that exist are replaced."""
    for name, text in texts.items():
        write_bytes(paths.register / f"{name}.csv", text.encode())
