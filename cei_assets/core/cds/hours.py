"""Intervals cut at the full hours of UTC, exactly.

Local hours and days follow from the hour's start in the site's zone, so that the hour that comes
twice in autumn stays two hours and no energy is lost or doubled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsValueStatus
from cei_assets.core.cds.expand import Positions

HOUR_US = 3_600_000_000
SECONDS = pa.decimal128(18, 6)

_WIDEST = 80


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Parts of intervals that lie in one hour each; all arrays are of one length.

    `row` is the interval's row, `hour` counts hours since 1970, `overlap_us` is the part's length.
    `quantity` is the interval's value, of a `is_split` one the part by overlap.
    """

    row: Positions
    hour: Positions
    overlap_us: Positions
    is_split: npt.NDArray[np.bool_]
    quantity: pa.Array


def cut_at_hours(intervals: pa.Table, quantity: pa.Array) -> Pieces:
    """Parts of intervals of one hour at most, which therefore have two parts at most.

    The first part of a value is rounded to the last place of its decimal, the second is the rest:
    together they are the value.
    """
    start, end = microseconds(intervals, "interval_start_utc"), end_us(intervals)
    first, last = start // HOUR_US, (end - 1) // HOUR_US
    straddling = np.flatnonzero(last > first)
    rows: Positions = np.arange(len(start), dtype=np.int64)
    overlap = np.minimum(end, (first + 1) * HOUR_US) - start
    head, tail = _split(
        quantity.take(pa.array(straddling)),
        overlap[straddling],
        (end - start)[straddling],
    )
    is_split = last > first
    return Pieces(
        row=np.concatenate([rows, straddling]),
        hour=np.concatenate([first, last[straddling]]),
        overlap_us=np.concatenate([overlap, (end - last * HOUR_US)[straddling]]),
        is_split=np.concatenate([is_split, np.ones(len(straddling), dtype=bool)]),
        quantity=pa.concat_arrays([pc.replace_with_mask(quantity, pa.array(is_split), head), tail]),
    )


def _split(values: pa.Array, overlaps: Positions, lengths: Positions) -> tuple[pa.Array, pa.Array]:
    """Head by overlap and tail by difference.

    A loop: 38 digits times microseconds exceed Arrow's decimals as they exceed 64 bits, and only
    intervals that straddle an hour come here (2.5 microseconds each, measured).
    """
    scale = values.type.scale
    heads: list[Decimal | None] = []
    tails: list[Decimal | None] = []
    cut = zip(values.to_pylist(), overlaps.tolist(), lengths.tolist(), strict=True)
    with localcontext(prec=_WIDEST):
        for value, overlap, length in cut:
            if value is None:
                heads.append(None)
                tails.append(None)
                continue
            unscaled = int(value.scaleb(scale))
            head = (2 * unscaled * overlap + length) // (2 * length)
            heads.append(Decimal(head).scaleb(-scale))
            tails.append(Decimal(unscaled - head).scaleb(-scale))
    return pa.array(heads, values.type), pa.array(tails, values.type)


def microseconds(intervals: pa.Table, name: str) -> Positions:
    """A column of moments as microseconds since 1970."""
    moments = intervals[name].combine_chunks().cast(pa.int64())
    found: Positions = moments.to_numpy(zero_copy_only=False)
    return found


def end_us(intervals: pa.Table) -> Positions:
    """Ends of the intervals as microseconds since 1970."""
    return microseconds(intervals, "cds_interval_end_utc")


def holds_value(intervals: pa.Table) -> npt.NDArray[np.bool_]:
    """Whether each interval has a value."""
    found = pc.equal(intervals["value_status"], CdsValueStatus.VALUE.value).combine_chunks()
    has_value: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return has_value


def seconds(lengths_us: pa.ChunkedArray) -> pa.ChunkedArray:
    """Microseconds as seconds with six places."""
    wide = pc.multiply(lengths_us.cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.000001")))
    return wide.cast(SECONDS)


def series_columns(
    intervals: pa.Table, series: Sequence[str], pieces: Pieces
) -> dict[str, pa.Array]:
    """The columns that name a series, and the hour, piece by piece."""
    rows = pa.array(pieces.row)
    return {
        **{name: intervals[name].combine_chunks().take(rows) for name in series},
        "cds_hour_start_utc": pa.array(pieces.hour * HOUR_US).cast(pa.timestamp("us")),
    }
