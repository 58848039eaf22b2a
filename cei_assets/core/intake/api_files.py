"""Several files of API batches as one source of rows: judging has a price by the source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.api_batch import ApiRows
from cei_assets.core.intake.row_source import RowBatch
from cei_assets.core.intake.verdict import Limits

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ApiFile:
    """A file's bytes; `received_at_utc` (naive) holds for lines without a time of their own."""

    content: bytes
    received_at_utc: datetime


class ApiFiles:
    """The records of small files of batches, in one batch; see RowSource.

    `line_number` counts on from file to file: `file_of` tells which one a line stands in. Keys
    count over all of the files, as they do in the warehouse.
    """

    decimal_mark = "."

    def __init__(self, files: Sequence[ApiFile], *, limits: Limits) -> None:
        self._files = files
        self._limits = limits
        self._ends: list[int] = []

    def batches(self) -> Iterator[RowBatch]:
        """All records. Raises UnusableFileError when one of the files is unusable."""
        parts: list[RowBatch] = []
        ends: list[int] = []
        counted = 0
        for file in self._files:
            for batch in ApiRows(BytesIO(file.content), limits=self._limits).batches():
                parts.append(_moved(batch, counted, file.received_at_utc))
                counted += batch.num_rows
            ends.append(counted)
        self._ends = ends
        refused = [part.refused for part in parts if part.refused is not None]
        yield RowBatch(
            rows=pa.concat_tables([part.rows for part in parts]),
            malformed=pa.concat_tables([part.malformed for part in parts]),
            skipped=sum(part.skipped for part in parts),
            refused=pa.concat_tables(refused) if refused else None,
        )

    def file_of(self, line_number: pa.ChunkedArray) -> Integers:
        """Place of each line's file among the files, once the batches were read."""
        places: Integers = np.searchsorted(self._ends, line_number.to_numpy(), side="left")
        return places


def _moved(batch: RowBatch, counted: int, received_at_utc: datetime) -> RowBatch:
    return RowBatch(
        rows=_completed(_counted_on(batch.rows, counted), received_at_utc),
        malformed=_counted_on(batch.malformed, counted),
        skipped=batch.skipped,
        refused=None
        if batch.refused is None
        else _completed(_counted_on(batch.refused, counted), received_at_utc),
    )


def _counted_on(rows: pa.Table, counted: int) -> pa.Table:
    at = rows.column_names.index("line_number")
    return rows.set_column(at, "line_number", pc.add(rows["line_number"], counted))


def _completed(rows: pa.Table, received_at_utc: datetime) -> pa.Table:
    at = rows.column_names.index("received_at_utc")
    own = pa.scalar(received_at_utc, pa.timestamp("us"))
    return rows.set_column(at, "received_at_utc", pc.fill_null(rows["received_at_utc"], own))
