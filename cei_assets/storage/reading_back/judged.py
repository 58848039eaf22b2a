"""Rows of a file that is not published, as reading back takes them: judged, or from raw Parquet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import READINGS
from cei_assets.core.intake.api_files import ApiFile, ApiFiles
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.judge import judge_readings
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, UnusableFileError, Verdict
from cei_assets.core.readings.held import UNBUILT_READINGS, UNBUILT_REJECTS
from cei_assets.storage.archive import Receipt

LARGE_BYTES = 8 << 20
"""A Parquet file beyond this is not kept in memory but read for every question."""


@dataclass(frozen=True, kw_only=True)
class WaitingFile:
    """What tells a file from others on its way from stage to stage.

    `arrival` begins with that of the same file at an earlier stage: empty for a journal, whose name
    is its own, the time of change for a landed file, the receipt's identity from then on.
    """

    upload_source: str
    original_filename: str
    arrival: str


@dataclass(frozen=True, kw_only=True)
class JudgedRows:
    """Rows of a file or a part of it: UNBUILT_READINGS and UNBUILT_REJECTS of `held`.

    `large` is a raw Parquet file with its readings, in place of `readings`.
    """

    file: WaitingFile
    readings: pa.Table
    rejects: pa.Table
    large: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Judging:
    """What files are judged with; `connection` is in memory, zone UTC."""

    connection: duckdb.DuckDBPyConnection
    register: Mapping[str, pa.Table]
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Content:
    """A small file of API batches in memory; `received_at_utc` is for lines without a time."""

    file: WaitingFile
    content: bytes
    received_at_utc: datetime


def judge(
    stream: BinaryIO,
    *,
    file: WaitingFile,
    received_at_utc: datetime,
    judging: Judging,
    sidecar: str | None = None,
    first_byte: int = 0,
) -> JudgedRows:
    """Judges a seekable stream; `first_byte` is where it begins within its file.

    `received_at_utc` (naive) holds for lines without a time of their own.
    """
    verdict = judge_file(
        stream=stream,
        sidecar=sidecar,
        connection=judging.connection,
        register=judging.register,
        receipt=_facts(file, received_at_utc),
        limits=judging.limits,
    )
    readings = _readings(verdict)
    # A record takes more than a byte, so lines stay in order over the parts of a file.
    at = readings.column_names.index("line_number")
    lines = pc.add(readings["line_number"], first_byte)
    return JudgedRows(
        file=file,
        readings=_shaped(readings.set_column(at, "line_number", lines), file, UNBUILT_READINGS),
        rejects=_shaped(verdict.rejects, file, UNBUILT_REJECTS),
    )


def judge_together(contents: Sequence[Content], *, judging: Judging) -> list[JudgedRows]:
    """Judges files of API batches at the price of one.

    Where one of them cannot be used at all, each is judged by itself.
    """
    rows = ApiFiles(
        [ApiFile(content=one.content, received_at_utc=one.received_at_utc) for one in contents],
        limits=judging.limits,
    )
    latest = max(contents, key=lambda one: one.received_at_utc)
    try:
        verdict = judge_readings(
            connection=judging.connection,
            rows=rows,
            register=judging.register,
            receipt=_facts(latest.file, latest.received_at_utc),
            limits=judging.limits,
        )
    except UnusableFileError:
        return [
            judge(
                BytesIO(one.content),
                file=one.file,
                received_at_utc=one.received_at_utc,
                judging=judging,
            )
            for one in contents
        ]
    readings = _parted(_readings(verdict), rows, len(contents))
    rejects = _parted(verdict.rejects, rows, len(contents))
    return [
        JudgedRows(
            file=one.file,
            readings=_shaped(own_readings, one.file, UNBUILT_READINGS),
            rejects=_shaped(own_rejects, one.file, UNBUILT_REJECTS),
        )
        for one, own_readings, own_rejects in zip(contents, readings, rejects, strict=True)
    ]


def _facts(file: WaitingFile, received_at_utc: datetime) -> ReceiptFacts:
    return ReceiptFacts(
        receipt_id=file.arrival,
        upload_source=file.upload_source,
        received_at_utc=received_at_utc,
        received_date=received_at_utc.date(),
    )


def _readings(verdict: Verdict) -> pa.Table:
    if verdict.readings is None:
        return arrow_schema(READINGS).empty_table()
    return verdict.readings.table()


def _parted(rows: pa.Table, files: ApiFiles, count: int) -> list[pa.Table]:
    """The rows of each file."""
    file_of = files.file_of(rows["line_number"])
    order = np.argsort(file_of, kind="stable")
    ordered = rows.take(pa.array(order))
    bounds = np.searchsorted(file_of[order], np.arange(count + 1))
    return [ordered.slice(first, end - first) for first, end in pairwise(bounds)]


def stored(receipt: Receipt, *, readings: Path, rejects: Path) -> JudgedRows:
    """The rows of a judged receipt, from its raw Parquet files, where it has any."""
    file = WaitingFile(
        upload_source=receipt.upload_source,
        original_filename=receipt.original_filename,
        arrival=receipt.receipt_id,
    )
    is_large = readings.exists() and readings.stat().st_size > LARGE_BYTES
    return JudgedRows(
        file=file,
        readings=UNBUILT_READINGS.empty_table()
        if is_large
        else _read(readings, file, UNBUILT_READINGS),
        rejects=_read(rejects, file, UNBUILT_REJECTS),
        large=readings if is_large else None,
    )


def joined(parts: Sequence[JudgedRows]) -> JudgedRows:
    """The parts of one file as one."""
    return JudgedRows(
        file=parts[0].file,
        readings=pa.concat_tables([part.readings for part in parts]).combine_chunks(),
        rejects=pa.concat_tables([part.rejects for part in parts]).combine_chunks(),
    )


def _read(path: Path, file: WaitingFile, schema: pa.Schema) -> pa.Table:
    """Columns that an older version of the platform did not write are null."""
    try:
        with pq.ParquetFile(path) as parquet:
            names = [name for name in schema.names if name in parquet.schema_arrow.names]
            return _shaped(parquet.read(columns=names), file, schema)
    except FileNotFoundError:
        return schema.empty_table()


def _shaped(rows: pa.Table, file: WaitingFile, schema: pa.Schema) -> pa.Table:
    """The rows in the columns of `schema`, those of the file included."""
    count = rows.num_rows
    columns = {
        name: rows[name].cast(schema.field(name).type)
        if name in rows.column_names
        else pa.nulls(count, schema.field(name).type)
        for name in schema.names
    }
    for name, text in vars(file).items():
        if name in columns:
            columns[name] = pa.repeat(pa.scalar(text, pa.string()), count)
    return pa.table(columns, schema=schema)
