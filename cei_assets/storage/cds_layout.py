"""Zero-row files of CDS customer data, so that readers find a schema before any row."""

import os
from pathlib import Path

import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_REJECTS, CDS_TABLES
from cei_assets.contracts.tables.cds_hand_over import (
    CDS_LISTINGS,
    CDS_READINGS,
    CDS_REGISTER_TABLES,
)
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.landing import is_drop_name
from cei_assets.storage.monthly_parquet import FIRST_MONTH
from cei_assets.storage.paths import DataPaths

CDS_INTAKE_TABLES: tuple[Table, ...] = (*CDS_TABLES, CDS_LISTINGS, *CDS_OBJECT_TABLES)
"""What judging a file of customer data writes besides outcome and rejects."""

_EMPTY = "empty.parquet"


def ensure_cds_layout(paths: DataPaths) -> None:
    """Write the typed empty file of every dataset; what holds rows stays as it is.

    Mapping, intake tables and the readings handed over. An empty file with other columns than the
    contract's, from before these changed, is replaced.
    """
    for table in CDS_REGISTER_TABLES:
        _ensure(paths.raw_cds_register / f"{table.name}.parquet", table)
    for table in CDS_INTAKE_TABLES:
        _ensure(paths.raw_partition(table.name, FIRST_MONTH) / _EMPTY, table)
    first = f"usage_month={FIRST_MONTH.isoformat()}"
    _ensure(paths.cds(CDS_READINGS.name) / first / _EMPTY, CDS_READINGS)


def cds_in_use(paths: DataPaths) -> bool:
    """Whether the installation takes customer data: a file waits, or one was ever judged.

    Every judged file has a file of rejects, also without any. One that is archived and not judged
    yet does not show here: its day is among the `unjudged_dates`.
    """
    try:
        waiting = os.listdir(paths.landing(UploadSource.CDS.value))  # noqa: PTH208 - names only
    except FileNotFoundError:
        waiting = []
    if any(is_drop_name(name) for name in waiting):
        return True
    return any(paths.raw(CDS_REJECTS.name).glob("received_date=2*/*.parquet"))


def _ensure(path: Path, table: Table) -> None:
    schema = arrow_schema(table)
    if not path.exists() or (path.name == _EMPTY and not pq.read_schema(path).equals(schema)):
        write_parquet(path, [], schema=schema)
