"""Rows of a file as text, batch by batch: what readers of formats hand to the judge."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class RowBatch:
    """Some rows of a file, as text, and the lines that did not split into columns.

    `rows` has the columns of `ROW_COLUMNS` that the source knows, plain or dictionary-encoded;
    `malformed` has `MALFORMED_SCHEMA`. Rows whose verdict was given on receipt are not in `rows`:
    `skipped` counts those that were exact duplicates, `refused` has those that failed, with code
    and detail beside the columns of `ROW_COLUMNS`.
    """

    rows: pa.Table
    malformed: pa.Table
    skipped: int = 0
    refused: pa.Table | None = None

    @property
    def num_rows(self) -> int:
        """Rows read, whatever became of them."""
        refused = 0 if self.refused is None else self.refused.num_rows
        return int(self.rows.num_rows + self.malformed.num_rows + self.skipped + refused)


MALFORMED_SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()),
        ("organization_id", pa.string()),
        ("raw_text", pa.string()),
        ("detail", pa.string()),
    ]
)

ROW_COLUMNS: dict[str, pa.DataType] = {
    "line_number": pa.int64(),
    "record_index": pa.int64(),
    "organization_id": pa.string(),
    "received_at_utc": pa.timestamp("us"),
    "site_id": pa.string(),
    "site_id_type": pa.string(),
    "meter_id": pa.string(),
    "meter_id_type": pa.string(),
    "timestamp_utc": pa.string(),
    "timestamp_utc_type": pa.string(),
    "resolved_utc": pa.timestamp("us"),
    "value": pa.string(),
    "value_type": pa.string(),
    "unit": pa.string(),
    "unit_type": pa.string(),
    "idempotency_key": pa.string(),
}
"""Columns of `RowBatch.rows`. `line_number` is required, an absent column counts as null.

A `*_type` column names the JSON type of a cell that has the wrong one (`a number`, `true or
false`), and is null where the type fits.
"""

MAX_RAW_TEXT = 4_000
"""Characters of a malformed line that its reject keeps; the archived bytes keep it all."""


def malformed_rows(
    *,
    line_numbers: Iterable[int],
    organization_ids: Iterable[str | None],
    raw_texts: Iterable[str],
    details: Iterable[str],
) -> pa.Table:
    """A `RowBatch.malformed` table from equally long columns."""
    return pa.table(
        [
            pa.array(line_numbers, pa.int64()),
            pa.array(organization_ids, pa.string()),
            pa.array([text[:MAX_RAW_TEXT] for text in raw_texts], pa.string()),
            pa.array(details, pa.string()),
        ],
        schema=MALFORMED_SCHEMA,
    )


class RowSource(Protocol):
    """Rows of a file, batch by batch; `batches` can be called again for a second pass.

    `decimal_mark` is `.` or `,`, known once the first batch was read.
    """

    decimal_mark: str

    def batches(self) -> Iterator[RowBatch]:
        """The file's rows in its order, `line_number` rising."""
        ...
