"""Values of intervals to hours of UTC: energy by sum, demand by maximum or by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import (
    CDS_QUALITY_ORDER,
    USAGE_TYPES,
    CdsDemandType,
    CdsValueType,
)
from cei_assets.core.cds.decimals import PLACES, VALUE_TYPE
from cei_assets.core.cds.hours import (
    HOUR_US,
    Pieces,
    cut_at_hours,
    end_us,
    holds_value,
    microseconds,
    seconds,
    series_columns,
)

FORMAT_SERIES = ("segment_version_id", "format_position")
"""A series within one file: a format of a segment version."""

_QUALITIES = [quality.value for quality in CDS_QUALITY_ORDER]
_SUMMED = [kind.value for kind in (*USAGE_TYPES, CdsValueType.EACS_APPLIED)]
_WIDEST = 120
_STEP = Decimal(1).scaleb(-PLACES)


@dataclass(frozen=True, kw_only=True)
class Hourly:
    """`hours` has one row per series and hour; `longer` the intervals that keep their own grain."""

    hours: pa.Table
    longer: pa.Table


def energy_hours(
    intervals: pa.Table,
    *,
    series: Sequence[str] = FORMAT_SERIES,
    quantity: str = "cds_value",
) -> Hourly:
    """Amounts of `cds_intervals` summed to hours of UTC, series by series.

    Columns: those of `series`, cds_hour_start_utc, hour_quantity (in the type of `quantity`, null
    where an hour has no value), covered_seconds, missing_seconds (slots without a value; seconds
    of no slot are in neither), worst_quality, is_prorated, is_hour_covered. An interval across a
    full hour is split by seconds of overlap, one of more than an hour is not spread: it is in
    `longer`. Sums of `hours` and of the values they are made of are equal to the last digit.
    Overlapping intervals of a series have to be resolved before; point-in-time values, demand,
    shares and costs are left out. Raises pa.ArrowInvalid when a sum has more digits than
    `quantity`.
    """
    amounts = intervals.filter(pc.is_in(intervals["cds_value_type"], pa.array(_SUMMED)))
    short, longer = _by_length(amounts)
    pieces = cut_at_hours(short, short[quantity].combine_chunks())
    # Sums of 38 digits would wrap around in 128 bits.
    wide = pieces.quantity.cast(pa.decimal256(38, pieces.quantity.type.scale))
    hours = _grouped(short, series, pieces, {"hour_quantity": wide}, "sum")
    sums = hours["hour_quantity"].cast(pieces.quantity.type)
    return Hourly(hours=_replaced(hours, "hour_quantity", sums), longer=longer)


def demand_hours(intervals: pa.Table, *, series: Sequence[str] = FORMAT_SERIES) -> Hourly:
    """Peak and average demand of `cds_intervals` by hour of UTC, series by series.

    Columns: demand_type and those of `energy_hours`. The peak of an hour is the highest of the
    intervals that touch it, the average is weighted by time and rounded half-even at 12 places.
    Starting and ending demand are instants and have no hour, nor has demand that does not say
    what it is.
    """
    peaks, peaks_longer = _by_length(_demand(intervals, CdsDemandType.PEAK))
    averages, averages_longer = _by_length(_demand(intervals, CdsDemandType.AVERAGE))
    keys = [*dict.fromkeys([*series, "demand_type"])]
    return Hourly(
        hours=pa.concat_tables([_peaks(peaks, keys), _averages(averages, keys)]),
        longer=pa.concat_tables([peaks_longer, averages_longer]),
    )


def _demand(intervals: pa.Table, kind: CdsDemandType) -> pa.Table:
    return intervals.filter(pc.equal(intervals["demand_type"], kind.value))


def _by_length(intervals: pa.Table) -> tuple[pa.Table, pa.Table]:
    lengths = end_us(intervals) - microseconds(intervals, "interval_start_utc")
    is_short = pa.array(lengths <= HOUR_US)
    return intervals.filter(is_short), intervals.filter(pc.invert(is_short))


def _peaks(intervals: pa.Table, series: Sequence[str]) -> pa.Table:
    values = intervals["cds_value"].combine_chunks()
    pieces = cut_at_hours(intervals, values)
    touching = values.take(pa.array(pieces.row))
    hours = _grouped(intervals, series, pieces, {"hour_quantity": touching}, "max")
    # What touches an hour counts whole in it.
    return _replaced(hours, "is_prorated", pa.repeat(pa.scalar(value=False), hours.num_rows))


def _averages(intervals: pa.Table, series: Sequence[str]) -> pa.Table:
    values = intervals["cds_value"].combine_chunks()
    pieces = cut_at_hours(intervals, values)
    weighted = pc.multiply(
        values.take(pa.array(pieces.row)).cast(pa.decimal256(38, 12)),
        pa.array(pieces.overlap_us).cast(pa.decimal256(19, 0)),
    )
    hours = _grouped(intervals, series, pieces, {"hour_quantity": weighted}, "sum")
    # Arrow divides decimals without rounding to a place; hours are few beside their intervals.
    sums = zip(
        hours["hour_quantity"].to_pylist(), hours["covered_seconds"].to_pylist(), strict=True
    )
    with localcontext(prec=_WIDEST):
        averages = [
            None
            if total is None
            else (total / (covered * 1_000_000)).quantize(_STEP, rounding=ROUND_HALF_EVEN)
            for total, covered in sums
        ]
    return _replaced(hours, "hour_quantity", pa.array(averages, VALUE_TYPE))


def _replaced(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def _grouped(
    intervals: pa.Table,
    series: Sequence[str],
    pieces: Pieces,
    quantities: dict[str, pa.Array],
    how: str,
) -> pa.Table:
    """Hours of pieces: `quantities` by `how`, seconds by sum, the worst quality of the values."""
    has_value = holds_value(intervals)[pieces.row]
    rank = pc.index_in(intervals["reading_quality"], pa.array(_QUALITIES)).combine_chunks()
    by = series_columns(intervals, series, pieces)
    found = pa.table(
        {
            **by,
            **quantities,
            "covered": np.where(has_value, pieces.overlap_us, 0),
            "missing": np.where(has_value, 0, pieces.overlap_us),
            "rank": pc.if_else(pa.array(has_value), rank.take(pa.array(pieces.row)), None),
            "is_prorated": pieces.is_split & has_value,
        }
    )
    aggregates = [
        *((name, how) for name in quantities),
        ("covered", "sum"),
        ("missing", "sum"),
        ("rank", "max"),
        ("is_prorated", "any"),
    ]
    hours = found.group_by(list(by), use_threads=False).aggregate(aggregates)
    covered = hours["covered_sum"]
    return pa.table(
        {
            **{name: hours[name] for name in by},
            **{name: hours[f"{name}_{how}"] for name in quantities},
            "covered_seconds": seconds(covered),
            "missing_seconds": seconds(hours["missing_sum"]),
            "worst_quality": pa.array(_QUALITIES).take(hours["rank_max"]),
            "is_prorated": hours["is_prorated_any"],
            "is_hour_covered": pc.equal(covered, HOUR_US),
        }
    )
