"""The register: organizations, sites, meters and what is known about them."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table

_SITE = Reference(columns=("site_id",), table="sites")


def _register(
    name: str,
    description: str,
    names: str,
    grain: tuple[str, ...],
    references: tuple[Reference, ...] = (),
) -> Table:
    return Table(
        name=name,
        layer="raw",
        subject="register",
        description=description,
        columns=columns(names),
        grain=grain,
        references=references,
    )


ORGANIZATIONS = _register(
    "organizations",
    "Organizations that own sites.",
    "organization_id organization_name",
    ("organization_id",),
)
SITES = _register(
    "sites",
    "Sites, each with its time zone and country.",
    "site_id organization_id site_name timezone country subdivision? floor_area_m2? station_id?",
    ("site_id",),
    (Reference(columns=("organization_id",), table="organizations"),),
)
METERS = _register(
    "meters",
    "Meters; exactly one main incomer a site, a sub-meter's parent at the same site.",
    "site_id meter_id description role parent_meter_id? interval_seconds interval_label "
    "expected_from expected_to?",
    ("site_id", "meter_id"),
    (_SITE,),
)
OPERATING_HOURS = _register(
    "operating_hours",
    "When a site works, by weekday in local time; several rows a day for shifts.",
    "site_id weekday opens closes valid_from valid_to?",
    ("site_id", "weekday", "opens", "valid_from"),
    (_SITE,),
)
CLOSURES = _register(
    "closures",
    "Days on which a site is closed besides public holidays.",
    "site_id first_day last_day reason?",
    ("site_id", "first_day"),
    (_SITE,),
)
TARIFFS = _register(
    "tariffs",
    "Prices of a kWh by local hour and weekday band; a flat price is one row.",
    "site_id valid_from valid_to? currency price_per_kwh hour_from hour_to weekday_from weekday_to",
    ("site_id", "valid_from", "hour_from", "weekday_from"),
    (_SITE,),
)
EMISSION_FACTORS = _register(
    "emission_factors",
    "Greenhouse gases of a kWh by country or site and year.",
    "country? site_id? year kgco2e_per_kwh source",
    ("country", "site_id", "year"),
)
MEASURES = _register(
    "measures",
    "Energy conservation measures, for payback and verified savings.",
    "measure_id site_id meter_id description implemented_on capex? currency?",
    ("measure_id",),
    (Reference(columns=("site_id", "meter_id"), table="meters"),),
)

REGISTER_TABLES: tuple[Table, ...] = (
    ORGANIZATIONS,
    SITES,
    METERS,
    OPERATING_HOURS,
    CLOSURES,
    TARIFFS,
    EMISSION_FACTORS,
    MEASURES,
)

PUBLIC_HOLIDAYS = _register(
    "public_holidays",
    "Public holidays of every site, from the holidays library; derived, never edited.",
    "site_id local_date holiday_name",
    ("site_id", "local_date"),
    (_SITE,),
)
