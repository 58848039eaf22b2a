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

Integers = npt.NDArray[np.int64]
BATCH_ROWS = 1 << 20


@dataclass(frozen=True, kw_only=True)
class AcceptedReadings:
    """Accepted readings of one receipt, sorted by site, meter, interval and line.

    One element a row in every array: `meter` indexes `meters`, `start` counts seconds and
    `received` microseconds of UTC since 1970, `nano_kwh` the energy in 10^-9 kWh. `record_index`,
    `received` and `key` are None where the source has none.
    """

    receipt_id: str
    upload_source: str
    received_at_utc: datetime
    received_date: date
    meters: Meters
    meter: Integers
    start: Integers
    nano_kwh: Integers
    line_number: Integers
    record_index: Integers | None
    received: Integers | None
    key: pa.Array | None

    @property
    def num_rows(self) -> int:
        """Number of accepted readings."""
        return len(self.line_number)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Record batches with the contract's columns; text columns are dictionary-encoded.

        The dictionaries spare a file of millions of rows its repeated identifiers; cast to
        `arrow_schema(READINGS)` for plain text.
        """
        for first in range(0, self.num_rows, BATCH_ROWS):
            yield self._batch(slice(first, first + BATCH_ROWS))

    def table(self) -> pa.Table:
        """All readings with the contract's schema."""
        schema = arrow_schema(READINGS)
        batches = list(self.batches())
        if not batches:
            return schema.empty_table()
        return pa.Table.from_batches(batches).cast(schema)

    def _batch(self, rows: slice) -> pa.RecordBatch:
        meter = self.meter[rows]
        count = len(meter)
        site = pa.array(self.meters.site[meter], pa.int32())
        columns: dict[str, pa.Array] = {
            "receipt_id": _constant(self.receipt_id, count),
            "received_at_utc": self._received(rows, count),
            "received_date": pa.repeat(pa.scalar(self.received_date, pa.date32()), count),
            "upload_source": _constant(self.upload_source, count),
            "line_number": pa.array(self.line_number[rows]),
            "record_index": _optional(self.record_index, rows, count),
            "organization_id": pa.DictionaryArray.from_arrays(
                site, self.meters.organization_of_site
            ),
            "site_id": pa.DictionaryArray.from_arrays(site, self.meters.site_ids),
            "meter_id": pa.DictionaryArray.from_arrays(
                pa.array(meter, pa.int32()), self.meters.meter_ids
            ),
            "interval_start_utc": pa.array(self.start[rows] * 1_000_000).cast(pa.timestamp("us")),
            "interval_seconds": pa.array(self.meters.interval_seconds[meter], pa.int32()),
            "usage_kwh": decimal_array(self.nano_kwh[rows]),
            "reading_quality": _constant(ReadingQuality.RAW.value, count),
            "flow_direction": _constant(FlowDirection.FORWARD.value, count),
            "idempotency_key": (
                pa.nulls(count, pa.string()) if self.key is None else self.key[rows]
            ),
        }
        names = READINGS.column_names
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names=list(names))

    def _received(self, rows: slice, count: int) -> pa.Array:
        if self.received is None:
            return pa.repeat(pa.scalar(self.received_at_utc, pa.timestamp("us")), count)
        return pa.array(self.received[rows]).cast(pa.timestamp("us"))


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


def _optional(numbers: Integers | None, rows: slice, count: int) -> pa.Array:
    return pa.nulls(count, pa.int64()) if numbers is None else pa.array(numbers[rows])
