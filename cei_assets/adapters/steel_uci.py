"""The steel plant of UCI 851: a year of quarter hours as one site with one main incomer.

The file is CSV with a byte-order mark; `date` is DD/MM/YYYY HH:MM in local time (Asia/Seoul, no
daylight saving) and marks the interval's end. Each day's last row is stamped 00:00 of the same
date: it is the quarter that ends at 00:00 of the next day. Source: Sathishkumar et al., UCI Machine
Learning Repository 851, CC BY 4.0.
"""

from decimal import Decimal
from pathlib import Path

import duckdb

from cei_assets.adapters.register_files import FlatTariff, write_register
from cei_assets.storage.paths import DataPaths

SITE_ID = "gwangyang"
METER_ID = "steel-main"
TIMEZONE = "Asia/Seoul"
FIRST_DAY = "2018-01-01"
LAST_DAY = "2018-12-31"

_DROP_SQL = """
    copy (
        with source as (
            select strptime(date, '%d/%m/%Y %H:%M') as stamped, Usage_kWh as value
            from read_csv($source, header = true, all_varchar = true)
        ),
        ended as (
            select
                value,
                if(stamped = date_trunc('day', stamped), stamped + interval 1 day, stamped)
                    as ended_local
            from source
        )
        select
            $site_id as site_id,
            $meter_id as meter_id,
            strftime(
                timezone('UTC', timezone($timezone, ended_local)), '%Y-%m-%dT%H:%M:%SZ'
            ) as timestamp_utc,
            value,
            'kWh' as unit
        from ended
        order by ended_local
    ) to '{target}' (header)
"""


def write_steel_drops(
    source: Path, *, paths: DataPaths, price_per_kwh: Decimal, currency: str
) -> Path:
    """Write register and one CSV drop; returns the drop.

    `source` is the CSV, plain or gzip. Timestamps are written in UTC and still mark the end of the
    interval: the register says so (`interval_label` end) and intake shifts them. The data carry no
    price: `price_per_kwh` in `currency` is the caller's assumption.
    """
    write_register(
        paths,
        organization=("uci-851", "UCI steel plant"),
        sites=[(SITE_ID, "Steel plant, Gwangyang", TIMEZONE, "KR", "")],
        meters=[
            (SITE_ID, METER_ID, "Plant main incomer", "main_incomer", "", "900", "end",
             FIRST_DAY, LAST_DAY)
        ],
        tariff=FlatTariff(price_per_kwh=price_per_kwh, currency=currency, valid_from=FIRST_DAY),
    )  # fmt: skip
    target = paths.landing("csv_drop") / "steel_2018.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            _DROP_SQL.format(target=str(temporary).replace("'", "''")),
            {
                "source": str(source),
                "site_id": SITE_ID,
                "meter_id": METER_ID,
                "timezone": TIMEZONE,
            },
        )
    temporary.replace(target)
    return target
