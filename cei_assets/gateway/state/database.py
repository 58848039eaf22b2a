"""The database of the gateway's state: SQLite below the data folder, or PostgreSQL."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from cei_assets.gateway.state.tables import INSTALLATION, METADATA
from cei_assets.settings import Settings

AUTOCOMMIT = "AUTOCOMMIT"
_BUSY_MILLISECONDS = 10_000
_CONNECT_SECONDS = "10"
_DRIVER = "postgresql+psycopg"
# Any number that nothing else on the server uses: one maker of tables at a time.
_MAKING = 7_303_014_923
_STATEMENTS_OF_A_CONNECTION = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys = ON",
)


class StateAddressError(ValueError):
    """The setting `gateway_state_url` names no database that can hold the state."""


def open_state(settings: Settings) -> Engine:
    """The engine of the state, its tables made where they are missing.

    A SQLite commit is on disk when it returns. A connection's transaction begins with its first
    statement; read with the isolation level AUTOCOMMIT. Raises StateAddressError.
    """
    url = settings.gateway_state_url
    if url is None:
        settings.paths.gateway.mkdir(parents=True, exist_ok=True)
        engine = _sqlite(settings.paths.gateway / "state.sqlite")
    else:
        # Hidden parameters: digests of tokens have no place in a log.
        engine = create_engine(_postgresql(url), pool_pre_ping=True, hide_parameters=True)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
        METADATA.create_all(connection)
    return engine


@contextmanager
def opened_state(settings: Settings) -> Iterator[Engine]:
    """The engine of the state for a command; its connections are closed at the end."""
    engine = open_state(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def autocommitting(engine: Engine) -> Connection:
    """A connection whose statements take effect one by one, for reading and for own BEGINs."""
    return engine.connect().execution_options(isolation_level=AUTOCOMMIT)


def state_id(engine: Engine) -> str:
    """The state's own id, made with it."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
        known = connection.execute(select(INSTALLATION.c.state_id)).scalar_one_or_none()
        if known is None:
            known = secrets.token_hex(4)
            connection.execute(insert(INSTALLATION).values(only_row=1, state_id=known))
    return str(known)


def _postgresql(address: str) -> URL:
    """The address with our driver, and a limit of the time to connect where it sets none."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StateAddressError(
            "CEI_GATEWAY_STATE_URL is no address such as postgresql+psycopg://user@host/cei"
        ) from error
    if url.get_backend_name() != "postgresql":
        raise StateAddressError(
            f"CEI_GATEWAY_STATE_URL names a database of the kind {url.get_backend_name()!r}; "
            "expected postgresql+psycopg://user@host/cei, or no setting for SQLite"
        )
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    return url.set(drivername=_DRIVER)


def _sqlite(path: Path) -> Engine:
    # A connection a thread: the driver's connections are cheap, and a pool would hand one that
    # carries attached databases to somebody else.
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions at moments of its own choosing.
        connection.isolation_level = None
        for statement in _STATEMENTS_OF_A_CONNECTION:
            connection.execute(statement)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != AUTOCOMMIT:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
