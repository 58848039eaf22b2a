"""Physics of a simulated solar thermal system: heat, back-up and hot water per quarter hour."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from cei_assets.contracts.csi_vocabulary import BTU_PER_KWH, BTU_PER_THERM, BackupType
from cei_assets.core.csi.months import INTERVALS_PER_DAY as PER_DAY
from cei_assets.simulation.csi_design import ProgrammeDesign, SimulatedApplication

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

BTU_PER_GALLON = 584
"""Heat of a gallon of water raised by 70 degrees Fahrenheit."""
BACKUP_STEPS = 10_000
"""Back-up is metered in ten-thousandths of a therm or kWh."""
_STANDING_LOSS = 0.07
_PEAK_SHARE = 0.78
# Share of a day's hot water by hour of the day; nothing is drawn from 0 to 5.
_DRAW_BY_HOUR = np.array(
    [0, 0, 0, 0, 0, 2, 6, 9, 8, 6, 5, 5, 6, 5, 4, 4, 5, 6, 8, 8, 6, 4, 2, 1], dtype=np.float64
)


@dataclass(frozen=True, kw_only=True)
class SystemReadings:
    """Readings per interval, in order: BTU, tenths of a gallon, ten-thousandths of back-up units.

    `solar_btu` is the collectors' heat, `total_btu` that and the back-up heater's together. The
    first interval ends at 00:15 of the first month's first day, Pacific Standard Time all year.
    """

    solar_btu: IntArray
    total_btu: IntArray
    backup_steps: IntArray
    gallon_tenths: IntArray

    def between(self, start: int, end: int) -> "SystemReadings":
        """The intervals from position `start` to before `end`."""
        return SystemReadings(
            solar_btu=self.solar_btu[start:end],
            total_btu=self.total_btu[start:end],
            backup_steps=self.backup_steps[start:end],
            gallon_tenths=self.gallon_tenths[start:end],
        )


def month_bounds(design: ProgrammeDesign) -> list[int]:
    """Positions of the months' first intervals, and the end of the last month."""
    return [
        PER_DAY * (design.month(position) - design.first_month).days
        for position in range(design.months + 1)
    ]


def system_readings(design: ProgrammeDesign, application: SimulatedApplication) -> SystemReadings:
    """All months of an application; the same design gives the same readings."""
    days = (design.month(design.months) - design.first_month).days
    random = np.random.default_rng([design.seed, application.index])
    capacity_kw = float(application.capacity_kwth)
    kind = application.kind
    shine = _shine(design.first_month, days, latitude=kind.latitude, random=random)
    solar = np.rint(capacity_kw * _PEAK_SHARE * shine * float(BTU_PER_KWH) / 4)
    drawn = _gallons(days, capacity_kw=capacity_kw, random=random)
    wanted = drawn * BTU_PER_GALLON
    has_backup = kind.backup_type is not BackupType.NONE
    heater = np.clip(wanted - solar, 0.0, None) if has_backup else np.zeros_like(solar)
    per_unit = float(BTU_PER_KWH) if kind.backup_type is BackupType.ELECTRIC else BTU_PER_THERM
    used = heater / float(kind.baseline_efficiency) / per_unit
    return SystemReadings(
        solar_btu=solar.astype(np.int64),
        total_btu=(solar + np.rint(heater)).astype(np.int64),
        backup_steps=np.rint(used * BACKUP_STEPS).astype(np.int64),
        gallon_tenths=np.cumsum(np.rint(drawn * 10)).astype(np.int64),
    )


def _shine(
    first_day: date, days: int, *, latitude: float, random: np.random.Generator
) -> FloatArray:
    """Share of its peak that a collector delivers: elevation of the sun, clouds, standing loss."""
    hour = (np.arange(PER_DAY) + 0.5) / 4
    day_of_year = first_day.timetuple().tm_yday + np.arange(days)[:, None]
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day_of_year) / 365)
    angle = np.radians(15 * (hour - 12))
    phi = np.radians(latitude)
    height = np.sin(phi) * np.sin(declination)
    height = height + np.cos(phi) * np.cos(declination) * np.cos(angle)
    clear = np.clip(height, 0, None) ** 1.15
    clouds = 0.25 + 0.75 * random.beta(4.0, 1.4, size=(days, 1))
    flicker = np.clip(random.normal(1.0, 0.05, size=(days, PER_DAY)), 0.7, 1.1)
    share: FloatArray = np.clip(clear * clouds * flicker - _STANDING_LOSS, 0, 1).ravel()
    return share


def _gallons(days: int, *, capacity_kw: float, random: np.random.Generator) -> FloatArray:
    """Hot water per quarter hour: about what the collectors heat in a summer day, by hour."""
    by_quarter = np.repeat(_DRAW_BY_HOUR / _DRAW_BY_HOUR.sum() / 4, 4)
    of_day = capacity_kw * 42 * random.normal(1.0, 0.08, size=(days, 1)).clip(0.6, 1.4)
    noise = random.normal(1.0, 0.15, size=(days, PER_DAY)).clip(0.4, 1.8)
    drawn: FloatArray = (of_day * by_quarter * noise).ravel()
    return drawn
