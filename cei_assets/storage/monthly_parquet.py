"""Parquet datasets partitioned by `usage_month`, each month replaced atomically."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.storage.atomic import Incoming, incoming

FIRST_MONTH = date(1970, 1, 1)


def month_file(folder: Path, month: date) -> Path:
    """The one file of a month."""
    return folder / f"usage_month={month.isoformat()}" / "part.parquet"


class MonthlyWriter:
    """Write the given months of a table batch by batch; readers see all of a month or none.

    On a clean exit every month's file is replaced, with zero rows where nothing came; on an error
    the files stay as they were.
    """

    def __init__(self, table: Table, *, folder: Path, months: Sequence[date]) -> None:
        self._schema = arrow_schema(table)
        self._targets = {month: month_file(folder, month) for month in months}
        self._stack = ExitStack()
        self._files: dict[date, Incoming] = {}
        self._writers: dict[date, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        for month, target in self._targets.items():
            file = self._stack.enter_context(incoming(target.parent, name=target.name))
            self._files[month] = file
            self._writers[month] = pq.ParquetWriter(file.file, self._schema, compression="zstd")
        return self

    def write(self, data: pa.Table) -> None:
        """Add rows; ValueError for a `usage_month` that the writer was not opened for."""
        data = data.cast(self._schema)
        unknown = set(pc.unique(data["usage_month"]).to_pylist()) - self._targets.keys()
        if unknown:
            raise ValueError(f"rows of months {sorted(unknown)}, expected {sorted(self._targets)}")
        for month, writer in self._writers.items():
            writer.write_table(data.filter(pc.equal(data["usage_month"], month)))

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._stack:
            for writer in self._writers.values():
                writer.close()
            if error is None:
                for month, file in self._files.items():
                    file.keep_as(self._targets[month])


def ensure_empty_months(table: Table, *, folder: Path) -> None:
    """Write the zero-row file that lets a reader find the schema before any month was judged."""
    if not month_file(folder, FIRST_MONTH).exists():
        with MonthlyWriter(table, folder=folder, months=[FIRST_MONTH]):
            pass
