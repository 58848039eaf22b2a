"""Keys on SQLite: found wherever they lie - log, memory, settled tree - and after a crash."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine

from cei_assets.gateway.state.database import autocommitting, open_state
from cei_assets.gateway.state.sqlite_keys import SqliteKeys
from cei_assets.settings import Settings

EDGES = [-(2**63), -1, 0, 1, 2**63 - 1]


def numbers(count: int, *, seed: int = 1) -> list[tuple[int, int, int]]:
    chance = np.random.default_rng(seed)
    slots = [*chance.integers(-(2**63), 2**63, count - len(EDGES)).tolist(), *EDGES]
    tags, payloads = chance.integers(-(2**63), 2**63, (2, count)).tolist()
    return list(zip(slots, tags, payloads, strict=True))


def opened(root: Path, *, settle_keys: int) -> tuple[Engine, SqliteKeys, Connection]:
    settings = Settings(data_dir=root)
    engine = open_state(settings)
    keys = SqliteKeys(engine, folder=settings.paths.gateway, settle_keys=settle_keys)
    connection = autocommitting(engine)
    keys.prepare(connection)
    return engine, keys, connection


def store(keys: SqliteKeys, connection: Connection, rows: list[tuple[int, int, int]]) -> None:
    connection.exec_driver_sql("BEGIN")
    keys.add(connection, rows)
    connection.exec_driver_sql("COMMIT")


def settle(keys: SqliteKeys, connection: Connection) -> None:
    """Runs housekeeping until nothing is left to settle."""
    for _ in range(3):
        keys.tidy(connection)
        keys.close()


def as_stored(rows: list[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    return {slot: (tag, payload) for slot, tag, payload in rows}


@pytest.mark.parametrize("settle_keys", [10**6, 1], ids=["in the log", "settled"])
def test_keys_are_found_and_others_are_not(tmp_path: Path, settle_keys: int) -> None:
    _, keys, connection = opened(tmp_path, settle_keys=settle_keys)
    rows, absent = numbers(3_000), [7, -7, 123456789]
    for first in range(0, len(rows), 500):
        store(keys, connection, rows[first : first + 500])
        settle(keys, connection)
    wanted = [slot for slot, _, _ in rows] + absent
    assert keys.find(connection, wanted) == as_stored(rows)
    assert keys.find(connection, []) == {}


def test_a_full_log_is_settled_once_and_then_empty(tmp_path: Path) -> None:
    _, keys, connection = opened(tmp_path, settle_keys=100)
    rows = numbers(250)
    store(keys, connection, rows)
    settle(keys, connection)
    run = connection.exec_driver_sql
    assert run("SELECT count(*) FROM settled.keys").scalar_one() == 250
    for log in ("recent_a", "recent_b", "memory.recent_a", "memory.recent_b"):
        assert run(f"SELECT count(*) FROM {log}").scalar_one() == 0


def test_keys_that_come_while_a_log_is_settled_are_kept(tmp_path: Path) -> None:
    _, keys, connection = opened(tmp_path, settle_keys=100)
    first, second = numbers(200), numbers(205, seed=2)[: -len(EDGES)]
    store(keys, connection, first)
    keys.tidy(connection)
    store(keys, connection, second)
    settle(keys, connection)
    wanted = [slot for slot, _, _ in first + second]
    assert keys.find(connection, wanted) == as_stored(first + second)


def test_a_process_that_dies_while_settling_loses_nothing(tmp_path: Path) -> None:
    """The tree has some slices already, the log still has all."""
    engine, keys, connection = opened(tmp_path, settle_keys=10**6)
    rows = numbers(500)
    store(keys, connection, rows)
    half = "INSERT INTO settled.keys SELECT * FROM main.recent_a WHERE slot < 0"
    connection.exec_driver_sql(half)
    connection.close()
    engine.dispose()
    _, again, connection = opened(tmp_path, settle_keys=1)
    assert again.find(connection, [slot for slot, _, _ in rows]) == as_stored(rows)
    settle(again, connection)
    assert again.find(connection, [slot for slot, _, _ in rows]) == as_stored(rows)


def test_a_transaction_that_is_rolled_back_leaves_no_key(tmp_path: Path) -> None:
    _, keys, connection = opened(tmp_path, settle_keys=100)
    rows = numbers(50)
    connection.exec_driver_sql("BEGIN")
    keys.add(connection, rows)
    connection.exec_driver_sql("ROLLBACK")
    assert keys.find(connection, [slot for slot, _, _ in rows]) == {}
