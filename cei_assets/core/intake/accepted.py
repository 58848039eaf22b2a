"""Accepted readings in compact columns, spelled out batch by batch in the contract's schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import READINGS
from cei_assets.contracts.vocabulary import FlowDirection, ReadingQuality
from cei_assets.core.intake.places import Meters
from cei_assets.core.intake.valid_rows import ValidRows

Integers = npt.NDArray[np.int64]
BATCH_ROWS = 1 << 20


@dataclass(frozen=True, kw_only=True)
class AcceptedReadings:
    """Accepted readings of one receipt, sorted by site, meter, interval and line.

    `rows` holds them in compact columns, `meters` what these index.
    """

    receipt_id: str
    upload_source: str
    received_at_utc: datetime
    received_date: date
    meters: Meters
    rows: ValidRows

    @property
    def num_rows(self) -> int:
        """Number of accepted readings."""
        return self.rows.num_rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Record batches with the contract's columns; text columns are dictionary-encoded.

        The dictionaries spare a file of millions of rows its repeated identifiers; cast to
        `arrow_schema(READINGS)` for plain text.
        """
        for first in range(0, self.num_rows, BATCH_ROWS):
            yield self._batch(self.rows.take(slice(first, first + BATCH_ROWS)))

    def table(self) -> pa.Table:
        """All readings with the contract's schema."""
        schema = arrow_schema(READINGS)
        batches = list(self.batches())
        if not batches:
            return schema.empty_table()
        return pa.Table.from_batches(batches).cast(schema)

    def _batch(self, rows: ValidRows) -> pa.RecordBatch:
        meter, count = rows.meter, rows.num_rows
        meters = pa.array(meter)
        columns: dict[str, pa.Array] = {
            "receipt_id": _constant(self.receipt_id, count),
            "received_at_utc": self._received(rows),
            "received_date": pa.repeat(pa.scalar(self.received_date, pa.date32()), count),
            "upload_source": _constant(self.upload_source, count),
            "line_number": pa.array(rows.line_number),
            "record_index": _optional(rows.record_index, count),
            "organization_id": self.meters.organization_id.take(meters),
            "site_id": self.meters.site_id.take(meters),
            "meter_id": self.meters.meter_id.take(meters),
            "interval_start_utc": pa.array(rows.start * 1_000_000).cast(pa.timestamp("us")),
            "interval_seconds": pa.array(self.meters.interval_seconds[meter], pa.int32()),
            "usage_kwh": decimal_array(rows.nano_kwh),
            "reading_quality": _constant(ReadingQuality.RAW.value, count),
            "flow_direction": _constant(FlowDirection.FORWARD.value, count),
            "idempotency_key": (pa.nulls(count, pa.string()) if rows.key is None else rows.key),
        }
        names = READINGS.column_names
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names=list(names))

    def _received(self, rows: ValidRows) -> pa.Array:
        whole = pa.scalar(self.received_at_utc, pa.timestamp("us"))
        if rows.received is None:
            return pa.repeat(whole, rows.num_rows)
        own = pa.array(rows.received, mask=rows.received < 0).cast(pa.timestamp("us"))
        return own.fill_null(whole)


def decimal_array(nano: Integers) -> pa.Array:
    """DECIMAL(18,9) from whole numbers of 10^-9, without a detour through text or floats."""
    words = np.empty((len(nano), 2), np.int64)
    words[:, 0] = nano
    words[:, 1] = nano >> 63
    return pa.Array.from_buffers(
        pa.decimal128(18, 9), len(nano), [None, pa.py_buffer(words.reshape(-1))]
    )


def nano_values(values: pa.Array) -> Integers:
    """Whole numbers of 10^-9 from DECIMAL(18,9); 0 where null.

    Eighteen digits fit the low one of a decimal's two 64-bit words.
    """
    words = np.frombuffer(values.buffers()[1], np.int64)
    low = words[2 * values.offset : 2 * (values.offset + len(values)) : 2]
    return np.where(values.is_valid().to_numpy(zero_copy_only=False), low, 0)


def _constant(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(count, np.int32)), pa.array([text], pa.string())
    )


def _optional(numbers: Integers | None, count: int) -> pa.Array:
    if numbers is None:
        return pa.nulls(count, pa.int64())
    return pa.array(numbers, mask=numbers < 0)
