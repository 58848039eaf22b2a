"""DuckDB connections, all with the same settings: UTC, bounded memory, spill below our folders."""

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True, kw_only=True)
class SessionSettings:
    """What every connection is given; `temp_directory` takes what exceeds `memory_limit`."""

    memory_limit: str
    threads: int
    temp_directory: Path


def connect(
    path: Path | None, *, read_only: bool, settings: SessionSettings
) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB file, or to memory when `path` is None.

    The session's time zone is UTC. Raises duckdb.IOException when another process holds the file.
    """
    connection = duckdb.connect(
        ":memory:" if path is None else str(path),
        read_only=read_only,
        config={
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "temp_directory": str(settings.temp_directory),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
