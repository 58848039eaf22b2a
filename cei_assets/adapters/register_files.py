"""Register files of an adapted data set: one organization, its sites, meters and a flat price."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv

SITE_COLUMNS = ("site_id", "site_name", "timezone", "country", "station_id")
METER_COLUMNS = (
    "site_id",
    "meter_id",
    "description",
    "role",
    "parent_meter_id",
    "interval_seconds",
    "interval_label",
    "expected_from",
    "expected_to",
)


@dataclass(frozen=True, kw_only=True)
class FlatTariff:
    """One price for every hour, an assumption of whoever runs the adapter."""

    price_per_kwh: Decimal
    currency: str
    valid_from: str


def write_register(
    paths: DataPaths,
    *,
    organization: tuple[str, str],
    sites: Sequence[tuple[str, ...]],
    meters: Sequence[tuple[str, ...]],
    tariff: FlatTariff,
) -> None:
    """Write organizations, sites, meters and tariffs; rows follow the columns named above."""
    organization_id, _ = organization
    site_rows = [(organization_id, *site) for site in sites]
    tariff_rows = [
        (site[0], tariff.valid_from, "", tariff.currency, str(tariff.price_per_kwh), "0", "24",
         "0", "6")
        for site in sites
    ]  # fmt: skip
    write_register_csv(
        paths,
        {
            "organizations": _text(("organization_id", "organization_name"), [organization]),
            "sites": _text(("organization_id", *SITE_COLUMNS), site_rows),
            "meters": _text(METER_COLUMNS, meters),
            "tariffs": _text(
                ("site_id", "valid_from", "valid_to", "currency", "price_per_kwh", "hour_from",
                 "hour_to", "weekday_from", "weekday_to"),
                tariff_rows,
            ),
        },
    )  # fmt: skip


def _text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sink.getvalue()
