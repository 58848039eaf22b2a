"""The programme's terms as the rules need them: applications, providers, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from cei_assets.contracts.csi_vocabulary import (
    PROGRAMME_ZONE,
    BackupType,
    CatchUp,
    DisplacedFuel,
    LateDecision,
    QuantityUnit,
)


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application as it stands in the months from `valid_from_month` to `valid_to_month`.

    Months are first days; None leaves that side open. Money, rate and efficiency are decimals.
    """

    application_id: str
    program_administrator: str
    pdp_id: str
    tank_configuration: int
    backup_type: BackupType
    displaced_fuel: DisplacedFuel
    icf_approved: date
    capacity_kwth: Decimal
    baseline_efficiency: Decimal | None
    rate: Decimal | None
    rate_unit: QuantityUnit | None
    incentive_cap: Decimal | None
    first_data_month: date
    last_data_month: date
    conversion_method: str
    valid_from_month: date | None = None
    valid_to_month: date | None = None

    def holds_in(self, month: date) -> bool:
        """Whether this version describes the application in a month (its first day)."""
        begun = self.valid_from_month is None or self.valid_from_month <= month
        ended = self.valid_to_month is not None and self.valid_to_month < month
        return begun and not ended


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A one-use authorisation to replace the Success of a month; times are naive UTC."""

    authorization_id: str
    application_id: str
    application_month: date
    authorized_by: str
    authorized_at_utc: datetime
    replacement_reason: str
    replaces_receipt_id: str | None
    late_decision: LateDecision | None


@dataclass(frozen=True, kw_only=True)
class LateDecisionMade:
    """What was decided about a late month; without a receipt it means the Success of that time."""

    application_id: str
    application_month: date
    late_receipt_id: str | None
    late_decision: LateDecision
    late_decided_by: str
    late_decided_at_utc: datetime


@dataclass(frozen=True, kw_only=True)
class CsiRegister:
    """The programme's register: versions by application, whether a provider is active, by id."""

    applications: Mapping[str, tuple[Application, ...]] = field(default_factory=dict)
    pdp_active: Mapping[str, bool] = field(default_factory=dict)
    replacements: tuple[Replacement, ...] = ()
    late_decisions: tuple[LateDecisionMade, ...] = ()

    def application(self, application_id: str, month: date) -> Application | None:
        """The version that holds in a month, else the last one before it, else the first.

        None when the application is not registered.
        """
        versions = sorted(
            self.applications.get(application_id, ()),
            key=lambda version: version.valid_from_month or date.min,
        )
        begun = [
            version
            for version in versions
            if version.valid_from_month is None or version.valid_from_month <= month
        ]
        holding = [version for version in begun if version.holds_in(month)]
        return next(iter([*holding, *reversed(begun), *versions]), None)


@dataclass(frozen=True, kw_only=True)
class CsiOptions:
    """Decisions of the project that an installation may change (specification, section 1)."""

    application_id_pattern: str = r"[A-Z]{3}-[0-9]{5}"
    max_bytes: int = 10 << 20
    max_rows: int = 20_000
    max_cell_characters: int = 32_767
    zero_is_data: bool = True
    catch_up: CatchUp = CatchUp.PAY
    deadline_zone: str = PROGRAMME_ZONE
