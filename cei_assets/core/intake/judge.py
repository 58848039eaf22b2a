"""The one judge of readings: rows as text in, accepted readings and refused rows out.

Rules, codes and their order are those of the ingest API, section 2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.accepted import AcceptedReadings
from cei_assets.core.intake.coded import coded
from cei_assets.core.intake.cumulative import cumulative_rows
from cei_assets.core.intake.places import Meters, Places, find_places, registered_meters
from cei_assets.core.intake.problems import (
    Findings,
    described,
    described_late,
    late_problems,
)
from cei_assets.core.intake.read_ahead import read_ahead
from cei_assets.core.intake.rejects import joined_rejects, malformed_rejects, refused_rows
from cei_assets.core.intake.repeats import find_repeats, interval_identity
from cei_assets.core.intake.row_source import ROW_COLUMNS, RowSource
from cei_assets.core.intake.timestamps import (
    MICROSECONDS,
    NO_INSTANT,
    Moments,
    read_moments,
    resolved_by_order,
)
from cei_assets.core.intake.valid_rows import Selection, ValidRows, carried, joined
from cei_assets.core.intake.values import read_energies
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What every batch of one file is judged with."""

    connection: duckdb.DuckDBPyConnection
    register: Mapping[str, pa.Table]
    meters: Meters
    receipt: ReceiptFacts
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class _BatchVerdict:
    """Valid rows, rejects, and rows whose repeated local hour only the whole file settles."""

    valid: ValidRows
    rejects: list[pa.Table]
    undecided: pa.Table | None = None


def judge_readings(
    *,
    connection: duckdb.DuckDBPyConnection,
    rows: RowSource,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
    refuse_cumulative: bool = False,
) -> Verdict:
    """Judges the rows of one file against register, receipt and limits.

    `connection` is an in-memory DuckDB connection with TimeZone UTC; it keeps nothing.
    `refuse_cumulative` refuses the rows of meters that send a register instead of interval energy.
    Rows are read a second time when only the whole file shows that some are wrong, so that their
    rejects give the text as it was received. Raises UnusableFileError when the source finds the
    file unusable.
    """
    judge = _Judge(
        connection=connection,
        register=register,
        meters=registered_meters(connection, register=register, year=receipt.received_at_utc.year),
        receipt=receipt,
        limits=limits,
    )
    valid, rejects, undecided, rows_read = [], [], [], 0
    for batch in read_ahead(rows.batches()):
        rows_read += batch.rows.num_rows + batch.malformed.num_rows
        if batch.malformed.num_rows:
            rejects.append(malformed_rejects(malformed=batch.malformed, receipt=receipt))
        if batch.rows.num_rows:
            verdict = _judge_batch(judge, _complete(batch.rows, receipt), rows.decimal_mark)
            valid.append(verdict.valid)
            rejects.extend(verdict.rejects)
            if verdict.undecided is not None:
                undecided.append(verdict.undecided)
    if undecided:
        verdict = _judge_repeated_hours(judge, pa.concat_tables(undecided), rows.decimal_mark)
        valid.append(verdict.valid)
        rejects.extend(verdict.rejects)
    whole = joined(valid)
    if undecided:
        whole = whole.take(np.argsort(whole.line_number, kind="stable"))
    return _verdict_on_whole(judge, rows, whole, rejects, rows_read, refuse_cumulative)


def _judge_batch(
    judge: _Judge, rows: pa.Table, decimal_mark: str, *, is_whole: bool = False
) -> _BatchVerdict:
    """The rules that a row alone decides; with `is_whole`, an undecided hour is refused."""
    places = find_places(judge.connection, rows=rows, register=judge.register, meters=judge.meters)
    moments = read_moments(judge.connection, rows=rows, receipt=judge.receipt, limits=judge.limits)
    if not is_whole and (ambiguous := moments.is_ambiguous).any():
        rest = rows.filter(pa.array(~ambiguous))
        verdict = _judge_batch(judge, rest, decimal_mark, is_whole=True)
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
        return _BatchVerdict(valid=every, rejects=[])
    refused = np.flatnonzero(~is_valid)
    problems = described(
        judge.connection,
        rows=rows.take(refused),
        findings=_findings(judge, places, moments, is_wrong_unit, is_off_grid, refused),
        decimal_mark=decimal_mark,
        limits=judge.limits,
    )
    return _BatchVerdict(
        valid=every.take(np.flatnonzero(is_valid)),
        rejects=[refused_rows(judge.connection, problems=problems, receipt=judge.receipt)],
    )


def _findings(
    judge: _Judge,
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


def _judge_repeated_hours(judge: _Judge, rows: pa.Table, decimal_mark: str) -> _BatchVerdict:
    """Rows whose local time the clock shows twice, all of the file together."""
    places = find_places(judge.connection, rows=rows, register=judge.register, meters=judge.meters)
    moments = read_moments(judge.connection, rows=rows, receipt=judge.receipt, limits=judge.limits)
    instants = resolved_by_order(place=places.group, moments=moments)
    at = rows.column_names.index("resolved_utc")
    return _judge_batch(
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
    for number, (interval, winter, summer) in enumerate(meters.grids * MICROSECONDS):
        off_winter = (instants + winter) % interval != 0
        off_summer = (instants + summer) % interval != 0
        table[number] = has_instant & off_winter & off_summer
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


def _verdict_on_whole(
    judge: _Judge,
    source: RowSource,
    whole: ValidRows,
    rejects: list[pa.Table],
    rows_read: int,
    refuse_cumulative: bool,
) -> Verdict:
    """The rules that need the whole file: keys that come twice, cumulative registers."""
    identity = interval_identity(whole.meter, whole.start)
    repeats = find_repeats(
        identity=identity,
        meter=whole.meter,
        start=whole.start,
        nano_kwh=whole.nano_kwh,
        key_group=whole.key_groups(judge.meters),
    )
    kept = _in_order(identity, repeats.kept)
    registers = np.empty(0, np.int64)
    if refuse_cumulative:
        is_register = cumulative_rows(meter=whole.meter[kept], nano_kwh=whole.nano_kwh[kept])
        if is_register.any():
            rows = np.arange(whole.num_rows)[kept]
            registers, kept = rows[is_register], rows[~is_register]
    late = late_problems(rows=whole, repeats=repeats, registers=registers)
    return Verdict(
        rows_read=rows_read,
        rows_exact_duplicate=int(np.count_nonzero(repeats.duplicate)),
        readings=_accepted(judge, whole.take(kept)),
        rejects=joined_rejects([*rejects, *_late_rejects(judge, source, late)]),
    )


def _in_order(identity: Integers, is_kept: Flags) -> Selection:
    """The kept rows by meter, interval and place in the file; a slice where that is all of them."""
    if not is_kept.all():
        kept = np.flatnonzero(is_kept)
        identity = identity[kept]
        return kept[np.argsort(identity, kind="stable")]
    if np.all(identity[1:] >= identity[:-1]):
        return slice(None)
    return np.argsort(identity, kind="stable")


def _late_rejects(judge: _Judge, source: RowSource, late: pa.Table) -> Iterator[pa.Table]:
    """Rejects of rows that only the whole file shows to be wrong, with their text as received."""
    if not late.num_rows:
        return
    lines = late["line_number"].to_numpy()
    for batch in source.batches():
        here = batch.rows["line_number"].to_numpy()
        chosen = np.flatnonzero(np.isin(here, lines))
        if len(chosen):
            problems = described_late(
                rows=_complete(batch.rows, judge.receipt).take(chosen),
                late=late.take(np.searchsorted(lines, here[chosen])),
            )
            yield refused_rows(judge.connection, problems=problems, receipt=judge.receipt)


def _accepted(judge: _Judge, rows: ValidRows) -> AcceptedReadings:
    receipt = judge.receipt
    return AcceptedReadings(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        meters=judge.meters,
        rows=rows,
    )


def _complete(rows: pa.Table, receipt: ReceiptFacts) -> pa.Table:
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
