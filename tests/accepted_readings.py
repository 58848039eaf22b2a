"""Readings at every stage between the gateway and the published marts, for tests of reading back.

Two organizations: `acme` with a mill in Rome (hourly incomer, quarter-hourly line, a press that
labels ends, a silent meter) and a plant in Kolkata, and `other` with a works.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.core.intake.verdict import Limits
from cei_assets.core.readings.meters import Meter, meters_of, one_meter
from cei_assets.settings import Settings
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.published import publish
from cei_assets.storage.reading_back.session import ReadingBack
from cei_assets.storage.register import RegisterResult, load_register, write_register_csv
from tests.small_register import texts

REGISTER = texts(
    organizations=("acme,Acme", "other,Other"),
    sites=(
        "mill,acme,Mill,Europe/Rome,IT,,,",
        "plant,acme,Plant,Asia/Kolkata,IN,,,",
        "works,other,Works,Europe/Rome,IT,,,",
    ),
    meters=(
        "mill,main,Incomer,main_incomer,,3600,start,2026-01-01,",
        "mill,line,Line,submeter,main,900,start,2026-01-01,2026-12-31",
        "mill,press,Press,submeter,main,3600,end,2026-01-01,",
        "mill,mute,Mute,submeter,main,3600,start,2026-01-01,",
        "plant,main,Incomer,main_incomer,,3600,start,2026-01-01,",
        "works,main,Incomer,main_incomer,,3600,start,2026-01-01,",
    ),
    operating_hours=(),
    closures=(),
    tariffs=(),
    measures=(),
)


def at(text: str) -> datetime:
    """A time on the UTC clock, without zone as our tables have it."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published value of an interval; those of one interval stand in the order of receipt."""

    start: datetime
    kwh: str
    received: datetime
    site: str = "mill"
    meter: str = "main"
    receipt: str = "0" * 32


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A data folder under the register above, read back by one long-lived object."""

    settings: Settings
    register: RegisterResult
    back: ReadingBack
    now: datetime = field(default=datetime(2026, 11, 21, 12, tzinfo=UTC))

    @contextmanager
    def opened(
        self, journals: Sequence[tuple[Path, int]] = ()
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on everything accepted."""
        with self.back.opened(
            register=self.register, journals=journals, now=self.now, settle_seconds=2
        ) as connection:
            yield connection

    def reload(self) -> RegisterResult:
        """The register as it stands now."""
        return load_register(self.settings.paths, years=range(2026, 2027))

    def meters(self, organization_id: str = "acme") -> tuple[Meter, ...]:
        return meters_of(self.register.tables, organization_id=organization_id)

    def meter(self, site_id: str = "mill", meter_id: str | None = None) -> Meter:
        everyone = (*self.meters("acme"), *self.meters("other"))
        return one_meter(everyone, site_id=site_id, meter_id=meter_id)

    def publish(
        self, versions: Sequence[Version], *, rejects: Sequence[dict[str, object]] = ()
    ) -> None:
        """Publish marts with these versions, uploads included."""
        warehouse = self.settings.paths.warehouse
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA marts; USE marts")
            for table in MART_TABLES:
                connection.execute(create_table(table, schema="marts"))
            connection.register("versions", _table(versions))
            connection.register("sites", self.register.tables["sites"])
            connection.execute(_MARTS)
            if rejects:
                connection.register("refused", pa.Table.from_pylist(list(rejects)))
                connection.execute("INSERT INTO fct_rejects BY NAME FROM refused")
        publish(self.settings)


def accepted_in(folder: Path) -> Accepted:
    """A data folder with the register and nothing else."""
    settings = Settings(data_dir=folder)
    paths = settings.paths
    write_register_csv(paths, REGISTER)
    register = _loaded(paths)
    back = ReadingBack(paths=paths, limits=Limits(), session=settings.session)
    return Accepted(settings=settings, register=register, back=back)


_LOADED: list[RegisterResult] = []


def _loaded(paths: DataPaths) -> RegisterResult:
    """The register, judged once for all tests of a process."""
    if not _LOADED:
        _LOADED.append(load_register(paths, years=range(2026, 2027)))
        _LOADED[0].raise_for_errors()
    return _LOADED[0]


def _table(versions: Sequence[Version]) -> pa.Table:
    return pa.table(
        {
            "position": pa.array(range(len(versions)), pa.int64()),
            "site_id": pa.array([row.site for row in versions], pa.string()),
            "meter_id": pa.array([row.meter for row in versions], pa.string()),
            "interval_start_utc": pa.array([row.start for row in versions], pa.timestamp("us")),
            "usage_kwh": pa.array([Decimal(row.kwh) for row in versions], pa.decimal128(18, 9)),
            "received_at_utc": pa.array([row.received for row in versions], pa.timestamp("us")),
            "receipt_id": pa.array([row.receipt for row in versions], pa.string()),
        }
    )


# Columns that reading back does not look at hold anything of their type.
_MARTS = """
CREATE TEMP TABLE numbered AS
SELECT *, row_number() OVER same AS number, count(*) OVER (PARTITION BY site_id, meter_id,
    interval_start_utc) AS version_count, lag(usage_kwh) OVER same AS previous_usage_kwh,
    lag(received_at_utc) OVER same AS previous_received_at_utc,
    lag(receipt_id) OVER same AS previous_receipt_id
FROM versions
WINDOW same AS (PARTITION BY site_id, meter_id, interval_start_utc ORDER BY position);
INSERT INTO dim_sites BY NAME SELECT *, 'main' AS main_meter_id FROM sites;
INSERT INTO fct_interval_readings BY NAME
SELECT site_id, meter_id, interval_start_utc, 3600 AS interval_seconds,
    interval_start_utc AS interval_start_local, interval_start_utc::DATE AS local_date,
    date_trunc('month', interval_start_utc)::DATE AS usage_month, usage_kwh,
    'raw' AS reading_quality, 'forward' AS flow_direction, 'cei_api' AS upload_source, receipt_id,
    position + 1 AS line_number, received_at_utc, false AS is_late, version_count
FROM numbered WHERE number = version_count ORDER BY interval_start_utc, site_id, meter_id;
INSERT INTO fct_revisions BY NAME
SELECT site_id, meter_id, interval_start_utc, number - 1 AS revision_number, usage_kwh,
    previous_usage_kwh, received_at_utc, previous_received_at_utc, receipt_id, previous_receipt_id
FROM numbered WHERE number > 1;
INSERT INTO fct_uploads BY NAME
SELECT receipt_id, 'cei_api' AS upload_source, receipt_id || '.jsonl' AS original_filename,
    'x' AS sha256, 1 AS size_bytes, min(received_at_utc) AS received_at_utc,
    min(received_at_utc)::DATE AS received_date, 'accepted' AS status, count(*) AS rows_read,
    count(*) AS rows_accepted, 0 AS rows_rejected, 0 AS rows_exact_duplicate, 'j' AS judgement_id
FROM versions GROUP BY receipt_id;
"""
