"""Valid rows of a file in compact arrays, from single batches to the whole."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.coded import coded, distinct
from cei_assets.core.intake.places import Meters

Integers = npt.NDArray[np.int64]
Selection = Integers | slice


@dataclass(frozen=True, kw_only=True)
class ValidRows:
    """Valid rows in the file's order, one element a row; for units see AcceptedReadings.

    `record_index`, `received` and `key` are None where no row has one; a row without a record
    index or time of its own has -1 there.
    """

    meter: Integers
    start: Integers
    nano_kwh: Integers
    line_number: Integers
    record_index: Integers | None
    received: Integers | None
    key: pa.Array | None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.line_number)

    def take(self, rows: Selection) -> "ValidRows":
        """The chosen rows, in the order in which they are chosen."""
        return ValidRows(
            meter=self.meter[rows],
            start=self.start[rows],
            nano_kwh=self.nano_kwh[rows],
            line_number=self.line_number[rows],
            record_index=None if self.record_index is None else self.record_index[rows],
            received=None if self.received is None else self.received[rows],
            key=None if self.key is None else _taken(self.key, rows),
        )

    def key_groups(self, meters: Meters) -> Integers | None:
        """Numbers of organization and given key, -1 for rows without; None when none has one."""
        if self.key is None:
            return None
        keys = coded(pa.chunked_array([self.key]))
        owners = meters.organization_id.take(pa.array(self.meter))
        groups = distinct([coded(pa.chunked_array([owners])), keys]).group
        return np.where(keys.codes >= 0, groups, -1)


def carried(rows: pa.Table, *, meter: Integers, start: Integers, nano_kwh: Integers) -> ValidRows:
    """All rows of a batch with what was read from them."""
    line_number = rows["line_number"].to_numpy()
    return ValidRows(
        meter=meter,
        start=start,
        nano_kwh=nano_kwh,
        line_number=line_number,
        record_index=_numbers(rows["record_index"]),
        received=_numbers(rows["received_at_utc"]),
        key=_keys(rows["idempotency_key"]),
    )


def joined(parts: list[ValidRows]) -> ValidRows:
    """The parts one after another."""
    none = np.empty(0, np.int64)
    if not parts:
        return ValidRows(
            meter=none, start=none, nano_kwh=none, line_number=none, record_index=None,
            received=None, key=None,
        )  # fmt: skip
    return ValidRows(
        meter=np.concatenate([part.meter for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        nano_kwh=np.concatenate([part.nano_kwh for part in parts]),
        line_number=np.concatenate([part.line_number for part in parts]),
        record_index=_joined_numbers([(part.record_index, part.num_rows) for part in parts]),
        received=_joined_numbers([(part.received, part.num_rows) for part in parts]),
        key=_joined_keys(parts),
    )


def _taken(keys: pa.Array, rows: Selection) -> pa.Array:
    return keys[rows] if isinstance(rows, slice) else keys.take(pa.array(rows))


def _numbers(column: pa.ChunkedArray) -> Integers | None:
    if column.null_count == len(column):
        return None
    numbers: Integers = column.cast(pa.int64()).fill_null(-1).to_numpy()
    return numbers


def _keys(column: pa.ChunkedArray) -> pa.Array | None:
    """Given keys; a blank one counts as none."""
    if column.null_count == len(column):
        return None
    keys = column.cast(pa.string()).combine_chunks()
    blank = pc.equal(pc.utf8_trim_whitespace(keys), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), keys)


def _joined_numbers(parts: list[tuple[Integers | None, int]]) -> Integers | None:
    if all(numbers is None for numbers, _ in parts):
        return None
    return np.concatenate(
        [np.full(count, -1) if numbers is None else numbers for numbers, count in parts]
    )


def _joined_keys(parts: list[ValidRows]) -> pa.Array | None:
    if all(part.key is None for part in parts):
        return None
    return pa.concat_arrays(
        [pa.nulls(part.num_rows, pa.string()) if part.key is None else part.key for part in parts]
    )
