"""A connection on everything that was accepted: the published marts and what waits before them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import is_not
from pathlib import Path

import duckdb
import pyarrow as pa

from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.marts import READING_MARTS, REGISTER_MARTS, UPLOAD_MARTS
from cei_assets.core.intake.verdict import Limits
from cei_assets.core.readings.held import UNBUILT_READINGS, UNBUILT_REJECTS
from cei_assets.storage.duckdb_session import SessionSettings, connect
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.published import SCHEMA, NothingPublishedError, open_published
from cei_assets.storage.reading_back.judged import JudgedRows
from cei_assets.storage.reading_back.judged_files import JudgedFiles
from cei_assets.storage.reading_back.stages import PublishedReceipts, waiting
from cei_assets.storage.register import RegisterResult

_RECEIPTS = """
WITH latest AS (SELECT max(received_date) - 1 AS since FROM fct_uploads)
SELECT since, receipt_id FROM latest JOIN fct_uploads ON received_date >= since
"""
_VIEWS = """
CREATE TEMP VIEW published_readings AS FROM fct_interval_readings;
CREATE TEMP VIEW published_revisions AS FROM fct_revisions;
CREATE TEMP VIEW published_rejects AS {rejects};
CREATE TEMP VIEW unbuilt_readings AS {readings};
CREATE TEMP VIEW unbuilt_rejects AS
FROM waiting_rejects AS rejects
WHERE NOT EXISTS (
    FROM fct_uploads AS later
    WHERE later.received_date >= DATE '{since}'
          AND later.upload_source = rejects.upload_source
          AND later.original_filename = rejects.original_filename
          AND starts_with(later.receipt_id, rejects.arrival)
)
AND NOT EXISTS (
    FROM waiting_files AS later
    WHERE later.upload_source = rejects.upload_source
          AND later.original_filename = rejects.original_filename
          AND later.arrival <> rejects.arrival
          AND starts_with(later.arrival, rejects.arrival)
);
"""
# Published by a version of the platform that did not yet keep whose rows were refused.
_REJECTS_BY_SITE = """
SELECT rejects.*, sites.organization_id
FROM fct_rejects AS rejects
LEFT JOIN dim_sites AS sites
    ON sites.site_id = trim(rejects.site_id_text) AND rejects.code <> 'ORG_MISMATCH'
"""
_LARGE = """
UNION ALL
SELECT organization_id, site_id, meter_id, interval_start_utc, interval_seconds, usage_kwh,
       received_at_utc, receipt_id AS arrival, line_number
FROM read_parquet([{files}], hive_partitioning = false)
"""


class ReadingBack:
    """Opens what was accepted; one object serves all threads of a process."""

    def __init__(self, *, paths: DataPaths, limits: Limits, session: SessionSettings) -> None:
        self._paths = paths
        self._session = session
        self._files = JudgedFiles(limits=limits, session=session)
        self._receipts: tuple[tuple[int, int], PublishedReceipts] | None = None
        self._rows = _joined(())

    @contextmanager
    def opened(
        self,
        *,
        register: RegisterResult,
        journals: Sequence[tuple[Path, int]],
        now: datetime,
        settle_seconds: float,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the views of `core.readings.held.VIEWS`, of its caller alone.

        `journals` are journals as they stood just before, with the bytes of each that are
        committed; `now` is the machine's clock, aware. Everything accepted before is seen, also
        while files move and marts are published: journals are looked at first, the published
        marts are opened last. What is published then stays as it is until the block ends.
        Raises RegisterError for a register with errors.
        """
        register.raise_for_errors()
        published = self._published_receipts()
        parts = self._files.rows(
            waiting(self._paths, journals=journals, published=published, now=now),
            register=register.tables,
            fingerprint=register.fingerprint,
            settled_before=now - timedelta(seconds=settle_seconds),
        )
        # Most questions find what the one before them found, and need not put it together again.
        rows = self._rows
        if len(parts) != len(rows.parts) or any(map(is_not, parts, rows.parts)):
            rows = self._rows = _joined(parts)
        with _marts(self._paths, self._session) as connection:
            _create_views(connection, rows, published.since)
            yield connection

    def _published_receipts(self) -> PublishedReceipts:
        """Read once per published version; a newer one than is found here holds them too."""
        nothing = PublishedReceipts(since=None, receipt_ids=frozenset())
        try:
            seen = self._paths.published.stat()
        except FileNotFoundError:
            return nothing
        version = (seen.st_ino, seen.st_mtime_ns)
        known = self._receipts
        if known is not None and known[0] == version:
            return known[1]
        with open_published(self._paths) as connection:
            rows = connection.execute(_RECEIPTS).to_arrow_table()
        receipts = nothing
        if rows.num_rows:
            receipts = PublishedReceipts(
                since=rows["since"][0].as_py(),
                receipt_ids=frozenset(rows["receipt_id"].to_pylist()),
            )
        self._receipts = (version, receipts)
        return receipts


@contextmanager
def _marts(paths: DataPaths, session: SessionSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts, or empty ones as long as nothing is published."""
    try:
        connection = open_published(paths)
    except NothingPublishedError:
        connection = connect(None, read_only=False, settings=session)
        connection.execute(f"CREATE SCHEMA {SCHEMA}; USE {SCHEMA}")
        for table in (*REGISTER_MARTS, *READING_MARTS, *UPLOAD_MARTS):
            connection.execute(create_table(table, schema=SCHEMA))
    with connection:
        connection.execute(f"SET memory_limit = {_quoted(session.memory_limit)}")
        connection.execute(f"SET threads = {session.threads}")
        connection.execute(f"SET temp_directory = {_quoted(session.temp_directory)}")
        yield connection


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The rows of all waiting files, in one piece each, which DuckDB reads fastest."""

    parts: Sequence[JudgedRows]
    files: pa.Table
    readings: pa.Table
    rejects: pa.Table


def _joined(parts: Sequence[JudgedRows]) -> _Rows:
    files = [vars(file) for file in {part.file for part in parts}]
    texts = dict.fromkeys(("upload_source", "original_filename", "arrival"), pa.string())
    readings = [UNBUILT_READINGS.empty_table(), *(part.readings for part in parts)]
    rejects = [UNBUILT_REJECTS.empty_table(), *(part.rejects for part in parts)]
    return _Rows(
        parts=parts,
        files=pa.Table.from_pylist(files, schema=pa.schema(texts)),
        readings=pa.concat_tables(readings).combine_chunks(),
        rejects=pa.concat_tables(rejects).combine_chunks(),
    )


def _create_views(connection: duckdb.DuckDBPyConnection, rows: _Rows, since: date | None) -> None:
    connection.register("waiting_files", rows.files)
    connection.register("waiting_readings", rows.readings)
    connection.register("waiting_rejects", rows.rejects)
    large = ", ".join(_quoted(part.large) for part in rows.parts if part.large is not None)
    connection.execute(
        _VIEWS.format(
            rejects="FROM fct_rejects" if _has_organizations(connection) else _REJECTS_BY_SITE,
            readings="FROM waiting_readings" + (_LARGE.format(files=large) if large else ""),
            since=since or date.min,
        )
    )


def _has_organizations(connection: duckdb.DuckDBPyConnection) -> bool:
    return "organization_id" in connection.table("fct_rejects").columns


def _quoted(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
