"""Public holidays of the register's sites, from the holidays library."""

from collections.abc import Iterable

import holidays
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS


def known_countries() -> dict[str, list[str]]:
    """Codes of the countries whose holidays are known, each with its subdivisions' codes."""
    return dict(holidays.list_supported_countries(include_aliases=True))


def public_holidays(sites: pa.Table, *, years: Iterable[int]) -> pa.Table:
    """Public holidays of every site and year, one row a site and local day.

    `sites` follows the contract of the table `sites`. Names are English where the library has
    them, so that the table does not depend on the machine's language. Raises NotImplementedError
    for a country or subdivision that `known_countries` does not list.
    """
    wanted = sorted(set(years))
    site_ids = sites.column("site_id").to_pylist()
    regions = list(
        zip(
            sites.column("country").to_pylist(),
            sites.column("subdivision").to_pylist(),
            strict=True,
        )
    )
    calendars = {
        (country, subdivision): holidays.country_holidays(
            country, subdiv=subdivision, years=wanted, language="en_US"
        )
        for country, subdivision in set(regions)
    }
    rows = [
        {"site_id": site_id, "local_date": day, "holiday_name": name}
        for site_id, region in zip(site_ids, regions, strict=True)
        for day, name in sorted(calendars[region].items())
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(PUBLIC_HOLIDAYS))
