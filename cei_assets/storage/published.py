"""The published file: schema `marts` for readers, replaced whole and atomically.

A reader that has the file open keeps what it opened; whoever opens it next sees the new version.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.sql import comments, create_table
from cei_assets.contracts.tables.cds_models import CDS_USAGE_MARTS
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_MARTS
from cei_assets.contracts.tables.csi import CSI_PAYMENT_RUNS
from cei_assets.contracts.tables.csi_models import CSI_MARTS
from cei_assets.contracts.tables.marts import ANALYSIS_MARTS, MART_TABLES, QUALITY_MARTS
from cei_assets.settings import Settings
from cei_assets.storage.paths import DataPaths

SCHEMA = "marts"
QUALITY_TABLE = QUALITY_MARTS[0]
_TEMPORARY = ".publishing"


class PublishError(RuntimeError):
    """The warehouse cannot be published as it is; the message says what is missing."""


class NothingPublishedError(RuntimeError):
    """There is no published file yet; the message says what to run."""


@dataclass(frozen=True, kw_only=True)
class PublishResult:
    """What was published: the file, its size in bytes and the rows of every mart."""

    path: Path
    size_bytes: int
    row_counts: Mapping[str, int]


def publish(settings: Settings) -> PublishResult:
    """Make the warehouse's marts the published version.

    Copies the bytes of the warehouse, drops every schema but `marts` from the copy, loads the
    quality results, comments tables and columns from the contracts, and renames the copy over the
    published file. Copying the bytes and not the rows keeps the time small however long the
    history. The caller makes sure that nobody writes the warehouse meanwhile.

    Raises PublishError when there is no warehouse or a declared mart is not a table in it; the
    published file then stays as it was.
    """
    paths = settings.paths
    if not paths.warehouse.exists():
        raise PublishError(
            "there is no warehouse to publish: expected warehouse/cei.duckdb below the data "
            "folder; run `cei run` first"
        )
    with _new_version(settings, base=paths.warehouse) as connection:
        _keep_marts_only(connection)
        _require_declared_marts(connection)
        _add_marts_to_come(connection)
        _note_seals(connection, paths)
        _load_quality_results(connection, paths)
        _comment(connection)
        row_counts = _row_counts(connection)
    return PublishResult(
        path=paths.published, size_bytes=paths.published.stat().st_size, row_counts=row_counts
    )


def refresh_quality_results(settings: Settings) -> PublishResult:
    """Publish a version that differs in `fct_quality_results` alone, from the results on disk.

    Raises NothingPublishedError when there is no published file.
    """
    paths = settings.paths
    _require_published(paths)
    with _new_version(settings, base=paths.published) as connection:
        _load_quality_results(connection, paths)
        row_counts = _row_counts(connection)
    return PublishResult(
        path=paths.published, size_bytes=paths.published.stat().st_size, row_counts=row_counts
    )


def open_published(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    """A read-only connection on the published marts, time zone UTC, search path `marts`.

    The file is attached to a connection of its own: within a process DuckDB hands out an open
    file again by its name, so a long-lived reader would otherwise pin the version for all others.
    Raises NothingPublishedError when nothing is published yet.
    """
    _require_published(paths)
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"ATTACH {_quoted(paths.published)} AS cei (READ_ONLY)")
    connection.execute(f"USE cei.{SCHEMA}")
    return connection


def _require_published(paths: DataPaths) -> None:
    if not paths.published.exists():
        raise NothingPublishedError(
            "nothing is published yet: expected published/cei.duckdb below the data folder; run "
            "`cei run` (or `cei demo` for a simulated factory) first"
        )


@contextmanager
def _new_version(settings: Settings, *, base: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on a copy of `base` that becomes the published file when the block succeeds."""
    target = settings.paths.published
    temporary = target.with_name(target.name + _TEMPORARY)
    settings.paths.state.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.paths.state / "published.lock"):
        _remove_temporaries(target.parent)
        try:
            _copy_database(base, temporary)
            with _writing(temporary, settings) as connection:
                yield connection
            _sync(temporary)
            temporary.replace(target)
            _sync(target.parent)
        finally:
            _remove_temporaries(target.parent)


@contextmanager
def _writing(path: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
    }
    with duckdb.connect(str(path), config=limits) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
        connection.execute("FORCE CHECKPOINT")


def _copy_database(base: Path, target: Path) -> None:
    """Copy the file and, when a killed writer left one, its write-ahead log."""
    log = base.with_name(base.name + ".wal")
    if log.exists():
        shutil.copyfile(log, target.with_name(target.name + ".wal"))
    shutil.copyfile(base, target)


def _remove_temporaries(folder: Path) -> None:
    for stray in folder.glob(f"*{_TEMPORARY}*"):
        stray.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_marts_only(connection: duckdb.DuckDBPyConnection) -> None:
    others = connection.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
        "AND NOT internal AND schema_name NOT IN ('main', $marts)",
        {"marts": SCHEMA},
    ).fetchall()
    for (name,) in others:
        connection.execute(f'DROP SCHEMA "{name}" CASCADE')
    main = connection.execute(
        "SELECT table_type, table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = 'main'"
    ).fetchall()
    for kind, name in main:
        connection.execute(f'DROP {"VIEW" if kind == "VIEW" else "TABLE"} main."{name}"')


def _require_declared_marts(connection: duckdb.DuckDBPyConnection) -> None:
    found = _kinds(connection)
    wanted = [table.name for table in MART_TABLES if table.name != QUALITY_TABLE.name]
    later = {table.name for table in _marts_to_come(found)}
    missing = [name for name in wanted if name not in found and name not in later]
    views = [name for name in wanted if found.get(name) == "VIEW"]
    if missing or views:
        problems = [f"no table {name}" for name in missing]
        problems += [f"{name} is a view, not a table" for name in views]
        raise PublishError(
            f"the warehouse's schema {SCHEMA} is not complete: {'; '.join(problems)}; build all "
            "marts as tables with `cei run`, then publish again"
        )


def _kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Name and kind (table or view) of everything in the schema."""
    rows = connection.execute(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $marts",
        {"marts": SCHEMA},
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def _marts_to_come(found: Mapping[str, str]) -> tuple[Table, ...]:
    """Marts that need not be there yet.

    Those of a part that is not in use, and those of the readings as well where only the CSI-Thermal
    programme or customer data have ever been built.
    """
    parts = (*CSI_MARTS, *CDS_USAGE_MARTS, *CDS_OBJECT_MARTS)
    later = (*ANALYSIS_MARTS, *parts)
    names = {table.name for table in later}
    readings = [table for table in MART_TABLES if table.name not in names | {QUALITY_TABLE.name}]
    has_readings = any(table.name in found for table in readings)
    has_part = any(table.name in found for table in parts)
    return (*readings, *later) if has_part and not has_readings else later


def _add_marts_to_come(connection: duckdb.DuckDBPyConnection) -> None:
    """Every mart exists from the first build on, at first without rows.

    One that an earlier version made with other columns is as good as not made yet: readers find the
    columns of the dictionary, and rows after the next analysis.
    """
    for table in _marts_to_come(_kinds(connection)):
        columns = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = $marts "
            "AND table_name = $mart ORDER BY ordinal_position",
            {"marts": SCHEMA, "mart": table.name},
        ).fetchall()
        if [name for (name,) in columns] != list(table.column_names):
            connection.execute(f'DROP TABLE IF EXISTS "{SCHEMA}"."{table.name}"')
            connection.execute(create_table(table, schema=SCHEMA))


def _load_quality_results(connection: duckdb.DuckDBPyConnection, paths: DataPaths) -> None:
    connection.execute(f'DROP TABLE IF EXISTS "{SCHEMA}"."{QUALITY_TABLE.name}"')
    connection.execute(create_table(QUALITY_TABLE, schema=SCHEMA))
    files = sorted(str(file) for file in paths.analysis("quality_results").glob("*.parquet"))
    if files:
        connection.execute(
            f'INSERT INTO "{SCHEMA}"."{QUALITY_TABLE.name}" BY NAME '
            "SELECT * FROM read_parquet($files) "
            "ORDER BY validated_at_utc, table_name, column_name, expectation",
            {"files": files},
        )
    for statement in comments(QUALITY_TABLE, schema=SCHEMA):
        connection.execute(statement)


def _note_seals(connection: duckdb.DuckDBPyConnection, paths: DataPaths) -> None:
    """Lines of payment runs that were sealed after the build carry the time of sealing too."""
    runs = sorted(str(file) for file in paths.csi(CSI_PAYMENT_RUNS.name).glob("*.parquet"))
    if runs:
        connection.execute(
            f'UPDATE "{SCHEMA}".fct_csi_payments AS line SET sealed_at_utc = run.sealed_at_utc '
            "FROM read_parquet($runs) AS run "
            "WHERE line.run_quarter = run.run_quarter AND line.sealed_at_utc IS NULL",
            {"runs": runs},
        )


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("BEGIN")
    for table in MART_TABLES:
        for statement in comments(table, schema=SCHEMA):
            connection.execute(statement)
    connection.execute("COMMIT")


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = " UNION ALL ".join(
        f"SELECT {position} AS position, '{table.name}' AS name, count(*) AS rows "
        f'FROM "{SCHEMA}"."{table.name}"'
        for position, table in enumerate(MART_TABLES)
    )
    rows = connection.execute(f"SELECT name, rows FROM ({counts}) ORDER BY position").fetchall()
    return {str(name): int(count) for name, count in rows}


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
