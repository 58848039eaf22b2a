"""What a backtest reads: the installation's own hours, or a folder of drops judged on the way.

Nothing is stored. A folder holds drops (CSV and what intake takes besides) anywhere below it, and a
register: its own folder `register`, or that of the installation.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.baseline.frame import SiteFrame, site_frames
from cei_assets.settings import Settings
from cei_assets.storage.backtest_queries import DROPS, WAREHOUSE, BacktestQueries
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.file_check import judge_file
from cei_assets.storage.landing import SIDECAR_SUFFIX
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import RegisterResult, load_register

REGISTER_FOLDER = "register"
TEMPERATURE_COLUMN = b"temperature_c"
HEADER_BYTES = 4096
ANY_AGE_DAYS = 36_500
METERS_PER_BATCH = 512
NOT_DROPS = (SIDECAR_SUFFIX, ".tmp", ".part", ".json", ".md", ".txt", ".html")


class BacktestInputError(RuntimeError):
    """There is nothing to test; the message says what was looked for and where."""


@dataclass(frozen=True, kw_only=True)
class BacktestInput:
    """Batches of whole sites, read one by one, so that memory does not grow with the portfolio.

    Besides the time zone of every site, and what was left out on the way.
    """

    batches: Iterator[list[SiteFrame]]
    zones: Mapping[str, str]
    notes: Sequence[str]


def read_installation(settings: Settings) -> BacktestInput:
    """The hours of the warehouse; raises BacktestInputError where nothing was built yet."""
    if not settings.paths.warehouse.exists():
        raise BacktestInputError(
            "there is no warehouse below the data folder yet: run `cei run`, or name a folder of "
            "drops"
        )
    connection = connect(settings.paths.warehouse, read_only=True, settings=settings.session)
    zones = _zones(connection, WAREHOUSE)
    return BacktestInput(batches=_batches(connection, WAREHOUSE), zones=zones, notes=())


def read_drops(folder: Path, settings: Settings) -> BacktestInput:
    """The hours of all drops below a folder, judged as intake would, however old they are.

    Raises BacktestInputError where no drop has an accepted row, RegisterError for a register with
    errors.
    """
    register = _register(folder, settings)
    files = list(_drops(folder))
    if not files:
        raise BacktestInputError(f"no drops below {folder}: expected CSV files of readings")
    judged = settings.model_copy(update={"max_age_days": ANY_AGE_DAYS})
    notes: list[str] = []
    connection = connect(None, read_only=False, settings=settings.session)
    _register_tables(connection, register)
    for place, file in enumerate(files):
        verdict = judge_file(
            file, settings=judged, upload_source=_source(file), register=register
        ).verdict
        if verdict.rows_rejected:
            notes.append(
                f"{file.name}: {verdict.rows_rejected} of {verdict.rows_read} rows refused "
                "(`cei check csv` says why)"
            )
        if verdict.readings is not None:
            _append(connection, "readings", verdict.readings.table(), place)
        if verdict.temperatures is not None:
            _append(connection, "temperatures", verdict.temperatures, place)
    if not _rows(connection, "readings"):
        raise BacktestInputError(
            f"no row of the {len(files)} drops below {folder} was accepted: "
            + ("; ".join(notes) or "they hold no readings")
        )
    zones = _zones(connection, DROPS)
    return BacktestInput(batches=_batches(connection, DROPS), zones=zones, notes=notes)


def _zones(connection: duckdb.DuckDBPyConnection, queries: BacktestQueries) -> dict[str, str]:
    return dict(connection.execute(queries.zones).fetchall())


def _batches(
    connection: duckdb.DuckDBPyConnection, queries: BacktestQueries
) -> Iterator[list[SiteFrame]]:
    """Frames of some sites after the other; closes the connection behind the last."""
    with connection:
        meters = connection.execute(queries.meters).to_arrow_table()
        for sites in _site_batches(meters):
            chosen = {"sites": sites}
            own = pc.is_in(meters["site_id"], value_set=pa.array(sites, pa.string()))
            yield list(
                site_frames(
                    usage=connection.execute(queries.usage, chosen).to_arrow_table(),
                    site_hours=connection.execute(queries.hours, chosen).to_arrow_table(),
                    meters=meters.filter(own),
                )
            )


def _site_batches(meters: pa.Table) -> Iterator[list[str]]:
    """Whole sites, about `METERS_PER_BATCH` meters together."""
    batch: list[str] = []
    size = 0
    for site_id, count in Counter(meters["site_id"].to_pylist()).items():
        if batch and size + count > METERS_PER_BATCH:
            yield batch
            batch, size = [], 0
        batch.append(site_id)
        size += count
    if batch:
        yield batch


def _register(folder: Path, settings: Settings) -> RegisterResult:
    paths = DataPaths(root=folder) if (folder / REGISTER_FOLDER).is_dir() else settings.paths
    if not (paths.register / "meters.csv").exists():
        raise BacktestInputError(
            f"no register: expected sites.csv and meters.csv in {folder / REGISTER_FOLDER} or in "
            f"{settings.paths.register}"
        )
    register = load_register(paths)
    register.raise_for_errors()
    return register


def _drops(folder: Path) -> Iterator[Path]:
    """Files below a folder that may be drops, in name order; the register is none."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in inside)
        is_other = inside[0] == REGISTER_FOLDER or file.name.endswith(NOT_DROPS)
        if file.is_file() and not hidden and not is_other:
            yield file


def _source(file: Path) -> UploadSource:
    """Temperatures where the first line names their column, readings otherwise."""
    with file.open("rb") as stream:
        header = stream.read(HEADER_BYTES).split(b"\n", 1)[0]
    return UploadSource.TEMPERATURE if TEMPERATURE_COLUMN in header else UploadSource.CSV_DROP


def _register_tables(connection: duckdb.DuckDBPyConnection, register: RegisterResult) -> None:
    for name in ("sites", "meters", "closures", "public_holidays"):
        connection.register("given", register.tables[name])
        connection.execute(f"create table {name} as select * from given")
        connection.unregister("given")
    connection.execute(
        "create table readings (site_id varchar, meter_id varchar, interval_start_utc timestamp, "
        "interval_seconds integer, usage_kwh decimal(18, 9), place bigint)"
    )
    connection.execute(
        "create table temperatures (site_id varchar, station_id varchar, "
        "observed_at_utc timestamp, temperature_c double)"
    )


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, place: int) -> None:
    """Adds rows; `place` orders files, and lines within one, for values that repeat."""
    connection.register("given", rows)
    columns = {
        "readings": "site_id, meter_id, interval_start_utc, interval_seconds, usage_kwh, "
        f"{place} * 1000000000000 + line_number",
        "temperatures": "site_id, station_id, observed_at_utc, temperature_c",
    }[table]
    connection.execute(f"insert into {table} select {columns} from given")
    connection.unregister("given")


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(count,)] = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)
