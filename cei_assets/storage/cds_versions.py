"""Which receipt has stored the rows of a segment version: a cache below `state/`.

Without it rows of a version are stored by several receipts, and every table above says the same.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

import orjson

from cei_assets.contracts.cds_vocabulary import CdsDialect
from cei_assets.contracts.tables.cds import CDS_SEGMENTS
from cei_assets.core.cds.stored import SegmentFacts
from cei_assets.storage.archive import Receipt
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError

_SCHEMA = """
    CREATE TABLE versions (
        version_id BLOB PRIMARY KEY,
        receipt_id TEXT NOT NULL,
        received_date TEXT NOT NULL,
        judgement_id TEXT NOT NULL,
        facts BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX versions_of_receipt ON versions (receipt_id);
    CREATE TABLE texts (digest BLOB PRIMARY KEY, version_id BLOB NOT NULL) WITHOUT ROWID;
"""
# What was stored in another form is begun anew, without anybody having to think of it.
_FORMAT = crc32(" ".join((_SCHEMA, *(one.name for one in fields(SegmentFacts)))).encode()) >> 1
_STORED = """
    SELECT receipt_id, received_date, facts FROM versions
    WHERE version_id = ? AND judgement_id = ? AND receipt_id <> ?
"""
_STORED_TEXT = """
    SELECT receipt_id, received_date, facts FROM texts JOIN versions USING (version_id)
    WHERE digest = ? AND judgement_id = ? AND receipt_id <> ?
"""


class VersionIndex:
    """The versions that receipts have stored; digests and ids are hexadecimal.

    Opened as a context. A file that is no database any more is begun anew. Methods raise
    IntakeError when SQLite cannot read or write it.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._paths = paths
        self._file = paths.state / "cds_versions.sqlite"

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = _opened(self._file)
        except sqlite3.OperationalError as error:
            raise _problem(self._file, error) from error
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
            self._connection = _opened(self._file)
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def others(self, receipt: Receipt, *, judgement_id: str) -> "OthersVersions":
        """What receipts other than this one have stored under the judgement."""
        return OthersVersions(
            self._connection,
            paths=self._paths,
            file=self._file,
            key=(judgement_id, receipt.receipt_id),
        )

    def forget(self, receipt: Receipt) -> None:
        """Nobody shall rely on the rows of a receipt: they are about to be replaced."""
        try:
            with self._connection:
                self._connection.execute(
                    "DELETE FROM versions WHERE receipt_id = ?", (receipt.receipt_id,)
                )
        except sqlite3.Error as error:
            raise _problem(self._file, error) from error

    def remember(
        self,
        receipt: Receipt,
        *,
        judgement_id: str,
        versions: Iterable[SegmentFacts],
        texts: Mapping[str, str],
    ) -> None:
        """Versions whose rows the receipt has stored durably, and texts by digest: their version.

        All in one transaction.
        """
        of_receipt = (receipt.receipt_id, receipt.received_date.isoformat(), judgement_id)
        rows = [
            (bytes.fromhex(facts.version_id), *of_receipt, orjson.dumps(asdict(facts)))
            for facts in versions
        ]
        aliases = [(bytes.fromhex(text), bytes.fromhex(version)) for text, version in texts.items()]
        if not rows and not aliases:
            return
        try:
            with self._connection as connection:
                connection.executemany("INSERT OR REPLACE INTO versions VALUES (?,?,?,?,?)", rows)
                connection.executemany("INSERT OR REPLACE INTO texts VALUES (?,?)", aliases)
        except sqlite3.Error as error:
            raise _problem(self._file, error) from error


class OthersVersions:
    """Versions stored by receipts other than the one being judged.

    A receipt whose files are gone has stored nothing, whatever the index says.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        paths: DataPaths,
        file: Path,
        key: tuple[str, str],
    ) -> None:
        """`key` is the judgement, and the receipt that is being judged."""
        self._connection = connection
        self._paths = paths
        self._file = file
        self._key = key
        self._has_rows: dict[str, bool] = {}

    def by_text(self, digests: Sequence[str]) -> dict[str, SegmentFacts]:
        """Those of the texts with these digests that are known, by digest."""
        found = {digest: self._facts(_STORED_TEXT, digest) for digest in digests}
        return {digest: facts for digest, facts in found.items() if facts is not None}

    def by_version(self, version_id: str) -> SegmentFacts | None:
        """The version, when it is stored."""
        return self._facts(_STORED, version_id)

    def _facts(self, query: str, key: str) -> SegmentFacts | None:
        try:
            row = self._connection.execute(query, (bytes.fromhex(key), *self._key)).fetchone()
        except sqlite3.Error as error:
            raise _problem(self._file, error) from error
        if row is None or not self._is_stored(*row[:2]):
            return None
        members = orjson.loads(row[2])
        dialect = members.pop("dialect")
        return SegmentFacts(dialect=None if dialect is None else CdsDialect(dialect), **members)

    def _is_stored(self, receipt_id: str, received_date: str) -> bool:
        if receipt_id not in self._has_rows:
            day = self._paths.raw_partition(CDS_SEGMENTS.name, date.fromisoformat(received_date))
            self._has_rows[receipt_id] = (day / f"{receipt_id}.parquet").exists()
        return self._has_rows[receipt_id]


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # After a power cut the last receipts may be missing from it, which costs room only.
        connection.execute("PRAGMA synchronous = NORMAL")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found != _FORMAT:
            with connection:
                connection.executescript(
                    "DROP TABLE IF EXISTS versions; DROP TABLE IF EXISTS texts;"
                    f"{_SCHEMA} PRAGMA user_version = {_FORMAT};"
                )
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return connection


def _problem(file: Path, error: sqlite3.Error) -> IntakeError:
    return IntakeError(
        what=f"the index of stored segments cannot be used ({error})",
        where=str(file),
        expected="a SQLite file that the platform may read and write",
        fix="give the platform's user permission and room; the file may be removed",
    )
