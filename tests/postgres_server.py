"""A real PostgreSQL server for tests: in a temporary folder, on loopback, on a port of its own."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

_INSTALLED = Path("/usr/lib/postgresql")
_USER = "cei"
_START_SECONDS = 60
_INITDB_OPTIONS = ("-U", _USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
_POSTGRES_OPTIONS = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server; each `database` is new and empty."""

    port: int
    password: str

    def database(self) -> str:
        """The SQLAlchemy address of a new database."""
        name = f"state_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.address(name)

    def address(self, database: str, *, port: int | None = None) -> str:
        """The SQLAlchemy address of a database; `port` is that of a proxy before the server."""
        place = f"127.0.0.1:{port or self.port}"
        return f"postgresql+psycopg://{_USER}:{self.password}@{place}/{database}?sslmode=disable"

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of an administrator; statements take effect one by one."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_USER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that is stopped, and its folder removed, at the end; skips where there is none."""
    initdb, postgres = _program("initdb"), _program("postgres")
    # A folder of pytest is closed to the user that the server has to run as.
    with tempfile.TemporaryDirectory(prefix="cei-postgres-") as temporary:
        folder = Path(temporary)
        identity = _unprivileged(folder)
        password = secrets.token_hex(16)
        secret = folder / "password"
        secret.write_text(password, encoding="utf-8")
        secret.chmod(0o644)
        data = folder / "data"
        subprocess.run(
            [initdb, "-D", data, "--pwfile", secret, *_INITDB_OPTIONS],
            check=True,
            capture_output=True,
            cwd=folder,
            **identity,
        )
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = PostgresServer(port=port, password=password)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [postgres, "-D", data, "-p", str(port), "-k", folder, *_POSTGRES_OPTIONS],
                stdout=log,
                stderr=log,
                cwd=folder,
                **identity,
            )
        try:
            _wait(server, process, folder / "log")
            yield server
        finally:
            # A fast shutdown: it does not wait for those who are connected.
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _program(name: str) -> str:
    """The path of one of the server's programs; the newest where several are installed."""
    folders = [path.parent for path in sorted(_INSTALLED.glob(f"*/bin/{name}"), reverse=True)]
    found = shutil.which(name) or (str(folders[0] / name) if folders else None)
    if found is None:
        pytest.skip(f"no PostgreSQL server here: {name} is neither on PATH nor below {_INSTALLED}")
    return found


def _unprivileged(folder: Path) -> Mapping[str, Any]:
    """Who runs the server, since it refuses to be run by root; the folder is given to them."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            server.connect().close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, "PostgreSQL did not start within a minute"
            time.sleep(0.05)
        else:
            return
