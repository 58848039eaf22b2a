"""Closed lists of values: codes, statuses, roles, rules. Stored as their lower-case text."""

from enum import StrEnum


class UploadSource(StrEnum):
    """The landing folders; each is a queue of one kind of file."""

    CEI_API = "cei_api"
    CSV_DROP = "csv_drop"
    TEMPERATURE = "temperature"
    CDS = "cds"
    CSI_APPLICATION = "csi_application"
    CSI_METER = "csi_meter"


CSI_SOURCES = (UploadSource.CSI_APPLICATION, UploadSource.CSI_METER)
"""Sources of the CSI-Thermal programme: files with the form of an upload beside them."""


class UploadStatus(StrEnum):
    """What became of a file: verdict of the whole, rows are judged one by one."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REJECTED = "rejected"
    DUPLICATE_FILE = "duplicate_file"
    WAITING = "waiting"


class RecordCode(StrEnum):
    """Why a record was refused, in the order in which the codes apply (ingest API, section 2)."""

    UNKNOWN_SITE = "UNKNOWN_SITE"
    ORG_MISMATCH = "ORG_MISMATCH"
    UNKNOWN_METER = "UNKNOWN_METER"
    INVALID_UNIT = "INVALID_UNIT"
    INVALID_TIMESTAMP = "INVALID_TIMESTAMP"
    INVALID_VALUE = "INVALID_VALUE"
    DUPLICATE_IDEMPOTENCY_KEY = "DUPLICATE_IDEMPOTENCY_KEY"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    MALFORMED_ROW = "MALFORMED_ROW"
    MALFORMED_FILE = "MALFORMED_FILE"


class MeterRole(StrEnum):
    """Where a meter stands in its site's tree."""

    MAIN_INCOMER = "main_incomer"
    SUBMETER = "submeter"


class IntervalLabel(StrEnum):
    """Which end of the interval a meter's timestamps mark."""

    START = "start"
    END = "end"


class ReadingQuality(StrEnum):
    """CDS reading quality (CDS-WG3-01), and `unknown` where a source says nothing."""

    RAW = "raw"
    MANUAL = "manual"
    VALID = "valid"
    REVENUE = "revenue"
    ESTIMATED = "estimated"
    CALCULATED = "calculated"
    CORRECTED = "corrected"
    WEBSITE = "website"
    UNKNOWN = "unknown"


class FlowDirection(StrEnum):
    """CDS flow direction (CDS-WG3-01): forward is towards the customer."""

    FORWARD = "forward"
    REVERSE = "reverse"
    NET = "net"


class ModelKind(StrEnum):
    """How a counterfactual was made, from most to least demanding of history."""

    TOWT = "towt"
    HOUR_OF_WEEK_SEASONAL = "hour_of_week_seasonal"
    ROBUST_PROFILE = "robust_profile"
    WARMING_UP = "warming_up"


class EpisodeRule(StrEnum):
    """The rules that find episodes (measurement specification, section 3)."""

    NIGHT_LOAD = "night_load"
    WEEKEND_LOAD = "weekend_load"
    SPIKE = "spike"
    BASELINE_DEVIATION = "baseline_deviation"
    BASELOAD_DRIFT = "baseload_drift"


class EpisodeStatus(StrEnum):
    """What people have said about an episode."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    MUTED = "muted"


class Severity(StrEnum):
    """How loud an episode is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
