"""Closed lists of CDS customer data, in the words of the newest text (CDS-WG3-01, dialect C).

Dialects A and B (the two forms of Customer-Data pull request 26) are brought to these words.
"""

from enum import StrEnum

from cei_assets.contracts.vocabulary import ReadingQuality


class CdsDialect(StrEnum):
    """Which of the three wire forms a file has, decided by shape."""

    A = "A"
    B = "B"
    C = "C"


class CdsObjectKind(StrEnum):
    """Kinds of object; the text is the list key of the envelope.

    Production projects are in no text: a reviewer of the draft proposed them.
    """

    ACCOUNTS = "accounts"
    SERVICE_CONTRACTS = "service_contracts"
    SERVICE_POINTS = "service_points"
    METER_DEVICES = "meter_devices"
    BILL_STATEMENTS = "bill_statements"
    BILL_SECTIONS = "bill_sections"
    AGGREGATIONS = "aggregations"
    USAGE_SEGMENTS = "usage_segments"
    EACS = "eacs"
    PRODUCTION_PROJECTS = "production_projects"


CDS_ID_FIELDS: dict[CdsObjectKind, str] = {
    CdsObjectKind.USAGE_SEGMENTS: "cds_usagesegment_id",
    CdsObjectKind.PRODUCTION_PROJECTS: "cds_productionproject_id",
    CdsObjectKind.EACS: "cds_eac_id",
    CdsObjectKind.AGGREGATIONS: "cds_aggregation_id",
    CdsObjectKind.BILL_SECTIONS: "cds_billsection_id",
    CdsObjectKind.BILL_STATEMENTS: "cds_billstatement_id",
    CdsObjectKind.METER_DEVICES: "cds_meterdevice_id",
    CdsObjectKind.SERVICE_POINTS: "cds_servicepoint_id",
    CdsObjectKind.SERVICE_CONTRACTS: "cds_servicecontract_id",
    CdsObjectKind.ACCOUNTS: "cds_account_id",
}
"""The field that names an object of each kind, most particular first.

A bill section also holds the ids of its statement and account: the first that is there tells.
"""


class CdsValueType(StrEnum):
    """What a value format measures; `eacs_applied` has a name in dialects A and B only."""

    ELECTRIC_USAGE = "electric_usage"
    ELECTRIC_DEMAND = "electric_demand"
    ELECTRIC_SUPPLY_MIX = "electric_supply_mix"
    WATER_USAGE = "water_usage"
    NATURAL_GAS_USAGE = "natural_gas_usage"
    FUEL_OIL_USAGE = "fuel_oil_usage"
    COST = "cost"
    METER_READINGS = "meter_readings"
    EACS_APPLIED = "eacs_applied"


USAGE_TYPES = (
    CdsValueType.ELECTRIC_USAGE,
    CdsValueType.WATER_USAGE,
    CdsValueType.NATURAL_GAS_USAGE,
    CdsValueType.FUEL_OIL_USAGE,
)
"""Types whose values are amounts of their interval, so that they may be summed over time."""


class CdsSeriesKind(StrEnum):
    """What a series of values is; only what was measured counts as use.

    `settlement` is what accounts are settled by, `telemetry` what a control system saw, `other` a
    kind that a body names and no list knows.
    """

    MEASURED = "measured"
    SETTLEMENT = "settlement"
    TELEMETRY = "telemetry"
    FORECAST_DAY_AHEAD = "forecast_day_ahead"
    FORECAST_HOUR_AHEAD = "forecast_hour_ahead"
    OTHER = "other"


COUNTED_SERIES_KINDS = (CdsSeriesKind.MEASURED, CdsSeriesKind.SETTLEMENT)
"""Kinds of series that count as measured energy; forecasts and telemetry never do."""


class CdsDemandType(StrEnum):
    """Which demand of an interval is meant; starting and ending are points in time."""

    PEAK = "peak"
    AVERAGE = "average"
    STARTING = "starting"
    ENDING = "ending"


class CdsTimeOfUse(StrEnum):
    """Price period of the day."""

    SUPER_PEAK = "super_peak"
    PEAK = "peak"
    PARTIAL_PEAK = "partial_peak"
    OFF_PEAK = "off_peak"
    SUPER_OFF_PEAK = "super_off_peak"


class CdsTier(StrEnum):
    """Block of a tariff by amount."""

    BASELINE = "baseline"
    OVERAGE = "overage"
    TIER_1 = "tier_1"
    TIER_2 = "tier_2"
    TIER_3 = "tier_3"
    TIER_4 = "tier_4"
    TIER_5 = "tier_5"
    TIER_6 = "tier_6"
    TIER_7 = "tier_7"
    TIER_8 = "tier_8"
    TIER_9 = "tier_9"


class CdsSeason(StrEnum):
    """Season of a tariff."""

    SPRING = "spring"
    SUMMER = "summer"
    FALL = "fall"
    WINTER = "winter"


class CdsKnowledge(StrEnum):
    """What a format says of an optional designation.

    `known`: it names one. `none`: it says that there is none (null). `unknown`: it says nothing,
    or names one that is not in the list.
    """

    KNOWN = "known"
    NONE = "none"
    UNKNOWN = "unknown"


class CdsValueStatus(StrEnum):
    """Whether a slot holds a value; `invalid` is one that could not be read, kept as text."""

    VALUE = "value"
    MISSING = "missing"
    INVALID = "invalid"


class CdsAttribution(StrEnum):
    """Which mix a share belongs to."""

    BASE = "base"
    INDIVIDUAL = "individual"
    RESIDUAL = "residual"


class CdsSupplyType(StrEnum):
    """Kind of supply in a mix; some contain others."""

    GENERAL = "general"
    CARBONFREE = "carbonfree"
    PEAKER = "peaker"
    SOLAR = "solar"
    WIND = "wind"
    HYDRO = "hydro"
    GEOTHERMAL = "geothermal"
    BIOMASS = "biomass"
    NUCLEAR = "nuclear"
    STORAGE = "storage"
    DEMAND_MANAGEMENT = "demand_management"
    DISTRIBUTED = "distributed"
    NATURAL_GAS = "natural_gas"
    COAL = "coal"
    OIL = "oil"


class CdsRelation(StrEnum):
    """What a segment, a format or a value is related to."""

    AGGREGATION = "aggregation"
    ACCOUNT = "account"
    SERVICE_CONTRACT = "service_contract"
    SERVICE_POINT = "service_point"
    METER_DEVICE = "meter_device"
    BILL_SECTION = "bill_section"
    EAC = "eac"
    EAC_NUMBER = "eac_number"


class CdsAccess(StrEnum):
    """What a grant's status says about its data.

    Only under `complete` does an absent object mean that it is no longer there.
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    NOT_YET = "not_yet"
    GONE = "gone"
    UNKNOWN = "unknown"


CDS_QUALITY_ORDER: tuple[ReadingQuality, ...] = (
    ReadingQuality.CORRECTED,
    ReadingQuality.REVENUE,
    ReadingQuality.VALID,
    ReadingQuality.CALCULATED,
    ReadingQuality.WEBSITE,
    ReadingQuality.RAW,
    ReadingQuality.MANUAL,
    ReadingQuality.ESTIMATED,
    ReadingQuality.UNKNOWN,
)
"""Qualities, best first; raw and manual are of one worth and stand in this order to be definite."""


class CdsCode(StrEnum):
    """What can be wrong or worth telling in a file of customer data."""

    NOT_JSON = "NOT_JSON"
    NOT_UTF8 = "NOT_UTF8"
    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    ENCRYPTED = "ENCRYPTED"
    NOT_CDS = "NOT_CDS"
    BAD_SIDECAR = "BAD_SIDECAR"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    MISSING_FIELD = "MISSING_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    BAD_MOMENT = "BAD_MOMENT"
    BAD_INTERVAL = "BAD_INTERVAL"
    END_BEFORE_START = "END_BEFORE_START"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    BAD_VALUE = "BAD_VALUE"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    EXTRA_SLOT = "EXTRA_SLOT"
    VALUE_ROUNDED = "VALUE_ROUNDED"
    VALUE_TYPE = "VALUE_TYPE"
    MISSING_KEY = "MISSING_KEY"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    DUPLICATE_SEGMENT = "DUPLICATE_SEGMENT"
    BYTE_ORDER_MARK = "BYTE_ORDER_MARK"
    MIXED_DIALECTS = "MIXED_DIALECTS"
    LENGTH_MISMATCH = "LENGTH_MISMATCH"
    SPAN_MISMATCH = "SPAN_MISMATCH"
    UNKNOWN_WORD = "UNKNOWN_WORD"
    BAD_INDEX = "BAD_INDEX"
    SHARES_SUM = "SHARES_SUM"
    NET_MISMATCH = "NET_MISMATCH"
    DUPLICATE_OBJECT = "DUPLICATE_OBJECT"
    BAD_DATE = "BAD_DATE"
    DATE_ORDER = "DATE_ORDER"
    AMOUNT_DUE_MISMATCH = "AMOUNT_DUE_MISMATCH"
    QUALITY_MISMATCH = "QUALITY_MISMATCH"


CDS_REFUSING_CODES = frozenset(
    {
        CdsCode.NOT_JSON,
        CdsCode.NOT_UTF8,
        CdsCode.TOO_LARGE,
        CdsCode.TOO_DEEP,
        CdsCode.ENCRYPTED,
        CdsCode.NOT_CDS,
        CdsCode.BAD_SIDECAR,
        CdsCode.NOT_AN_OBJECT,
        CdsCode.MISSING_FIELD,
        CdsCode.WRONG_TYPE,
        CdsCode.BAD_MOMENT,
        CdsCode.BAD_DATE,
        CdsCode.BAD_INTERVAL,
        CdsCode.END_BEFORE_START,
        CdsCode.TOO_MANY_ROWS,
        CdsCode.BAD_VALUE,
        CdsCode.VALUE_OUT_OF_RANGE,
        CdsCode.EXTRA_SLOT,
    }
)
"""Codes by which a file, an object or a value is refused; the others only tell."""
