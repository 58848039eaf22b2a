"""The two works of the pilot: shifts, sizes of their loads, climate. Invented, but of real size."""

from dataclasses import dataclass
from datetime import date

ZONE = "Europe/Rome"
ORGANIZATION_ID = "pilot"

MAIN = "main"
COMPRESSORS = "compressors"
CHILLER = "chiller"
HVAC = "hvac"
PROCESS = "process"
WAREHOUSE = "warehouse"
SUBMETERS = (COMPRESSORS, CHILLER, HVAC, PROCESS, WAREHOUSE)
QUARTER_HOUR_METER = COMPRESSORS
"""Sent every 15 minutes, stamped at the interval's end as many loggers do; the others hourly."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Local working time on the given weekdays (0 is Monday), HH:MM."""

    weekdays: tuple[int, ...]
    opens: str
    closes: str

    @property
    def minutes(self) -> tuple[int, int]:
        """Opening and closing as minutes of the day."""
        opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in (self.opens, self.closes))
        return opens, closes


@dataclass(frozen=True, kw_only=True)
class SiteDesign:
    """A works: `day_kw` and `night_kw` are mean loads of a meter in production and closed.

    For the chiller and HVAC, `day_kw` is the part that does not depend on the weather, and
    `weather_kw_per_k` what a kelvin above (chiller, cooling) or below (heat pump) the balance
    temperatures adds in production hours, up to `weather_limit_kw`.
    """

    site_id: str
    site_name: str
    subdivision: str
    floor_area_m2: int
    shifts: tuple[Shift, ...]
    day_kw: dict[str, float]
    night_kw: dict[str, float]
    other_day_kw: float
    other_night_kw: float
    weather_kw_per_k: dict[str, float]
    weather_limit_kw: dict[str, float]
    mean_temperature_c: float
    annual_amplitude_c: float


TURIN = SiteDesign(
    site_id="turin",
    site_name="Turin works",
    subdivision="TO",
    floor_area_m2=14500,
    shifts=(
        Shift(weekdays=(0, 1, 2, 3, 4), opens="06:00", closes="14:00"),
        Shift(weekdays=(0, 1, 2, 3, 4), opens="14:00", closes="22:00"),
    ),
    day_kw={COMPRESSORS: 112.0, CHILLER: 46.0, HVAC: 24.0, PROCESS: 264.0, WAREHOUSE: 38.0},
    night_kw={COMPRESSORS: 19.0, CHILLER: 9.0, HVAC: 5.0, PROCESS: 13.0, WAREHOUSE: 14.0},
    other_day_kw=58.0,
    other_night_kw=17.0,
    weather_kw_per_k={CHILLER: 3.1, HVAC: 5.2},
    weather_limit_kw={CHILLER: 52.0, HVAC: 88.0},
    mean_temperature_c=13.4,
    annual_amplitude_c=10.8,
)
BOLOGNA = SiteDesign(
    site_id="bologna",
    site_name="Bologna works",
    subdivision="BO",
    floor_area_m2=6200,
    shifts=(
        Shift(weekdays=(0, 1, 2, 3, 4), opens="07:00", closes="17:00"),
        Shift(weekdays=(5,), opens="07:00", closes="12:00"),
    ),
    day_kw={COMPRESSORS: 64.0, CHILLER: 21.0, HVAC: 13.0, PROCESS: 138.0, WAREHOUSE: 27.0},
    night_kw={COMPRESSORS: 22.0, CHILLER: 4.5, HVAC: 3.0, PROCESS: 6.5, WAREHOUSE: 12.0},
    other_day_kw=29.0,
    other_night_kw=9.0,
    weather_kw_per_k={CHILLER: 1.5, HVAC: 2.6},
    weather_limit_kw={CHILLER: 26.0, HVAC: 46.0},
    mean_temperature_c=14.6,
    annual_amplitude_c=11.2,
)
SITES = (TURIN, BOLOGNA)


def closures(first_day: date, end_day: date) -> tuple[tuple[date, date, str], ...]:
    """Closures of both works that touch the period: two weeks in August, and Christmas.

    Two weeks from the Monday before 15 August, 24 December to 6 January.
    """
    found = []
    for year in range(first_day.year - 1, end_day.year + 1):
        ferragosto = date(year, 8, 15)
        monday = ferragosto.toordinal() - ferragosto.weekday()
        found += [
            (date.fromordinal(monday), date.fromordinal(monday + 13), "August closure"),
            (date(year, 12, 24), date(year + 1, 1, 6), "Christmas closure"),
        ]
    return tuple(
        sorted(closure for closure in found if closure[0] < end_day and closure[1] >= first_day)
    )
