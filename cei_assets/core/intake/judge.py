"""The one judge of readings: rows as text in, accepted readings and refused rows out.

Rules, codes and their order are those of the ingest API, section 2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.intake.accepted import AcceptedReadings
from cei_assets.core.intake.coded import coded, distinct
from cei_assets.core.intake.places import Meters, Places, find_places, registered_meters
from cei_assets.core.intake.rejects import joined_rejects, malformed_rejects, refused_rows
from cei_assets.core.intake.repeats import find_repeats, interval_identity
from cei_assets.core.intake.timestamps import NO_INSTANT, Moments, read_moments
from cei_assets.core.intake.values import read_energies, value_verdicts
from cei_assets.core.intake.verdict import (
    MALFORMED_SCHEMA,
    ROW_COLUMNS,
    Limits,
    ReceiptFacts,
    RowBatch,
    Verdict,
)

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_MICRO = 1_000_000


class RowSource(Protocol):
    """Rows of a file, batch by batch; `batches` can be called again for a second pass.

    `decimal_mark` is `.` or `,`, known once the first batch was read.
    """

    decimal_mark: str

    def batches(self) -> Iterator[RowBatch]:
        """The file's rows in its order, `line_number` rising."""
        ...


class TableRows:
    """A table of rows as a source, for callers that hold one."""

    decimal_mark = "."

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def batches(self) -> Iterator[RowBatch]:
        """One batch: the table."""
        yield RowBatch(rows=self._rows, malformed=MALFORMED_SCHEMA.empty_table())


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What every batch of one file is judged with."""

    connection: duckdb.DuckDBPyConnection
    register: Mapping[str, pa.Table]
    meters: Meters
    receipt: ReceiptFacts
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class _Valid:
    """Valid rows of a file in its order: arrays of one element a row; see AcceptedReadings."""

    meter: Integers
    start: Integers
    nano_kwh: Integers
    line_number: Integers
    record_index: Integers
    received: Integers
    key: pa.Array


def judge_readings(
    *,
    connection: duckdb.DuckDBPyConnection,
    rows: RowSource,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> Verdict:
    """Judges the rows of one file against register, receipt and limits.

    `connection` is an in-memory DuckDB connection with TimeZone UTC; it keeps nothing. Rows are
    read twice when the file has two values for one key, so that the reject shows the text as it
    was received. Raises UnusableFileError when the source finds the file unusable.
    """
    judge = Judge(
        connection=connection,
        register=register,
        meters=registered_meters(
            connection, register=register, year=receipt.received_at_utc.year
        ),
        receipt=receipt,
        limits=limits,
    )
    valid, rejects, rows_read = [], [], 0
    for batch in rows.batches():
        rows_read += batch.rows.num_rows + batch.malformed.num_rows
        if batch.malformed.num_rows:
            rejects.append(malformed_rejects(malformed=batch.malformed, receipt=receipt))
        if batch.rows.num_rows:
            accepted, refused = _judge_batch(judge, _complete(batch.rows), rows.decimal_mark)
            valid.append(accepted)
            rejects.extend(refused)
    whole = _joined(valid)
    repeats = find_repeats(
        meter=whole.meter,
        start=whole.start,
        nano_kwh=whole.nano_kwh,
        key_group=_key_groups(judge, whole),
    )
    if repeats.conflict.any():
        rejects.extend(_conflicts(judge, rows, whole, repeats.conflict, repeats.first))
    return Verdict(
        rows_read=rows_read,
        rows_exact_duplicate=int(np.count_nonzero(repeats.duplicate)),
        readings=_accepted(judge, whole, repeats.kept),
        rejects=joined_rejects(rejects),
    )


def _judge_batch(
    judge: Judge, rows: pa.Table, decimal_mark: str
) -> tuple[_Valid, list[pa.Table]]:
    places = find_places(
        judge.connection, rows=rows, register=judge.register, meters=judge.meters
    )
    moments = read_moments(judge.connection, rows=rows, has_timezone=False)
    timing = _timing(judge, rows, places.meter, moments)
    energies = read_energies(
        judge.connection,
        rows=rows,
        decimal_mark=decimal_mark,
        limit=judge.limits.max_interval_kwh,
    )
    unit_is_wrong = _unit_is_wrong(rows)
    is_valid = (places.meter >= 0) & timing.is_valid & energies.is_valid & ~unit_is_wrong
    chosen = np.flatnonzero(is_valid)
    start = moments.instant[chosen] // _MICRO - judge.meters.label_shift[places.meter[chosen]]
    valid = _Valid(
        meter=places.meter[chosen],
        start=start,
        nano_kwh=energies.nano_kwh[chosen],
        **_carried(rows, chosen),
    )
    if len(chosen) == rows.num_rows:
        return valid, []
    refused = np.flatnonzero(~is_valid)
    problems = _problems(judge, rows, refused, places, moments, timing, unit_is_wrong, decimal_mark)
    return valid, [refused_rows(judge.connection, problems=problems, receipt=judge.receipt)]


@dataclass(frozen=True, kw_only=True)
class _Timing:
    """How instants stand to the receipt's clock and the meter's grid; one flag a row each."""

    is_future: Flags
    is_old: Flags
    is_off_grid: Flags
    has_instant: Flags

    @property
    def is_valid(self) -> Flags:
        return self.has_instant & ~(self.is_future | self.is_old | self.is_off_grid)


def _timing(judge: Judge, rows: pa.Table, meter: Integers, moments: Moments) -> _Timing:
    has_instant = moments.instant != NO_INSTANT
    instant = np.where(has_instant, moments.instant, 0)
    clock = _received(judge, rows)
    interval = np.where(meter >= 0, judge.meters.interval_seconds[meter], 1)
    phases = judge.meters.phases[meter]
    seconds, rest = np.divmod(instant, _MICRO)
    on_grid = (rest == 0) & (
        ((seconds + phases[:, 0]) % interval == 0) | ((seconds + phases[:, 1]) % interval == 0)
    )
    return _Timing(
        has_instant=has_instant,
        is_future=has_instant & (instant > clock + judge.limits.max_future_seconds * _MICRO),
        is_old=has_instant & (instant < clock - judge.limits.max_age_days * 86_400 * _MICRO),
        is_off_grid=has_instant & (meter >= 0) & ~on_grid,
    )


def _received(judge: Judge, rows: pa.Table) -> Integers:
    default = pa.scalar(judge.receipt.received_at_utc, pa.timestamp("us"))
    return rows["received_at_utc"].fill_null(default).cast(pa.int64()).to_numpy()


def _unit_is_wrong(rows: pa.Table) -> Flags:
    units = coded(rows["unit"])
    written = pc.utf8_lower(pc.utf8_trim_whitespace(units.values))
    is_kwh = pc.equal(written, "kwh").to_numpy(zero_copy_only=False)
    wrong = np.r_[~is_kwh, False][units.codes]
    return wrong | rows["unit_type"].is_valid().to_numpy()


def _carried(rows: pa.Table, chosen: Integers) -> dict[str, Integers | pa.Array]:
    """What goes with a valid row unjudged."""
    carried = {
        name: rows[name].cast(pa.int64()).fill_null(-1).to_numpy()[chosen]
        for name in ("line_number", "record_index", "received_at_utc")
    }
    return {
        "line_number": carried["line_number"],
        "record_index": carried["record_index"],
        "received": carried["received_at_utc"],
        "key": _keys(rows["idempotency_key"], chosen),
    }


def _keys(column: pa.ChunkedArray, chosen: Integers) -> pa.Array:
    """Keys of the chosen rows; a blank one counts as none."""
    if column.null_count == len(column):
        return pa.nulls(len(chosen), pa.string())
    keys = column.take(chosen).cast(pa.string())
    blank = pc.equal(pc.utf8_trim_whitespace(keys), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), keys).combine_chunks()


def _problems(  # noqa: PLR0913 - every column is another rule's verdict
    judge: Judge,
    rows: pa.Table,
    refused: Integers,
    places: Places,
    moments: Moments,
    timing: _Timing,
    unit_is_wrong: Flags,
    decimal_mark: str,
) -> pa.Table:
    chosen = rows.take(refused)
    verdicts = places.verdicts.take(places.group[refused])
    values = value_verdicts(
        judge.connection,
        rows=chosen,
        decimal_mark=decimal_mark,
        limit=judge.limits.max_interval_kwh,
    )
    columns = {
        **{name: verdicts[name] for name in verdicts.column_names},
        "unit_problem": _unit_problems(chosen, unit_is_wrong[refused]),
        "timestamp_problem": _timestamp_problems(judge, chosen, refused, places, moments, timing),
        "value_problem": values["problem"],
        "key_problem": pa.nulls(len(refused), pa.string()),
    }
    for name, column in columns.items():
        chosen = chosen.append_column(name, column)
    return chosen


def _unit_problems(rows: pa.Table, is_wrong: Flags) -> pa.ChunkedArray:
    text = pc.utf8_slice_codeunits(rows["unit"].cast(pa.string()), 0, 100)
    named = pc.binary_join_element_wise("unit '", text, "' is not kWh", "")
    typed = pc.binary_join_element_wise("unit is ", rows["unit_type"], ", not text", "")
    problem = pc.if_else(rows["unit_type"].is_valid(), typed, named)
    return pc.if_else(pa.array(is_wrong), problem, pa.scalar(None, pa.string()))


def _timestamp_problems(
    judge: Judge,
    rows: pa.Table,
    refused: Integers,
    places: Places,
    moments: Moments,
    timing: _Timing,
) -> pa.Array:
    meter = places.meter[refused]
    interval = np.where(meter >= 0, judge.meters.interval_seconds[meter], 0).astype(str)
    text = pc.utf8_slice_codeunits(rows["timestamp_utc"].cast(pa.string()), 0, 100)
    parts = [
        (moments.problems.take(pa.array(moments.group[refused])), None),
        (_said(text, f" lies more than {judge.limits.max_future_seconds} s after the receipt"),
         timing.is_future[refused]),
        (_said(text, f" is older than {judge.limits.max_age_days} days"), timing.is_old[refused]),
        (_said(text, " is not on the meter's grid of ", pa.array(interval), " s"),
         timing.is_off_grid[refused]),
    ]  # fmt: skip
    none = pa.scalar(None, pa.string())
    said = [
        part if flag is None else pc.if_else(pa.array(flag), part, none) for part, flag in parts
    ]
    joined = pc.binary_join_element_wise(*said, "; ", null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), none, joined)


def _said(text: pa.ChunkedArray, *words: str | pa.Array) -> pa.ChunkedArray:
    return pc.binary_join_element_wise("timestamp_utc '", text, "'", *words, "")


def _joined(parts: list[_Valid]) -> _Valid:
    if not parts:
        none = np.empty(0, np.int64)
        return _Valid(
            meter=none, start=none, nano_kwh=none, line_number=none, record_index=none,
            received=none, key=pa.nulls(0, pa.string()),
        )  # fmt: skip
    if len(parts) == 1:
        return parts[0]
    names = ("meter", "start", "nano_kwh", "line_number", "record_index", "received")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return _Valid(**arrays, key=pa.concat_arrays([part.key for part in parts]))


def _key_groups(judge: Judge, valid: _Valid) -> Integers:
    """Numbers of organization and key for rows that have a key, -1 for the others."""
    if valid.key.null_count == len(valid.key):
        return np.full(len(valid.key), -1, np.int64)
    keys = coded(pa.chunked_array([valid.key]))
    owners = judge.meters.organization_of_site.take(pa.array(judge.meters.site[valid.meter]))
    groups = distinct([coded(pa.chunked_array([owners])), keys]).group
    return np.where(keys.codes >= 0, groups, -1)


def _conflicts(
    judge: Judge, source: RowSource, valid: _Valid, conflict: Flags, first: Integers
) -> Iterator[pa.Table]:
    """Rejects of rows whose key stands earlier in the file with another payload."""
    at = np.flatnonzero(conflict)
    lines, earlier = valid.line_number[at], valid.line_number[first[at]]
    has_key = valid.key.is_valid().to_numpy(zero_copy_only=False)[at]
    for batch in source.batches():
        rows = _complete(batch.rows)
        here = rows["line_number"].to_numpy()
        chosen = np.flatnonzero(np.isin(here, lines))
        if not len(chosen):
            continue
        position = np.searchsorted(lines, here[chosen])
        problems = rows.take(chosen)
        for name in ("site_problem", "meter_problem", "unit_problem", "timestamp_problem"):
            problems = problems.append_column(name, pa.nulls(len(chosen), pa.string()))
        problems = problems.append_column("value_problem", pa.nulls(len(chosen), pa.string()))
        problems = problems.append_column("is_foreign", pa.array(np.zeros(len(chosen), bool)))
        problems = problems.append_column(
            "key_problem", _key_problems(has_key[position], earlier[position])
        )
        yield refused_rows(judge.connection, problems=problems, receipt=judge.receipt)


def _key_problems(has_key: Flags, earlier: Integers) -> pa.Array:
    subject = pc.if_else(
        pa.array(has_key), "idempotency_key stands", "meter and interval stand"
    )
    return pc.binary_join_element_wise(
        subject, " already on line ", pa.array(earlier).cast(pa.string()),
        " with another payload; that one stays", "",
    )  # fmt: skip


def _accepted(judge: Judge, valid: _Valid, kept: Flags) -> AcceptedReadings:
    rows = np.flatnonzero(kept)
    identity = interval_identity(valid.meter[rows], valid.start[rows])
    if np.any(identity[1:] < identity[:-1]):
        rows = rows[np.argsort(identity, kind="stable")]
    index, received = valid.record_index[rows], valid.received[rows]
    key = valid.key.take(pa.array(rows))
    receipt = judge.receipt
    return AcceptedReadings(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        meters=judge.meters,
        meter=valid.meter[rows],
        start=valid.start[rows],
        nano_kwh=valid.nano_kwh[rows],
        line_number=valid.line_number[rows],
        record_index=index if np.any(index >= 0) else None,
        received=received if np.any(received >= 0) else None,
        key=key if key.null_count < len(key) else None,
    )


def _complete(rows: pa.Table) -> pa.Table:
    """The rows with every column of `ROW_COLUMNS`."""
    columns = {
        name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, kind)
        for name, kind in ROW_COLUMNS.items()
    }
    return pa.table(columns)
