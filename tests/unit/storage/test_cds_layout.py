"""Zero-row files of customer data: one for every dataset, of today's columns, beside any rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_SEGMENTS
from cei_assets.contracts.tables.cds_hand_over import CDS_METERS, CDS_REGISTER_TABLES
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES, cds_in_use, ensure_cds_layout
from cei_assets.storage.paths import DataPaths
from tests.intake_drops import DAY


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(root=tmp_path)
    ensure_cds_layout(found)
    return found


def test_every_dataset_has_its_columns(paths: DataPaths) -> None:
    for table in CDS_INTAKE_TABLES:
        (file,) = paths.raw(table.name).glob("*/*.parquet")
        assert pq.read_table(file, partitioning=None).schema.equals(arrow_schema(table))
    for table in CDS_REGISTER_TABLES:
        file = paths.raw_cds_register / f"{table.name}.parquet"
        assert pq.read_table(file).schema.equals(arrow_schema(table))
    assert not cds_in_use(paths)


def test_what_holds_rows_stays(paths: DataPaths) -> None:
    words = ("cds_server", "resource_kind", "cds_reference", "site_id", "meter_id")
    row = dict.fromkeys((*words, "mapped_direction"), "x")
    mapped = pa.Table.from_pylist([row], schema=arrow_schema(CDS_METERS))
    file = paths.raw_cds_register / "cds_meters.parquet"
    pq.write_table(mapped, file)
    ensure_cds_layout(paths)
    assert pq.read_table(file).num_rows == 1


def test_an_empty_file_of_other_columns_is_replaced(paths: DataPaths) -> None:
    (file,) = paths.raw(CDS_SEGMENTS.name).glob("*/*.parquet")
    pq.write_table(pa.table({"old": []}), file)
    ensure_cds_layout(paths)
    assert pq.read_schema(file).names == list(CDS_SEGMENTS.column_names)


def test_customer_data_are_in_use_once_a_file_was_judged(paths: DataPaths) -> None:
    folder = paths.raw_partition("cds_rejects", DAY)
    folder.mkdir(parents=True)
    assert not cds_in_use(paths)
    (folder / "receipt.parquet").touch()
    assert cds_in_use(paths)
