"""The one judge of readings: rows as text in, accepted readings and refused rows out.

Rules, codes and their order are those of the ingest API, section 2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cei_assets.core.intake.accepted import AcceptedReadings
from cei_assets.core.intake.cumulative import cumulative_rows
from cei_assets.core.intake.places import Meters, registered_meters
from cei_assets.core.intake.problems import described_late, late_problems
from cei_assets.core.intake.read_ahead import read_ahead
from cei_assets.core.intake.reject_bound import RejectBound
from cei_assets.core.intake.rejects import (
    joined_rejects,
    malformed_rejects,
    refused_before,
    refused_rows,
)
from cei_assets.core.intake.repeats import find_repeats, interval_identity
from cei_assets.core.intake.row_rules import Judge, complete, judge_batch, judge_repeated_hours
from cei_assets.core.intake.row_source import RowSource
from cei_assets.core.intake.timestamps import runs_backwards
from cei_assets.core.intake.valid_rows import Selection, ValidRows, joined
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class RowVerdicts:
    """What the rules that a row alone decides make of `n` rows, by their place in the table.

    `meter` (n,) indexes the registered meters, -1 where the row is refused; `start` (n,) is the
    interval's start in seconds since 1970, UTC, `nano_kwh` (n,) its energy in 10^-9 kWh, both 0
    where refused. `codes` and `details` hold None where the row is valid.
    """

    meter: Integers
    start: Integers
    nano_kwh: Integers
    codes: list[str | None]
    details: list[str | None]


def judge_rows(
    *,
    connection: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    register: Mapping[str, pa.Table],
    meters: Meters,
    receipt: ReceiptFacts,
    limits: Limits,
) -> RowVerdicts:
    """Judges single rows: codes 1 to 6 of the ingest API, section 2; keys are the caller's.

    `rows` has the columns of `ROW_COLUMNS` that are known, values with a decimal point;
    `line_number` is not looked at. `meters` are `registered_meters` of the same register.
    `connection` is an in-memory DuckDB connection with TimeZone UTC; it keeps nothing.
    """
    count = rows.num_rows
    judge = Judge(
        connection=connection, register=register, meters=meters, receipt=receipt, limits=limits
    )
    whole = complete(rows, receipt)
    numbered = whole.set_column(
        whole.column_names.index("line_number"), "line_number", pa.array(np.arange(count))
    )
    verdict = judge_batch(judge, numbered, ".", is_whole=True)
    at = verdict.valid.line_number
    meter, start, nano_kwh = np.full(count, -1), np.zeros(count, int), np.zeros(count, int)
    meter[at], start[at] = verdict.valid.meter, verdict.valid.start
    nano_kwh[at] = verdict.valid.nano_kwh
    rejects = joined_rejects(verdict.rejects)
    codes, details = np.full(count, None, object), np.full(count, None, object)
    lines = rejects["line_number"].to_numpy()
    codes[lines], details[lines] = rejects["code"].to_numpy(), rejects["detail"].to_numpy()
    return RowVerdicts(
        meter=meter,
        start=start,
        nano_kwh=nano_kwh,
        codes=codes.tolist(),
        details=details.tolist(),
    )


def judge_readings(
    *,
    connection: duckdb.DuckDBPyConnection,
    rows: RowSource,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
    refuse_cumulative: bool = False,
    max_rejects: int | None = None,
) -> Verdict:
    """Judges the rows of one file against register, receipt and limits.

    `connection` is an in-memory DuckDB connection with TimeZone UTC; it keeps nothing.
    `refuse_cumulative` refuses the rows of meters that send a register instead of interval energy.
    Rows are read a second time when only the whole file shows that some are wrong, so that their
    rejects give the text as it was received. Raises UnusableFileError when the source finds the
    file unusable, or more than `max_rejects` rows are refused.
    """
    judge = Judge(
        connection=connection,
        register=register,
        meters=registered_meters(connection, register=register, year=receipt.received_at_utc.year),
        receipt=receipt,
        limits=limits,
    )
    valid, undecided, rows_read, skipped = [], [], 0, 0
    rejects: list[pa.Table] = []
    bound = RejectBound(max_rejects)
    for batch in read_ahead(rows.batches()):
        rows_read += batch.num_rows
        skipped += batch.skipped
        known = len(rejects)
        if batch.malformed.num_rows:
            rejects.append(malformed_rejects(malformed=batch.malformed, receipt=receipt))
        if batch.refused is not None:
            rejects.append(refused_before(connection, refused=batch.refused, receipt=receipt))
        if batch.rows.num_rows:
            verdict = judge_batch(judge, complete(batch.rows, receipt), rows.decimal_mark)
            valid.append(verdict.valid)
            rejects.extend(verdict.rejects)
            if verdict.undecided is not None:
                undecided.append(verdict.undecided)
        bound.add(rejects[known:])
    if undecided:
        decided = joined(valid)
        verdict = judge_repeated_hours(
            judge,
            pa.concat_tables(undecided),
            rows.decimal_mark,
            is_backwards=runs_backwards(place=decided.meter, instant=decided.start),
        )
        valid.append(verdict.valid)
        rejects.extend(verdict.rejects)
    whole = joined(valid)
    if undecided:
        whole = whole.take(np.argsort(whole.line_number, kind="stable"))
    before = _Before(rows_read=rows_read, skipped=skipped, rejects=rejects, bound=bound)
    return _verdict_on_whole(judge, rows, whole, before, refuse_cumulative)


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What is known of a file before the rules that need the whole of it."""

    rows_read: int
    skipped: int
    rejects: list[pa.Table]
    bound: RejectBound


def _verdict_on_whole(
    judge: Judge,
    source: RowSource,
    whole: ValidRows,
    before: _Before,
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
    late = late_problems(rows=whole, meters=judge.meters, repeats=repeats, registers=registers)
    before.bound.count(late.num_rows)
    return Verdict(
        rows_read=before.rows_read,
        rows_exact_duplicate=before.skipped + int(np.count_nonzero(repeats.duplicate)),
        readings=_accepted(judge, whole.take(kept)),
        rejects=joined_rejects([*before.rejects, *_late_rejects(judge, source, late)]),
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


def _late_rejects(judge: Judge, source: RowSource, late: pa.Table) -> Iterator[pa.Table]:
    """Rejects of rows that only the whole file shows to be wrong, with their text as received."""
    if not late.num_rows:
        return
    lines = late["line_number"].to_numpy()
    for batch in source.batches():
        here = batch.rows["line_number"].to_numpy()
        chosen = np.flatnonzero(np.isin(here, lines))
        if len(chosen):
            problems = described_late(
                rows=complete(batch.rows, judge.receipt).take(chosen),
                late=late.take(np.searchsorted(lines, here[chosen])),
            )
            yield refused_rows(judge.connection, problems=problems, receipt=judge.receipt)


def _accepted(judge: Judge, rows: ValidRows) -> AcceptedReadings:
    receipt = judge.receipt
    return AcceptedReadings(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        meters=judge.meters,
        rows=rows,
    )
