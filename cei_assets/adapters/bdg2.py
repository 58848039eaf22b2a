"""The Fox campus of the Building Data Genome 2: 42 buildings in Phoenix, hourly, 2016 and 2017.

The Parquet file has a local timestamp (America/Phoenix, no daylight saving) and a column of kWh per
building, FLOAT, where zero means missing, and `temp_c`. The data know no campus incomer and none is
invented: each building is a site of its own whose meter is the main incomer. Source: Miller et al.
2020, buds-lab/building-data-genome-project-2, CC BY-SA 4.0.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from cei_assets.adapters.register_files import FlatTariff, write_register
from cei_assets.storage.paths import DataPaths

TIMEZONE = "America/Phoenix"
STATION_ID = "fox"
TIME_COLUMN = "timestamp"
TEMPERATURE_COLUMN = "temp_c"
METER_ID = "main"
DROP_YEARS = (2016, 2017)


@dataclass(frozen=True, kw_only=True)
class Building:
    """A building's column and the local days of its first and last reading."""

    name: str
    first_day: str
    last_day: str


def write_fox_drops(
    source: Path, *, paths: DataPaths, price_per_kwh: Decimal, currency: str
) -> list[Path]:
    """Write register, one CSV drop per year and the temperature drop; returns the drops.

    Values are the shortest decimals that name the source's FLOAT exactly. A zero is a missing value
    and becomes no row. A meter is expected from the first to the last day on which it has readings.
    The data carry no price: `price_per_kwh` in `currency` is the caller's assumption.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"create view fox as select *, strftime(timezone('UTC', timezone('{TIMEZONE}', "
            f"{TIME_COLUMN}::timestamp)), '%Y-%m-%dT%H:%M:%SZ') as timestamp_utc "
            f"from read_parquet('{str(source).replace(chr(39), chr(39) * 2)}')"
        )
        _unpivot(connection)
        buildings = _buildings(connection)
        drops = [_write_year(connection, year=year, paths=paths) for year in DROP_YEARS]
        drops.append(_write_temperature(connection, paths=paths))
    write_register(
        paths,
        organization=("bdg2-fox", "Fox campus (BDG2)"),
        sites=[
            (building.name, building.name.replace("_", " "), TIMEZONE, "US", STATION_ID)
            for building in buildings
        ],
        meters=[
            (building.name, METER_ID, "Building electricity", "main_incomer", "", "3600", "start",
             building.first_day, building.last_day)
            for building in buildings
        ],
        tariff=FlatTariff(
            price_per_kwh=price_per_kwh, currency=currency, valid_from=f"{DROP_YEARS[0]}-01-01"
        ),
    )  # fmt: skip
    return drops


def _unpivot(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create temp table readings as
        select timestamp_utc, {TIME_COLUMN}::timestamp as local_time, building, kwh
        from (
            unpivot fox on columns(* exclude ({TIME_COLUMN}, timestamp_utc, {TEMPERATURE_COLUMN}))
            into name building value kwh
        )
        where kwh != 0
        """
    )


def _buildings(connection: duckdb.DuckDBPyConnection) -> list[Building]:
    rows = connection.execute(
        "select building, min(local_time)::date, max(local_time)::date from readings "
        "group by building order by building"
    ).fetchall()
    return [
        Building(name=name, first_day=first.isoformat(), last_day=last.isoformat())
        for name, first, last in rows
    ]


def _write_year(connection: duckdb.DuckDBPyConnection, *, year: int, paths: DataPaths) -> Path:
    return _write(
        connection,
        f"""
        select building as site_id, '{METER_ID}' as meter_id, timestamp_utc, kwh as value,
            'kWh' as unit
        from readings where year(local_time) = {year} order by timestamp_utc, building
        """,
        target=paths.landing("csv_drop") / f"fox_{year}.csv",
    )


def _write_temperature(connection: duckdb.DuckDBPyConnection, *, paths: DataPaths) -> Path:
    return _write(
        connection,
        f"""
        select '{STATION_ID}' as station_id, timestamp_utc, {TEMPERATURE_COLUMN} as temperature_c
        from fox where {TEMPERATURE_COLUMN} is not null order by timestamp_utc
        """,
        target=paths.landing("temperature") / "fox_temperature.csv",
    )


def _write(connection: duckdb.DuckDBPyConnection, query: str, *, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    quoted = str(temporary).replace("'", "''")
    connection.execute(f"copy ({query}) to '{quoted}' (header)")
    temporary.replace(target)
    return target
