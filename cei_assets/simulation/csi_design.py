"""The simulated CSI-Thermal programme: its systems, providers and the stories of its months."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cei_assets.contracts.csi_vocabulary import BackupType, CsiRule, DisplacedFuel, QuantityUnit
from cei_assets.core.csi.months import next_month

STORY_MONTHS = 6
"""Months that the stories of `demo_programme` need."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A performance data provider of the simulated programme."""

    pdp_id: str
    pdp_name: str
    pdp_active: bool = True


PROVIDERS = (
    Provider(pdp_id="heliotrace", pdp_name="Heliotrace Data Services"),
    Provider(pdp_id="suncount", pdp_name="Suncount Metering"),
    Provider(pdp_id="oldmeter", pdp_name="Old Meter Company", pdp_active=False),
)
PDP, NEXT_PDP, CLOSED_PDP = (provider.pdp_id for provider in PROVIDERS)


@dataclass(frozen=True, kw_only=True)
class SystemKind:
    """A kind of system: administrator, tanks, fuels and the terms that go with them.

    Rates are those the California Center for Sustainable Energy printed in 2013 (7.27 USD/therm,
    0.21 USD/kWh); efficiencies and latitude are of real size, invented.
    """

    program_administrator: str
    tank_configuration: int
    backup_type: BackupType
    displaced_fuel: DisplacedFuel
    baseline_efficiency: Decimal
    latitude: float

    @property
    def rate(self) -> Decimal:
        """USD per therm of gas, or per kWh of anything else."""
        is_gas = self.displaced_fuel is DisplacedFuel.GAS
        return Decimal("7.27") if is_gas else Decimal("0.21")

    @property
    def rate_unit(self) -> QuantityUnit:
        """What the rate is paid for."""
        is_gas = self.displaced_fuel is DisplacedFuel.GAS
        return QuantityUnit.THERM if is_gas else QuantityUnit.KWH


KINDS = (
    SystemKind(
        program_administrator="PGE",
        tank_configuration=1,
        backup_type=BackupType.GAS,
        displaced_fuel=DisplacedFuel.GAS,
        baseline_efficiency=Decimal("0.82"),
        latitude=37.8,
    ),
    SystemKind(
        program_administrator="SCE",
        tank_configuration=1,
        backup_type=BackupType.ELECTRIC,
        displaced_fuel=DisplacedFuel.ELECTRIC,
        baseline_efficiency=Decimal("0.98"),
        latitude=34.1,
    ),
    SystemKind(
        program_administrator="SCG",
        tank_configuration=2,
        backup_type=BackupType.GAS,
        displaced_fuel=DisplacedFuel.GAS,
        baseline_efficiency=Decimal("0.80"),
        latitude=34.0,
    ),
    SystemKind(
        program_administrator="SDG",
        tank_configuration=2,
        backup_type=BackupType.PROPANE,
        displaced_fuel=DisplacedFuel.PROPANE,
        baseline_efficiency=Decimal("0.78"),
        latitude=32.7,
    ),
    SystemKind(
        program_administrator="SDG",
        tank_configuration=1,
        backup_type=BackupType.NONE,
        displaced_fuel=DisplacedFuel.GAS,
        baseline_efficiency=Decimal("0.82"),
        latitude=33.1,
    ),
)


@dataclass(frozen=True, kw_only=True)
class SimulatedApplication:
    """One application: `index` counts from 0 and seeds its weather and use."""

    index: int
    application_id: str
    kind: SystemKind
    capacity_kwth: Decimal
    incentive_cap: Decimal | None


class StoryKind(StrEnum):
    """What happens to a month other than one valid file in time."""

    CORRECTED = "a failing upload, corrected the next day"
    LATE_PAID = "late, then decided to be paid"
    CATCH_UP = "a day without data, then one value that catches up"
    ALL_EMPTY = "the meter was dead all month"
    REPLACED = "replaced after it had succeeded, by authorisation"
    REPLACEMENT_FAILS = "an authorised replacement that fails"
    SENT_TWICE = "sent again after it had succeeded"
    CHANGED_PROVIDER = "the provider changes; the former one uploads once more"
    METER_REPORT = "a meter interval report besides"


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story of one month; both positions count from 0."""

    kind: StoryKind
    application: int
    month: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeDesign:
    """A programme: systems, the months from `first_month` (a first day) on, and their stories."""

    seed: int
    first_month: date
    months: int
    applications: tuple[SimulatedApplication, ...]
    stories: tuple[Story, ...] = ()

    def month(self, position: int) -> date:
        """First day of the month at a position, 0 the first."""
        return next_month(self.first_month, position)

    def story(self, application: int, month: int) -> StoryKind | None:
        """What happens in an application's month, if anything."""
        return next(
            (
                story.kind
                for story in self.stories
                if story.application == application and story.month == month
            ),
            None,
        )

    def change_of_provider(self, application: int) -> int | None:
        """Position of the first month of the second provider, where there is one."""
        return next(
            (
                story.month
                for story in self.stories
                if story.application == application and story.kind is StoryKind.CHANGED_PROVIDER
            ),
            None,
        )


FAILING_RULES = (CsiRule.R08, CsiRule.R05, CsiRule.T06, CsiRule.H02, CsiRule.X02)
"""What is wrong with the failing uploads, by the application's position in turn."""


def demo_first_month(today: date) -> date:
    """First month of the demo: on any day its last month is due, and all it tells has happened."""
    return next_month(today, -1 - STORY_MONTHS)


def demo_programme(*, seed: int, first_month: date) -> ProgrammeDesign:
    """Five applications over six months with every story; 37 uploads.

    `demo_first_month` gives the first month for a clock. The cap of the 2-tank gas system is
    reached within the months.
    """
    return ProgrammeDesign(
        seed=seed,
        first_month=first_month,
        months=STORY_MONTHS,
        applications=_applications(len(KINDS)),
        stories=(
            Story(kind=StoryKind.CORRECTED, application=0, month=0),
            Story(kind=StoryKind.REPLACED, application=0, month=1),
            Story(kind=StoryKind.METER_REPORT, application=0, month=2),
            Story(kind=StoryKind.SENT_TWICE, application=0, month=4),
            Story(kind=StoryKind.LATE_PAID, application=1, month=2),
            Story(kind=StoryKind.CATCH_UP, application=2, month=2),
            Story(kind=StoryKind.CORRECTED, application=2, month=4),
            Story(kind=StoryKind.REPLACEMENT_FAILS, application=3, month=2),
            Story(kind=StoryKind.CHANGED_PROVIDER, application=3, month=4),
            Story(kind=StoryKind.ALL_EMPTY, application=4, month=3),
        ),
    )


def large_programme(
    *, seed: int, first_month: date, applications: int, months: int
) -> ProgrammeDesign:
    """Any number of applications and months; one application in ten has a story, by position."""
    kinds = tuple(StoryKind)
    return ProgrammeDesign(
        seed=seed,
        first_month=first_month,
        months=months,
        applications=_applications(applications),
        stories=tuple(
            Story(
                kind=kinds[number % len(kinds)],
                application=application,
                month=1 + number % max(months - 2, 1),
            )
            for number, application in enumerate(range(3, applications, 10))
            if months > 1
        ),
    )


def _applications(count: int) -> tuple[SimulatedApplication, ...]:
    return tuple(
        SimulatedApplication(
            index=index,
            application_id=f"{kind.program_administrator}-{index + 101:05d}",
            kind=kind,
            capacity_kwth=Decimal(60 + 35 * (index * 7 % 11)),
            # Reached by the third simulated system in the demo's months; far away for the others.
            incentive_cap=Decimal("20000.00") if index % len(KINDS) == 2 else Decimal("500000.00"),
        )
        for index, kind in ((index, KINDS[index % len(KINDS)]) for index in range(count))
    )
