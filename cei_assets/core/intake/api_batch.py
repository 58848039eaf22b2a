"""Batch API payloads as landed: JSON Lines, one request body with its receipt a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from cei_assets.core.intake.batch_body import Cells
from cei_assets.core.intake.receipt_line import MalformedLineError, ReceiptLine, read_line
from cei_assets.core.intake.row_source import ROW_COLUMNS, RowBatch, malformed_rows
from cei_assets.core.intake.text_chunks import TextChunks
from cei_assets.core.intake.unpacking import unpacked_pieces
from cei_assets.core.intake.verdict import FileFacts, Limits

_CHUNK_BYTES = 16 << 20
_COLUMNS = tuple(name for name in ROW_COLUMNS if name != "resolved_utc")


class ApiRows:
    """The records of a file of batches; see RowSource.

    `line_number` counts records over the file from 1, `record_index` within the batch from 0. A
    line that is no batch counts as one record and is malformed. JSON types are kept: a cell of the
    wrong type is named in its `*_type` column. A line may carry the verdict that its sender was
    given: records that were skipped or failed then are no rows to be judged.
    """

    decimal_mark = "."

    def __init__(
        self, stream: BinaryIO, *, limits: Limits, chunk_bytes: int = _CHUNK_BYTES
    ) -> None:
        self.facts = FileFacts()
        self._stream = stream
        self._limits = limits
        self._chunk_bytes = chunk_bytes

    def batches(self) -> Iterator[RowBatch]:
        """Batches of records, about a chunk of the file each."""
        pieces = unpacked_pieces(self._stream, limits=self._limits, piece_bytes=self._chunk_bytes)
        text = TextChunks(pieces, limits=self._limits)
        counted = 0
        for chunk in text.chunks():
            batch = _batch(chunk.split(b"\n"), counted)
            counted += batch.num_rows
            yield batch
        self.facts = FileFacts(encoding=text.encoding, warnings=tuple(text.warnings))


@dataclass(frozen=True, kw_only=True)
class _Collected:
    """Records of some lines, column by column; fates are by position in the columns."""

    cells: Cells = field(default_factory=lambda: {name: [] for name in _COLUMNS})
    skipped: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def add(self, line: ReceiptLine, counted: int) -> None:
        """Appends the records of a line that follow `counted` others in the file."""
        count, first = line.body.records, len(self.cells["line_number"])
        columns: Cells = {
            **line.body.cells,
            "line_number": list(range(counted + 1, counted + count + 1)),
            "record_index": list(range(count)),
            "organization_id": [line.organization_id] * count,
            "received_at_utc": [line.received_at] * count,
        }
        for name, column in columns.items():
            self.cells[name].extend(column)
        self.skipped.extend(first + index for index in line.verdict.skipped)
        for failed in line.verdict.failed:
            self.failed.append(first + failed.index)
            self.codes.append(failed.code)
            self.details.append(failed.detail)


def _batch(lines: Iterable[bytes], counted: int) -> RowBatch:
    collected = _Collected()
    bad: list[dict[str, Any]] = []
    number = counted
    for line in lines:
        if not line.strip():
            continue
        try:
            read = read_line(line)
        except MalformedLineError as error:
            number += 1
            bad.append(
                {
                    "line_numbers": number,
                    "organization_ids": error.organization_id,
                    "raw_texts": line.decode("utf-8", "replace"),
                    "details": error.detail,
                }
            )
            continue
        collected.add(read, number)
        number += read.body.records
    names = ("line_numbers", "organization_ids", "raw_texts", "details")
    malformed = malformed_rows(**{name: [row[name] for row in bad] for name in names})
    return _parted(collected, malformed)


def _parted(collected: _Collected, malformed: pa.Table) -> RowBatch:
    """Rows to be judged apart from those whose verdict was given."""
    cells = collected.cells
    rows = pa.table({name: pa.array(cells[name], ROW_COLUMNS[name]) for name in _COLUMNS})
    if not collected.skipped and not collected.failed:
        return RowBatch(rows=rows, malformed=malformed)
    is_open = np.ones(rows.num_rows, bool)
    is_open[collected.skipped + collected.failed] = False
    refused = None
    if collected.failed:
        refused = rows.take(pa.array(collected.failed))
        refused = refused.append_column("code", pa.array(collected.codes, pa.string()))
        refused = refused.append_column("detail", pa.array(collected.details, pa.string()))
    return RowBatch(
        rows=rows.filter(pa.array(is_open)),
        malformed=malformed,
        skipped=len(collected.skipped),
        refused=refused,
    )
