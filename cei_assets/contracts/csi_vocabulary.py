"""Closed lists of the CSI-Thermal programme: template, rules, form, programme terms.

Source: CSI-Thermal Program, PBI User Guide for Performance Data Providers, v1, 24 Sept 2013
("the guide"), and the project's decisions where it is silent.
"""

from decimal import Decimal
from enum import StrEnum

TEMPLATE_VERSION = "2013-09"
HEADER_TEMPLATE: tuple[str, ...] = (
    "Application ID",
    "Datetime",
    "Cumulative gallons of water consumed",
    "Solar BTUs delivered (2-Tank System)",
    "Total BTUs delivered (1-Tank System)",
    "Back-up Gas Consumption (therms)",
    "Back-up Electric Consumption (kWh)",
    "Back-up Propane Consumption (therms)",
    "Log Data: Alarms",
    "Log Data: System Messages",
    "Log Data: System Events",
    "Log Data: Trends",
)
"""The 12 header cells of an Application Interval Report, columns A to L, exactly."""

COLUMN_LETTERS = "ABCDEFGHIJKL"

PROGRAMME_ZONE = "America/Los_Angeles"
"""Legal time of deadlines and cutoffs."""
BTU_PER_THERM = 100_000
BTU_PER_KWH = Decimal("3412.142")
QUANTITY_DECIMALS = 4
"""Places to which a month's displaced quantity is rounded."""


class CsiFileType(StrEnum):
    """What an uploader says the file is."""

    APPLICATION_INTERVAL = "application_interval"
    METER_INTERVAL = "meter_interval"


class CsiRule(StrEnum):
    """Rules on uploads, in the order of their gates; ids as the messages show them."""

    U01 = "CSI-U01"
    U02 = "CSI-U02"
    U03 = "CSI-U03"
    U04 = "CSI-U04"
    U05 = "CSI-U05"
    U06 = "CSI-U06"
    U07 = "CSI-U07"
    U08 = "CSI-U08"
    L01 = "CSI-L01"
    F01 = "CSI-F01"
    F02 = "CSI-F02"
    F03 = "CSI-F03"
    F04 = "CSI-F04"
    F05 = "CSI-F05"
    F06 = "CSI-F06"
    F07 = "CSI-F07"
    F08 = "CSI-F08"
    F10 = "CSI-F10"
    H01 = "CSI-H01"
    H02 = "CSI-H02"
    R01 = "CSI-R01"
    R02 = "CSI-R02"
    R03 = "CSI-R03"
    R04 = "CSI-R04"
    R05 = "CSI-R05"
    R06 = "CSI-R06"
    R07 = "CSI-R07"
    R08 = "CSI-R08"
    R09 = "CSI-R09"
    T01 = "CSI-T01"
    T02 = "CSI-T02"
    T03 = "CSI-T03"
    T04 = "CSI-T04"
    T05 = "CSI-T05"
    T06 = "CSI-T06"
    X01 = "CSI-X01"
    X02 = "CSI-X02"
    W01 = "CSI-W01"
    W02 = "CSI-W02"
    W03 = "CSI-W03"
    W05 = "CSI-W05"
    W06 = "CSI-W06"
    W07 = "CSI-W07"
    W08 = "CSI-W08"
    W09 = "CSI-W09"
    W10 = "CSI-W10"
    W11 = "CSI-W11"
    W13 = "CSI-W13"
    W14 = "CSI-W14"


class CsiSeverity(StrEnum):
    """What a finding does: a rejecting one fails the upload, the others only tell."""

    REJECT = "reject"
    WARN = "warn"
    INFO = "info"
    FLAG = "flag"


class CsiResult(StrEnum):
    """The outcome of an upload, in the guide's words."""

    SUCCESS = "Success"
    FAILURE = "Failure"


class BackupType(StrEnum):
    """Fuel of the back-up heater."""

    GAS = "gas"
    ELECTRIC = "electric"
    PROPANE = "propane"
    NONE = "none"


class DisplacedFuel(StrEnum):
    """Fuel that the solar heat displaces; decides the unit that is paid."""

    GAS = "gas"
    ELECTRIC = "electric"
    PROPANE = "propane"


class QuantityUnit(StrEnum):
    """Unit of a displaced quantity."""

    THERM = "therm"
    KWH = "kWh"


class ConversionMethod(StrEnum):
    """How metered heat becomes displaced fuel; a method that is not listed is never paid."""

    DELIVERED_ENERGY = "delivered_energy"


class LateDecision(StrEnum):
    """What the administrator decided about a late month."""

    PAY = "pay"
    DENY = "deny"


class CatchUp(StrEnum):
    """What happens to a value that follows empty intervals and exceeds what one can hold."""

    PAY = "pay"
    HOLD = "hold"
    EXCLUDE = "exclude"


class CalendarStatus(StrEnum):
    """Where an application stands with a month of its term."""

    NOT_DUE = "not due"
    OPEN = "open"
    OVERDUE = "overdue"
    SUCCESS = "success"
    SUCCESS_LATE = "success late"


class PayableStatus(StrEnum):
    """Whether a month is paid, and if not, why."""

    PAYABLE = "payable"
    LATE_UNDECIDED = "late, not decided"
    LATE_DENIED = "late, denied"
    OUTSIDE_TERM = "outside the term"
    NO_EFFICIENCY = "no efficiency in the register"
    NO_RATE = "no rate in the register"
    UNKNOWN_METHOD = "unknown conversion method"


class PaymentLineKind(StrEnum):
    """A quarter's own payment, or the correction of an earlier one."""

    PAYMENT = "payment"
    ADJUSTMENT = "adjustment"
