"""Segments to rows: set i, slot k holds for [start + i * interval, start + (i + 1) * interval)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsSeriesKind, CdsValueStatus
from cei_assets.core.cds.cells import Cells, read_cells
from cei_assets.core.cds.decimals import decimals
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.formats import ValueFormat
from cei_assets.core.cds.resource import Resource, resource_of
from cei_assets.core.cds.segment import Segment

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The slots of one format of one segment, one per value set.

    `segment_index` counts the segments of the file that were kept. `cells` is None for the supply
    mix of dialects A and B, whose slots are lists of shares.
    """

    segment: Segment
    segment_index: int
    value_format: ValueFormat
    resource: Resource
    slots: Sequence[Any]
    cells: Cells | None

    @property
    def is_aggregated(self) -> bool:
        """Whether the values are those of several customers together."""
        return self.segment.is_aggregated or self.value_format.is_aggregated

    @property
    def series_kind(self) -> CdsSeriesKind:
        """What the format, else its segment, says that the series is."""
        stated = self.value_format.series_kind or self.segment.series_kind
        if stated is None and self.value_format.stated_quality.says_forecast:
            return CdsSeriesKind.OTHER
        return stated or CdsSeriesKind.MEASURED

    def pointer_to(self, set_position: int) -> str:
        """The pointer to the slot of a set."""
        return slot_pointer(self.segment, self.value_format.position, set_position)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a segment's sets fit its formats and its span."""

    has_length_mismatch: bool
    has_span_mismatch: bool


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The slots of many blocks, block after block, set after set; all arrays are of one length.

    `blocks` are those that have rows, `first_row` where each begins. `start_us` and `end_us` are
    microseconds UTC. `values` is DECIMAL(38,12), null unless `status` is value; `texts` is what
    was written; `is_exact` whether the decimal is the number that was written.
    """

    blocks: tuple[Block, ...]
    first_row: Positions
    block_index: Positions
    set_position: Positions
    start_us: Positions
    end_us: Positions
    texts: pa.Array
    values: pa.Array
    status: pa.Array
    is_exact: npt.NDArray[np.bool_]


def slot_pointer(segment: Segment, format_position: int, set_position: int) -> str:
    """The pointer to one slot of a segment."""
    return f"{segment.pointer}/values/{set_position}/{format_position}"


def row_count(segment: Segment) -> int:
    """Rows that a segment expands to."""
    known = sum(value_format.value_type is not None for value_format in segment.formats)
    return known * len(segment.values)


def slot_count(segment: Segment) -> int:
    """Rows of a segment that hold numbers, not lists of shares."""
    known = sum(
        value_format.value_type is not None and not value_format.lists_shares
        for value_format in segment.formats
    )
    return known * len(segment.values)


def check_shape(segment: Segment, *, findings: Findings) -> Shape:
    """Tell what does not fit: sets that are not as long as the formats, sets that miss the span.

    Rows are kept as the interval says and never stretched. Point-in-time values may stand at both
    ends of the span, so that there is one more of them than intervals.
    """
    if segment.is_period_marker:
        return Shape(has_length_mismatch=False, has_span_mismatch=False)
    width = len(segment.formats)
    odd = [
        index
        for index, value_set in enumerate(segment.values)
        if value_set is not None and len(value_set) != width
    ]
    if odd:
        findings.tell(
            CdsCode.LENGTH_MISMATCH,
            f"{segment.pointer}/values/{odd[0]}",
            f"{len(odd)} of {len(segment.values)} sets do not have {width} slots as the formats "
            "do; slots that are not there are missing",
            str(len(segment.values[odd[0]])),
        )
    counts = len(segment.values)
    covered, span = counts * segment.interval_us, segment.end_us - segment.start_us
    known = [known for known in segment.formats if known.value_type is not None]
    reads_points = bool(known) and all(known.is_point_in_time for known in known)
    fits = covered == span or (reads_points and covered == span + segment.interval_us)
    if not fits:
        findings.tell(
            CdsCode.SPAN_MISMATCH,
            segment.pointer,
            f"{counts} intervals cover {covered / 1e6:,.6f} s, start to end is "
            f"{span / 1e6:,.6f} s; each interval keeps its length",
        )
    return Shape(has_length_mismatch=bool(odd), has_span_mismatch=not fits)


def blocks_of(segment: Segment, segment_index: int, *, findings: Findings) -> list[Block]:
    """The slots of a segment, format by format; those of unknown types are left out.

    Slots behind the last format belong to nothing and are refused.
    """
    width = len(segment.formats)
    columns = _columns(segment.values, width)
    for set_position, value_set in enumerate(segment.values):
        if value_set is not None and len(value_set) > width:
            _refuse_extra(segment, set_position, findings=findings)
    blocks = []
    for value_format, slots in zip(segment.formats, columns, strict=True):
        if value_format.value_type is None:
            continue
        cells = None
        if not value_format.lists_shares:
            cells = read_cells(
                slots,
                value_format,
                pointer_of=partial(slot_pointer, segment, value_format.position),
                findings=findings,
            )
        blocks.append(
            Block(
                segment=segment,
                segment_index=segment_index,
                value_format=value_format,
                resource=resource_of(value_format, segment),
                slots=slots,
                cells=cells,
            )
        )
    return blocks


def _refuse_extra(segment: Segment, set_position: int, *, findings: Findings) -> None:
    width = len(segment.formats)
    for place, slot in enumerate(segment.values[set_position][width:], start=width):
        if slot is not None:
            findings.tell(
                CdsCode.EXTRA_SLOT,
                slot_pointer(segment, place, set_position),
                f"a value behind the last of {width} formats: nothing says what it is",
                slot,
            )


def _columns(values: Sequence[Any], width: int) -> list[Sequence[Any]]:
    if all(value_set is not None and len(value_set) == width for value_set in values) and values:
        return list(zip(*values, strict=True))
    return [[_slot(value_set, position) for value_set in values] for position in range(width)]


def _slot(value_set: list[Any] | None, position: int) -> object:
    return value_set[position] if value_set is not None and position < len(value_set) else None


def rows_of(blocks: Iterable[Block], *, findings: Findings) -> Rows:
    """The rows of all blocks that hold numbers, made at once with NumPy and Arrow.

    Numbers that no DECIMAL(38,12) can hold are refused, those with more than 12 places are told.
    """
    held = tuple(block for block in blocks if block.cells is not None)
    counts = np.array([len(block.slots) for block in held], dtype=np.int64)
    first_row = np.concatenate(([0], np.cumsum(counts)))[: len(held)].astype(np.int64)
    block_index = np.repeat(np.arange(len(held), dtype=np.int64), counts)
    set_position = np.arange(len(block_index), dtype=np.int64) - first_row[block_index]
    interval = _of_blocks([block.segment.interval_us for block in held], block_index)
    start = _of_blocks([block.segment.start_us for block in held], block_index)
    start = start + set_position * interval
    texts = pa.array(
        [text for block in held if block.cells for text in block.cells.texts], pa.string()
    )
    invalid = np.zeros(len(texts), dtype=bool)
    for first, block in zip(first_row.tolist(), held, strict=True):
        if block.cells and block.cells.invalid:
            invalid[first + np.array(block.cells.invalid)] = True
    numbers = decimals(pc.if_else(pa.array(invalid), None, texts) if invalid.any() else texts)
    rows = Rows(
        blocks=held,
        first_row=first_row,
        block_index=block_index,
        set_position=set_position,
        start_us=start,
        end_us=start + interval,
        texts=texts,
        values=numbers.values,
        status=_status(texts, invalid, numbers.out_of_range),
        is_exact=_exactness(len(texts), numbers.rounded),
    )
    _tell_numbers(rows, numbers.out_of_range, numbers.rounded, findings=findings)
    return rows


def _of_blocks(values: Sequence[int], block_index: Positions) -> Positions:
    return np.array(values, dtype=np.int64)[block_index]


def _status(
    texts: pa.Array, invalid: npt.NDArray[np.bool_], out_of_range: Sequence[int]
) -> pa.Array:
    refused = invalid.copy()
    refused[list(out_of_range)] = True
    return pc.if_else(
        pa.array(refused),
        CdsValueStatus.INVALID.value,
        pc.if_else(texts.is_null(), CdsValueStatus.MISSING.value, CdsValueStatus.VALUE.value),
    )


def _exactness(count: int, rounded: Sequence[int]) -> npt.NDArray[np.bool_]:
    is_exact = np.ones(count, dtype=bool)
    is_exact[list(rounded)] = False
    return is_exact


def _tell_numbers(
    rows: Rows, out_of_range: Iterable[int], rounded: Iterable[int], *, findings: Findings
) -> None:
    for row in out_of_range:
        findings.tell(
            CdsCode.VALUE_OUT_OF_RANGE,
            _pointer(rows, row),
            "a number of 1e26 or more, or written with over 200 characters; kept as text",
            rows.texts[row].as_py(),
        )
    for row in rounded:
        findings.tell(
            CdsCode.VALUE_ROUNDED,
            _pointer(rows, row),
            "more than 12 decimal places; the text keeps them all",
            rows.texts[row].as_py(),
        )


def _pointer(rows: Rows, row: int) -> str:
    block = rows.blocks[int(rows.block_index[row])]
    return block.pointer_to(int(rows.set_position[row]))
