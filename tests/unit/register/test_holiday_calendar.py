"""Public holidays of the register's sites."""

from datetime import date

import pyarrow as pa
import pytest

from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS
from cei_assets.core.register.holiday_calendar import known_countries, public_holidays
from cei_assets.storage.register import HOLIDAY_YEARS


def sites(**regions: tuple[str, str | None]) -> pa.Table:
    return pa.table(
        {
            "site_id": list(regions),
            "country": [country for country, _ in regions.values()],
            "subdivision": pa.array([part for _, part in regions.values()], pa.string()),
        }
    )


def days(table: pa.Table, site_id: str) -> set[date]:
    return {row["local_date"] for row in table.to_pylist() if row["site_id"] == site_id}


def test_national_and_regional_holidays_follow_country_and_subdivision() -> None:
    found = public_holidays(
        sites(rome=("IT", None), turin=("IT", "TO"), munich=("DE", "BY"), berlin=("DE", "BE")),
        years=[2026],
    )
    assert validate_arrow(PUBLIC_HOLIDAYS, found) == []
    liberation, epiphany, womens_day = date(2026, 4, 25), date(2026, 1, 6), date(2026, 3, 8)
    assert liberation in days(found, "rome") & days(found, "turin")
    assert date(2026, 6, 24) in days(found, "turin") - days(found, "rome")
    assert epiphany in days(found, "munich") - days(found, "berlin")
    assert womens_day in days(found, "berlin") - days(found, "munich")


def test_names_are_english_whatever_the_country() -> None:
    rows = public_holidays(sites(rome=("IT", None)), years=[2026]).to_pylist()
    names = {row["local_date"]: row["holiday_name"] for row in rows}
    assert names[date(2026, 12, 25)] == "Christmas Day"


def test_an_unknown_country_is_an_error() -> None:
    with pytest.raises(NotImplementedError):
        public_holidays(sites(nowhere=("XX", None)), years=[2026])


def test_every_country_has_holidays_in_every_year_of_the_register() -> None:
    countries = [country for country in known_countries() if len(country) == 2]
    found = public_holidays(
        sites(**{country: (country, None) for country in countries}),
        years=(HOLIDAY_YEARS[0], HOLIDAY_YEARS[-1]),
    )
    years = {(row["site_id"], row["local_date"].year) for row in found.to_pylist()}
    nobody_lives_there = {"BV", "HM", "IO"}
    assert set(countries) - {country for country, _ in years} == nobody_lives_there
    assert years >= {("IN", HOLIDAY_YEARS[0]), ("IN", HOLIDAY_YEARS[-1])}
