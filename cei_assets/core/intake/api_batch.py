"""Batch API payloads as landed: JSON Lines, one request body with its receipt a line."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson
import pyarrow as pa

from cei_assets.core.intake.row_source import ROW_COLUMNS, RowBatch, malformed_rows
from cei_assets.core.intake.text_chunks import TextChunks
from cei_assets.core.intake.unpacking import unpacked_pieces
from cei_assets.core.intake.verdict import FileFacts, Limits

_CHUNK_BYTES = 16 << 20
_COLUMNS = tuple(name for name in ROW_COLUMNS if name != "resolved_utc")
_TEXT_CELLS = ("site_id", "meter_id", "timestamp_utc", "unit")
_TYPE_NAMES = {bool: "true or false", int: "a number", float: "a number", list: "a list",
               dict: "an object", str: "text"}  # fmt: skip
_REQUIRED_SHAPE = '{"receipt": {...}, "body": {"records": [...]}}'

Cells = dict[str, list[Any]]


class ApiRows:
    """The records of a file of batches; see RowSource.

    `line_number` counts records over the file from 1, `record_index` within the batch from 0. A
    line that is no batch counts as one record and is malformed. JSON types are kept: a cell of the
    wrong type is named in its `*_type` column.
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
            batch, read = _batch(chunk.split(b"\n"), counted)
            counted += read
            yield batch
        self.facts = FileFacts(encoding=text.encoding, warnings=tuple(text.warnings))


def _batch(lines: Iterable[bytes], counted: int) -> tuple[RowBatch, int]:
    cells: Cells = {name: [] for name in _COLUMNS}
    bad: list[tuple[int, str, str]] = []
    number = counted
    for line in lines:
        if not line.strip():
            continue
        parsed = _parsed(line)
        if isinstance(parsed, str):
            number += 1
            bad.append((number, line.decode("utf-8", "replace"), parsed))
            continue
        records, organization_id, received_at = parsed
        _add(cells, records, number)
        cells["organization_id"].extend([organization_id] * len(records))
        cells["received_at_utc"].extend([received_at] * len(records))
        number += len(records)
    rows = pa.table({name: pa.array(cells[name], ROW_COLUMNS[name]) for name in _COLUMNS})
    numbers, texts, details = zip(*bad, strict=True) if bad else ((), (), ())
    malformed = malformed_rows(line_numbers=numbers, raw_texts=texts, details=details)
    return RowBatch(rows=rows, malformed=malformed), number - counted


def _parsed(line: bytes) -> tuple[list[Any], str | None, datetime | None] | str:
    """Records, organization and receipt time of a line, or what is wrong with it."""
    try:
        batch = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"the line is not JSON ({error}); expected {_REQUIRED_SHAPE}"
    if not isinstance(batch, dict):
        return f"the line is {_TYPE_NAMES.get(type(batch), 'null')}; expected {_REQUIRED_SHAPE}"
    receipt, body = batch.get("receipt"), batch.get("body")
    if not isinstance(receipt, dict) or not isinstance(body, dict):
        return f"the line lacks receipt or body; expected {_REQUIRED_SHAPE}"
    records = body.get("records")
    if not isinstance(records, list) or not records:
        return f"body.records is missing, no list or empty; expected {_REQUIRED_SHAPE}"
    organization_id = receipt.get("organization_id")
    if organization_id is not None and not isinstance(organization_id, str):
        return "receipt.organization_id is not text"
    received_at = _instant(receipt.get("received_at_utc"))
    if isinstance(received_at, str):
        return received_at
    return records, organization_id, received_at


def _instant(text: object) -> datetime | str | None:
    """Naive UTC of a receipt's time; None when the receipt has none; else what is wrong."""
    wrong = "receipt.received_at_utc is not a time such as 2026-01-31T13:00:00Z"
    if text is None:
        return None
    if not isinstance(text, str):
        return wrong
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            return instant
        return instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return wrong


def _add(cells: Cells, records: list[Any], counted: int) -> None:
    """Appends the records of one batch.

    A loop over records, because orjson hands out Python objects and each cell's JSON type has to
    be looked at; `benchmarks/csv_intake.py --api` prints what it costs.
    """
    for index, record in enumerate(records):
        cells["line_number"].append(counted + index + 1)
        cells["record_index"].append(index)
        fields = record if isinstance(record, dict) else {}
        for name in _TEXT_CELLS:
            text, wrong = _text_cell(fields.get(name))
            cells[name].append(text)
            cells[name + "_type"].append(wrong)
        text, wrong = _number_cell(fields.get("value"))
        cells["value"].append(text)
        cells["value_type"].append(wrong)
        cells["idempotency_key"].append(_text_cell(fields.get("idempotency_key"))[0])


def _text_cell(cell: object) -> tuple[str | None, str | None]:
    if isinstance(cell, str) or cell is None:
        return cell, None
    return orjson.dumps(cell).decode(), _TYPE_NAMES[type(cell)]


def _number_cell(cell: object) -> tuple[str | None, str | None]:
    kind = type(cell)
    if kind is float or kind is int:
        return repr(cell), None
    if cell is None:
        return None, None
    return (cell if isinstance(cell, str) else orjson.dumps(cell).decode()), _TYPE_NAMES[kind]
