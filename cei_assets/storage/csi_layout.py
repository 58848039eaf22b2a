"""Zero-row files of the CSI-Thermal programme, so that readers find a schema before any row."""

from pathlib import Path

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import (
    CSI_INTAKE_TABLES,
    CSI_LEDGER,
    CSI_LEDGER_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_PAYMENT_LINES,
    CSI_PAYMENT_RUNS,
    CSI_REGISTER_TABLES,
)
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.monthly_parquet import FIRST_MONTH
from cei_assets.storage.paths import DataPaths

_EMPTY = "empty.parquet"


def ensure_csi_layout(paths: DataPaths) -> None:
    """Write the typed empty file of every dataset that lacks one; what holds rows stays as it is.

    The programme's register, its intake tables, ledger, findings, intervals and payment runs.
    """
    for table in CSI_REGISTER_TABLES:
        _ensure(paths.raw_csi_register / f"{table.name}.parquet", table)
    for table in CSI_INTAKE_TABLES:
        _ensure(paths.raw_partition(table.name, FIRST_MONTH) / _EMPTY, table)
    for table in (CSI_LEDGER, CSI_LEDGER_FINDINGS):
        _ensure(paths.csi(table.name) / "part.parquet", table)
    for table in (CSI_PAYMENT_LINES, CSI_PAYMENT_RUNS):
        _ensure(paths.csi(table.name) / _EMPTY, table)
    first = f"application_month={FIRST_MONTH.isoformat()}"
    _ensure(paths.csi(CSI_LEDGER_INTERVALS.name) / first / _EMPTY, CSI_LEDGER_INTERVALS)


def _ensure(path: Path, table: Table) -> None:
    if not path.exists():
        write_parquet(path, [], schema=arrow_schema(table))
