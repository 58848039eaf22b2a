"""Warehouses built by real dbt runs, once for all tests that look at them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from dbt_session import DbtSession
from increments import increments, write_register
from parquet_inputs import DataDirectory, Receipt

# Where a build is cut off before it is repeated: nothing, or all models up to the named one.
CUTS = (
    None,
    "+int_readings_received",
    "+fct_interval_readings",
    "+int_intervals_missing",
    "+fct_gaps",
    None,
)


@dataclass(frozen=True, kw_only=True)
class Built:
    """Two warehouses of the same receipts: built by increments, and in one go."""

    incremental: Path
    full: Path
    receipts: tuple[Receipt, ...]
    as_of: datetime


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Increments, most of them cut off once and repeated, then a full refresh."""
    data = DataDirectory(root=tmp_path_factory.mktemp("increments"))
    write_register(data)
    receipts: list[Receipt] = []
    previous: datetime | None = None
    with DbtSession(data.root) as dbt:
        for cut, increment in zip(CUTS, increments(seed=7), strict=True):
            for receipt in increment.receipts:
                data.receive(receipt)
            receipts.extend(increment.receipts)
            is_first = previous is None
            data.prepare_build(as_of=increment.as_of, previous=previous, is_full=is_first)
            if cut is not None:
                done = dbt.run("run", "--select", cut)
                assert done.success, done.failures or done.error
            refresh = ("--full-refresh",) if is_first else ()
            done = dbt.run("run", "--select", "tag:readings", *refresh)
            assert done.success, done.failures or done.error
            previous = increment.as_of
            data.built()
        assert previous is not None
        tested = dbt.run("test", "--select", "tag:readings", "--exclude-resource-type", "unit_test")
        assert tested.success, tested.failures or tested.error
        kept = data.root / "incremental.duckdb"
        shutil.copy(data.warehouse, kept)
        data.prepare_build(as_of=previous, previous=previous, is_full=True)
        dbt.build(
            "--full-refresh", "--select", "tag:readings", "--exclude-resource-type", "unit_test"
        )
    return Built(incremental=kept, full=data.warehouse, receipts=tuple(receipts), as_of=previous)


@pytest.fixture
def warehouse(built: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse that was built by increments, opened to read."""
    with duckdb.connect(str(built.incremental), read_only=True) as connection:
        yield connection
