"""Idempotency keys on SQLite: a log of recent ones, and the settled ones in a tree of their own.

A tree of random keys rewrites about a page for every key it takes, which made a batch of 1,000 ten
times slower by the second million. So a commit appends its keys to a log, an index in memory finds
them, and a full log is settled in the background: in the order of the tree, each page once.
"""

import threading
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from cei_assets.core.intake.idempotency import StoredKey
from cei_assets.gateway.state.database import autocommitting

_LOGS = ("recent_a", "recent_b")
_SLICES = 64
_CACHE_KIB = 64 << 10
_LOWEST_SLOT = -(2**63)
_KEY_COLUMNS = "(slot INTEGER PRIMARY KEY, tag INTEGER NOT NULL, payload INTEGER NOT NULL)"
_FIND = """
SELECT json_group_array(json_array(slot, tag, payload)) FROM (
    SELECT slot, tag, payload FROM memory.recent_a
    WHERE slot IN (SELECT value FROM json_each(:slots))
    UNION ALL
    SELECT slot, tag, payload FROM memory.recent_b
    WHERE slot IN (SELECT value FROM json_each(:slots))
    UNION ALL
    SELECT slot, tag, payload FROM settled.keys
    WHERE slot IN (SELECT value FROM json_each(:slots))
)
"""
_ADD = "INSERT INTO {table} SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(:keys)"


class SqliteKeys:
    """The keys of one gateway; `connection` is its only writer of keys, used by one thread.

    Statements take whole batches as JSON: a statement a key would hand the interpreter's lock to
    and fro for each.
    """

    def __init__(self, engine: Engine, *, folder: Path, settle_keys: int) -> None:
        self._engine = engine
        self._path = folder / "settled_keys.sqlite"
        self._settle_keys = settle_keys
        self._active = _LOGS[0]
        self._counts = dict.fromkeys(_LOGS, 0)
        self._settling: threading.Thread | None = None
        self._error: Exception | None = None

    def prepare(self, connection: Connection) -> None:
        """Makes tables, attaches the settled keys, and reads the log into memory."""
        self._attach(connection)
        run = connection.exec_driver_sql
        run("ATTACH ':memory:' AS memory")
        for log in _LOGS:
            run(f"CREATE TABLE IF NOT EXISTS {log} (slot INTEGER, tag INTEGER, payload INTEGER)")
            run(f"CREATE TABLE memory.{log} {_KEY_COLUMNS}")
            run(f"INSERT OR IGNORE INTO memory.{log} SELECT slot, tag, payload FROM {log}")
            self._counts[log] = int(run(f"SELECT count(*) FROM {log}").scalar_one())
        if self._settling is None:
            self._active = min(_LOGS, key=self._counts.__getitem__)

    def find(self, connection: Connection, slots: list[int]) -> dict[int, StoredKey]:
        """Tag and payload of the slots that are held."""
        found = connection.exec_driver_sql(_FIND, {"slots": orjson.dumps(slots).decode()})
        return {slot: (tag, payload) for slot, tag, payload in orjson.loads(found.scalar_one())}

    def add(self, connection: Connection, keys: list[tuple[int, int, int]]) -> None:
        """Stores new keys in the connection's transaction."""
        text = {"keys": orjson.dumps(keys).decode()}
        connection.exec_driver_sql(_ADD.format(table=self._active), text)
        connection.exec_driver_sql(_ADD.format(table=f"memory.{self._active}"), text)
        self._counts[self._active] += len(keys)

    def tidy(self, connection: Connection) -> None:
        """Between transactions: empties a log that was settled, starts to settle a full one.

        Raises what settling raised.
        """
        if self._settling is not None:
            if self._settling.is_alive():
                return
            self._settling = None
            if self._error is not None:
                raise self._error
            self._empty(connection, self._resting)
        if self._counts[self._resting] == 0 and self._counts[self._active] >= self._settle_keys:
            self._active = self._resting
        if self._counts[self._resting] > 0:
            self._settling = threading.Thread(
                target=self._settle, args=(self._resting,), name="settle-keys", daemon=True
            )
            self._settling.start()

    def close(self) -> None:
        """Waits for settling to end."""
        if self._settling is not None:
            self._settling.join()

    @property
    def _resting(self) -> str:
        return _LOGS[1] if self._active == _LOGS[0] else _LOGS[0]

    def _attach(self, connection: Connection) -> None:
        run = connection.exec_driver_sql
        run("ATTACH ? AS settled", (str(self._path),))
        run("PRAGMA settled.journal_mode = WAL")
        run("PRAGMA settled.synchronous = FULL")
        run(f"PRAGMA settled.cache_size = -{_CACHE_KIB}")
        run(f"CREATE TABLE IF NOT EXISTS settled.keys {_KEY_COLUMNS}")

    def _empty(self, connection: Connection, log: str) -> None:
        run = connection.exec_driver_sql
        run(f"DELETE FROM {log}")
        run(f"DELETE FROM memory.{log}")
        self._counts[log] = 0

    def _settle(self, log: str) -> None:
        try:
            # Autocommit: a slice a transaction, so that the tree's own log stays small.
            with autocommitting(self._engine) as connection:
                self._attach(connection)
                run: Any = connection.exec_driver_sql
                run(f"CREATE TEMP TABLE sorted AS SELECT * FROM {log} ORDER BY slot")
                run("CREATE INDEX temp.by_slot ON sorted (slot)")
                step = 2**64 // _SLICES
                for first in range(_LOWEST_SLOT, 2**63, step):
                    run(
                        "INSERT OR IGNORE INTO settled.keys SELECT slot, tag, payload FROM sorted "
                        "WHERE slot BETWEEN ? AND ? ORDER BY slot",
                        (first, first + step - 1),
                    )
        except Exception as error:  # noqa: BLE001 - handed to the thread that commits
            self._error = error
