"""A portfolio of any size for benchmarks: register and drops, written by DuckDB."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from cei_assets.storage.paths import DataPaths

METERS_PER_SITE = 10
METER_HEADER = (
    "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
    "expected_from"
)
TARIFF_HEADER = (
    "site_id,valid_from,valid_to,currency,price_per_kwh,hour_from,hour_to,weekday_from,weekday_to"
)


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """How many hourly meters, from which UTC day, for how many days."""

    meters: int
    first_day: date
    days: int

    @property
    def last_day(self) -> date:
        """The last day with readings."""
        return self.first_day + timedelta(days=self.days - 1)


def write_register(portfolio: Portfolio, *, paths: DataPaths) -> None:
    """Write the register of sites with one main incomer and its sub-meters each."""
    sites = range(-(-portfolio.meters // METERS_PER_SITE))
    expected_from = portfolio.first_day.isoformat()
    tables = {
        "organizations": ["organization_id,organization_name", "org,Benchmark"],
        "sites": [
            "site_id,organization_id,site_name,timezone,country,station_id",
            *(f"site{site:04d},org,Site {site},Europe/Rome,IT,station" for site in sites),
        ],
        "meters": [
            METER_HEADER,
            *(
                f"site{index // METERS_PER_SITE:04d},m{index % METERS_PER_SITE},Meter {index},"
                + ("main_incomer,," if index % METERS_PER_SITE == 0 else "submeter,m0,")
                + f"3600,start,{expected_from}"
                for index in range(portfolio.meters)
            ),
        ],
        "tariffs": [
            TARIFF_HEADER,
            *(f"site{site:04d},2000-01-01,,EUR,0.150000,0,24,0,6" for site in sites),
        ],
    }
    paths.register.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        (paths.register / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_drop(
    portfolio: Portfolio, *, path: Path, first_day: date, hours: int, first_hour: int = 0
) -> None:
    """Write one CSV drop with the readings of all meters for some hours from `first_day`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    printf('site%04d', meter // {METERS_PER_SITE}) as site_id,
                    'm' || (meter % {METERS_PER_SITE}) as meter_id,
                    strftime(
                        timestamp '{first_day.isoformat()}' + interval (hour) hour,
                        '%Y-%m-%dT%H:%M:%SZ'
                    ) as timestamp_utc,
                    round(
                        (if(meter % {METERS_PER_SITE} = 0, 200, 20))
                        * (1 + 0.6 * ((hour % 24) between 6 and 18)::int
                             * ((hour // 24) % 7 < 5)::int)
                        * (0.95 + 0.1 * (hash(meter, hour) % 1000) / 1000),
                        3
                    ) as value,
                    'kWh' as unit
                from range({portfolio.meters}) as meters(meter),
                    range({first_hour}, {first_hour + hours}) as hours(hour)
                order by hour, meter
            ) to '{path}' (header, delimiter ',')
            """
        )


def write_temperature(portfolio: Portfolio, *, path: Path) -> None:
    """Write the temperature drop of the one station all sites share."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select 'station' as station_id,
                    strftime(
                        timestamp '{portfolio.first_day.isoformat()}' + interval (hour) hour,
                        '%Y-%m-%dT%H:%M:%SZ'
                    ) as timestamp_utc,
                    round(14 - 10 * cos(2 * pi() * hour / 8766)
                        - 4 * cos(2 * pi() * (hour % 24) / 24), 1) as temperature_c
                from range({portfolio.days * 24}) as hours(hour)
            ) to '{path}' (header, delimiter ',')
            """
        )
