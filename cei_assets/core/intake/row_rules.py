"""The rules that a row alone decides: place, unit, timestamp, grid and value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.coded import coded
from cei_assets.core.intake.places import Meters, Places, find_places
from cei_assets.core.intake.problems import Findings, described
from cei_assets.core.intake.rejects import refused_rows
from cei_assets.core.intake.row_source import ROW_COLUMNS
from cei_assets.core.intake.timestamps import (
    MICROSECONDS,
    NO_INSTANT,
    Moments,
    read_moments,
    resolved_by_order,
)
from cei_assets.core.intake.valid_rows import ValidRows, carried
from cei_assets.core.intake.values import read_energies
from cei_assets.core.intake.verdict import Limits, ReceiptFacts

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What every batch of rows is judged with."""

    connection: duckdb.DuckDBPyConnection
    register: Mapping[str, pa.Table]
    meters: Meters
    receipt: ReceiptFacts
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class BatchVerdict:
    """Valid rows, rejects, and rows whose repeated local hour only the whole file settles."""

    valid: ValidRows
    rejects: list[pa.Table]
    undecided: pa.Table | None = None


def judge_batch(
    judge: Judge, rows: pa.Table, decimal_mark: str, *, is_whole: bool = False
) -> BatchVerdict:
    """The rules that a row alone decides; with `is_whole`, an undecided hour is refused."""
    places = find_places(judge.connection, rows=rows, register=judge.register, meters=judge.meters)
    moments = read_moments(judge.connection, rows=rows, receipt=judge.receipt, limits=judge.limits)
    if not is_whole and (ambiguous := moments.is_ambiguous).any():
        rest = rows.filter(pa.array(~ambiguous))
        verdict = judge_batch(judge, rest, decimal_mark, is_whole=True)
        return replace(verdict, undecided=rows.filter(pa.array(ambiguous)))
    energies = read_energies(
        judge.connection,
        rows=rows,
        decimal_mark=decimal_mark,
        limit=judge.limits.max_interval_kwh,
    )
    is_wrong_unit = _is_wrong_unit(rows)
    is_off_grid = _is_off_grid(judge.meters, places.meter, moments)
    is_valid = (places.meter >= 0) & moments.is_valid & energies.is_valid
    is_valid &= ~(is_wrong_unit | is_off_grid)
    start = (moments.instants // MICROSECONDS)[moments.group]
    if judge.meters.label_shift.any():
        start = start - judge.meters.label_shift[places.meter]
    every = carried(rows, meter=places.meter, start=start, nano_kwh=energies.nano_kwh)
    if is_valid.all():
        return BatchVerdict(valid=every, rejects=[])
    refused = np.flatnonzero(~is_valid)
    problems = described(
        judge.connection,
        rows=rows.take(refused),
        findings=_findings(judge, places, moments, is_wrong_unit, is_off_grid, refused),
        decimal_mark=decimal_mark,
        limits=judge.limits,
    )
    return BatchVerdict(
        valid=every.take(np.flatnonzero(is_valid)),
        rejects=[refused_rows(judge.connection, problems=problems, receipt=judge.receipt)],
    )


def _findings(
    judge: Judge,
    places: Places,
    moments: Moments,
    is_wrong_unit: Flags,
    is_off_grid: Flags,
    refused: Integers,
) -> Findings:
    return Findings(
        place=places.verdicts.take(places.group[refused]),
        moment=moments.problems.take(pa.array(moments.group[refused])),
        is_wrong_unit=is_wrong_unit[refused],
        is_off_grid=is_off_grid[refused],
        interval_seconds=judge.meters.interval_seconds[places.meter[refused]],
    )


def judge_repeated_hours(
    judge: Judge, rows: pa.Table, decimal_mark: str, *, is_backwards: bool
) -> BatchVerdict:
    """Rows whose local time the clock shows twice, all of the file together."""
    places = find_places(judge.connection, rows=rows, register=judge.register, meters=judge.meters)
    moments = read_moments(judge.connection, rows=rows, receipt=judge.receipt, limits=judge.limits)
    instants = resolved_by_order(place=places.group, moments=moments, is_backwards=is_backwards)
    at = rows.column_names.index("resolved_utc")
    return judge_batch(
        judge, rows.set_column(at, "resolved_utc", instants), decimal_mark, is_whole=True
    )


def _is_off_grid(meters: Meters, meter: Integers, moments: Moments) -> Flags:
    """Rows whose instant no interval of their meter starts or ends at.

    Told once per distinct grid and instant; the last row of the table is for no meter.
    """
    count = len(moments.instants)
    table = np.zeros((len(meters.grids) + 1, count), bool)
    has_instant = moments.instants != NO_INSTANT
    instants = np.where(has_instant, moments.instants, 0)
    for number, grid in enumerate(meters.grids):
        table[number] = has_instant & grid.is_off(instants)
    if not table.any():
        return np.zeros(len(meter), bool)
    return table[meters.grid[meter], moments.group]


def _is_wrong_unit(rows: pa.Table) -> Flags:
    units = coded(rows["unit"])
    written = pc.utf8_lower(pc.utf8_trim_whitespace(units.values))
    is_kwh = pc.equal(written, "kwh").to_numpy(zero_copy_only=False)
    is_wrong: Flags = np.r_[~is_kwh, False][units.codes]
    is_wrong |= rows["unit_type"].is_valid().to_numpy()
    return is_wrong


def complete(rows: pa.Table, receipt: ReceiptFacts) -> pa.Table:
    """The rows with every column of `ROW_COLUMNS`; the receipt's organization where none is."""
    columns = {
        name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, kind)
        for name, kind in ROW_COLUMNS.items()
    }
    if receipt.organization_id is not None:
        columns["organization_id"] = pc.fill_null(
            columns["organization_id"], receipt.organization_id
        )
    return pa.table(columns)
