"""Refused rows: code, column and detail of every one, by the order of precedence of the codes."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import REJECTS
from cei_assets.contracts.vocabulary import RecordCode
from cei_assets.core.intake.arrow_sql import select
from cei_assets.core.intake.row_source import MAX_RAW_TEXT
from cei_assets.core.intake.verdict import ReceiptFacts, UnusableFileError

PROBLEMS = {
    "site_problem": (RecordCode.UNKNOWN_SITE, "site_id"),
    "meter_problem": (RecordCode.UNKNOWN_METER, "meter_id"),
    "unit_problem": (RecordCode.INVALID_UNIT, "unit"),
    "timestamp_problem": (RecordCode.INVALID_TIMESTAMP, "timestamp_utc"),
    "value_problem": (RecordCode.INVALID_VALUE, "value"),
    "key_problem": (RecordCode.DUPLICATE_IDEMPOTENCY_KEY, "idempotency_key"),
}
"""Columns of a table of problems, in the order in which their codes apply."""


def _choice(position: int) -> str:
    cases = "\n".join(
        f"WHEN {column} IS NOT NULL THEN '{outcome[position]}'"
        for column, outcome in PROBLEMS.items()
    )
    return f"CASE {cases} END"


_REJECTS = f"""
SELECT line_number, record_index, received_at_utc, organization_id,
       CASE WHEN is_foreign AND site_problem IS NOT NULL
            THEN '{RecordCode.ORG_MISMATCH.value}' ELSE {_choice(0)} END AS code,
       replace({_choice(1)}, 'value', $value_column) AS column_name,
       concat_ws('; ', {", ".join(PROBLEMS)}) AS detail,
       site_id AS site_id_text, meter_id AS meter_id_text, timestamp_utc AS timestamp_text,
       value AS value_text, unit AS unit_text, NULL::VARCHAR AS raw_text
FROM problems
ORDER BY line_number
"""

_COLUMN_OF_CODE = "\n".join(
    f"WHEN '{code.value}' THEN '{column}'"
    for code, column in (*PROBLEMS.values(), (RecordCode.ORG_MISMATCH, "site_id"))
)
_REFUSED_BEFORE = f"""
SELECT line_number, record_index, received_at_utc, organization_id, code,
       CASE code {_COLUMN_OF_CODE} END AS column_name, detail,
       site_id AS site_id_text, meter_id AS meter_id_text, timestamp_utc AS timestamp_text,
       value AS value_text, unit AS unit_text
FROM refused
ORDER BY line_number
"""


def refused_rows(
    connection: duckdb.DuckDBPyConnection,
    *,
    problems: pa.Table,
    receipt: ReceiptFacts,
    value_column: str = "value",
) -> pa.Table:
    """Rejects of rows with problems: text as received, one column a kind of problem.

    `problems` has the columns of `PROBLEMS` (null: no such problem), is_foreign and those of
    `ROW_COLUMNS`; its organization_id is the sender's, or that of the site where no sender is
    known. The code is that of the first problem, `detail` joins them all;
    `value_column` is what the file calls the column of values.
    """
    rejects = select(
        connection,
        _REJECTS,
        tables={"problems": problems},
        parameters={"value_column": value_column},
    )
    return _with_receipt(rejects, receipt)


def refused_before(
    connection: duckdb.DuckDBPyConnection, *, refused: pa.Table, receipt: ReceiptFacts
) -> pa.Table:
    """Rejects of rows that were refused on receipt, with the code and detail given then.

    `refused` is that of a `RowBatch`.
    """
    rejects = select(connection, _REFUSED_BEFORE, tables={"refused": refused})
    return _with_receipt(rejects, receipt)


def malformed_rejects(*, malformed: pa.Table, receipt: ReceiptFacts) -> pa.Table:
    """Rejects of lines that did not split into columns."""
    codes = pa.repeat(RecordCode.MALFORMED_ROW.value, malformed.num_rows)
    return _with_receipt(malformed.append_column("code", codes), receipt)


def file_reject(
    *, error: UnusableFileError, receipt: ReceiptFacts, raw_text: str | None = None
) -> pa.Table:
    """The one reject of a file that is refused whole."""
    row = {
        "line_number": [error.line_number],
        "code": [RecordCode.MALFORMED_FILE.value],
        "column_name": [error.column_name],
        "detail": [error.detail],
        "raw_text": [raw_text and raw_text[:MAX_RAW_TEXT]],
    }
    return _with_receipt(pa.table(row), receipt)


def joined_rejects(parts: Sequence[pa.Table]) -> pa.Table:
    """All rejects of a file, in the order of its lines."""
    if not parts:
        return arrow_schema(REJECTS).empty_table()
    return pa.concat_tables(parts).sort_by("line_number")


def _with_receipt(rows: pa.Table, receipt: ReceiptFacts) -> pa.Table:
    schema = arrow_schema(REJECTS)
    count = rows.num_rows
    facts: dict[str, object] = {
        "receipt_id": receipt.receipt_id,
        "received_at_utc": receipt.received_at_utc,
        "received_date": receipt.received_date,
        "upload_source": receipt.upload_source,
        "organization_id": receipt.organization_id,
    }
    columns = []
    for column in schema:
        if column.name in rows.column_names and rows[column.name].null_count < count:
            given = rows[column.name].cast(column.type)
            if facts.get(column.name) is not None:
                given = pc.fill_null(given, pa.scalar(facts[column.name], column.type))
            columns.append(given)
        elif column.name in facts:
            columns.append(pa.repeat(pa.scalar(facts[column.name], column.type), count))
        else:
            columns.append(pa.nulls(count, column.type))
    return pa.Table.from_arrays(columns, schema=schema)
