"""A whole file of readings to a verdict: format by source, refusal of the whole included."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import BinaryIO

import duckdb
import pyarrow as pa

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.api_batch import ApiRows
from cei_assets.core.intake.csv_dialect import READING_TARGETS
from cei_assets.core.intake.csv_rows import CsvRows
from cei_assets.core.intake.judge import judge_readings
from cei_assets.core.intake.rejects import file_reject
from cei_assets.core.intake.sidecar import read_sidecar
from cei_assets.core.intake.temperature import judge_temperatures
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, UnusableFileError, Verdict

JUDGED_SOURCES = (UploadSource.CSV_DROP, UploadSource.CEI_API, UploadSource.TEMPERATURE)
"""Sources of readings and temperatures; uploads and customer data have judges of their own."""


def judge_file(
    *,
    stream: BinaryIO,
    sidecar: str | None,
    connection: duckdb.DuckDBPyConnection,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> Verdict:
    """The verdict on one file of a source in `JUDGED_SOURCES`.

    `stream` is seekable; `sidecar` is the text of the drop's sidecar, and overrules the zone and
    organization of `receipt`. A file that cannot be used gets a verdict with one reject
    MALFORMED_FILE; nothing is raised for bad data.
    """
    facts = receipt
    try:
        said = read_sidecar(sidecar)
        facts = replace(
            receipt,
            timezone=said.timezone or receipt.timezone,
            organization_id=said.organization_id or receipt.organization_id,
        )
        return _JUDGES[UploadSource(receipt.upload_source)](
            stream, connection, register, facts, limits
        )
    except UnusableFileError as error:
        return Verdict(
            rows_read=1,
            rows_exact_duplicate=0,
            rejects=file_reject(error=error, receipt=facts),
            detail=error.detail,
        )


_Judge = Callable[
    [BinaryIO, duckdb.DuckDBPyConnection, Mapping[str, pa.Table], ReceiptFacts, Limits], Verdict
]


def _judge_csv(
    stream: BinaryIO,
    connection: duckdb.DuckDBPyConnection,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> Verdict:
    rows = CsvRows(stream, targets=READING_TARGETS, limits=limits)
    verdict = judge_readings(
        connection=connection,
        rows=rows,
        register=register,
        receipt=receipt,
        limits=limits,
        refuse_cumulative=True,
        max_rejects=limits.max_rejects,
    )
    return replace(verdict, facts=rows.facts)


def _judge_api(
    stream: BinaryIO,
    connection: duckdb.DuckDBPyConnection,
    register: Mapping[str, pa.Table],
    receipt: ReceiptFacts,
    limits: Limits,
) -> Verdict:
    rows = ApiRows(stream, limits=limits)
    verdict = judge_readings(
        connection=connection, rows=rows, register=register, receipt=receipt, limits=limits
    )
    return replace(verdict, facts=rows.facts)


_JUDGES: dict[UploadSource, _Judge] = {
    UploadSource.CSV_DROP: _judge_csv,
    UploadSource.CEI_API: _judge_api,
    UploadSource.TEMPERATURE: judge_temperatures,
}
