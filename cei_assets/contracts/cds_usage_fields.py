"""Columns of the tables that dbt builds from CDS usage segments: versions, hours, emissions."""

from enum import StrEnum

from cei_assets.contracts.cds_quality_words import EnerginetQuality
from cei_assets.contracts.model import Field

_VALUE = "DECIMAL(38,12)"
_ENERGY = "DECIMAL(38,15)"


class CdsVersionStatus(StrEnum):
    """What became of a version of a segment."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class CdsMappingStatus(StrEnum):
    """How a server's thing leads to a meter of the register."""

    DIRECT = "direct"
    BRIDGED = "bridged"
    SEVERAL = "several"
    NONE = "none"


class CdsZoneSource(StrEnum):
    """Whose time zone the local hours and days are of."""

    SITE = "site"
    SERVER = "server"
    UTC = "utc"


class CdsEmissionSource(StrEnum):
    """Where the greenhouse gases of an hour come from."""

    STATED = "stated"
    SUPPLY_MIX = "supply_mix"
    SUPPLY_MIX_AND_FACTOR = "supply_mix_and_factor"
    EMISSION_FACTOR = "emission_factor"


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


# fmt: off
CDS_USAGE_FIELDS: tuple[Field, ...] = (
    # versions
    Field(name="holds_rows", type="BOOLEAN",
          description="Whether the receipt holds rows of the version; others only show it again."),
    Field(name="first_seen_utc", type="TIMESTAMP",
          description="When the version was observed for the first time."),
    Field(name="last_seen_utc", type="TIMESTAMP",
          description="When the version was observed for the last time."),
    Field(name="first_receipt_id", type="VARCHAR",
          description="Receipt that showed the version for the first time."),
    Field(name="stored_receipt_id", type="VARCHAR",
          description="Receipt whose rows of the version count; empty when it has none."),
    Field(name="sighting_count", type="BIGINT", ge=1,
          description="How many receipts show the version."),
    Field(name="first_synced_utc", type="TIMESTAMP",
          description="When the server had last checked its source, as first shown."),
    Field(name="last_synced_utc", type="TIMESTAMP",
          description="When the server last checked its source, as far as anything shows."),
    Field(name="version_status", type="VARCHAR", isin=_values(CdsVersionStatus),
          description="Current: the version that holds; superseded: a newer one does; withdrawn: "
                      "it would hold, but the server does not list the segment any more."),
    Field(name="superseded_by", type="VARCHAR",
          description="Version of the segment that holds in its place."),
    Field(name="withdrawn_at_utc", type="TIMESTAMP",
          description="When a whole listing without the segment was complete."),
    Field(name="has_same_modified", type="BOOLEAN",
          description="Whether another version of the segment has the same cds_modified: the "
                      "server changed it unseen, and the one observed later holds."),
    Field(name="is_id_reused", type="BOOLEAN",
          description="Whether the server uses the id for segments of several starts."),
    # series
    Field(name="cds_resource", type="VARCHAR",
          description="kind/id of the narrowest thing that the values are of; segment/id where "
                      "nothing single is named, so that such segments stay apart."),
    Field(name="series_id", type="VARCHAR", pattern=r"^[0-9a-f]{32}$",
          description="Digest of what makes a series: resource, type, direction, unit, kind, "
                      "demand type, tariff designations, register, length and variant."),
    Field(name="described_series_id", type="VARCHAR", pattern=r"^[0-9a-f]{32}$",
          description="Series of the values that the row is about; empty: not said."),
    Field(name="series_variant", type="VARCHAR",
          description="Format id where a segment repeats formats that are otherwise equal."),
    Field(name="first_start_utc", type="TIMESTAMP", description="Start of the first interval."),
    Field(name="last_end_utc", type="TIMESTAMP", description="End of the last interval."),
    Field(name="quality_rank", type="INTEGER", ge=1,
          description="Place of the quality in the order of worth, 1 is best."),
    Field(name="recency_rank", type="BIGINT", ge=1,
          description="Place among all versions: newest cds_modified, then cds_synced, observation "
                      "and id; 1 is first."),
    Field(name="is_contested", type="BOOLEAN",
          description="Whether the spans of several formats of the series overlap."),
    Field(name="utc_date", type="DATE", description="UTC day of the interval's start."),
    Field(name="is_of_pending_receipt", type="BOOLEAN",
          description="Whether a receipt that this build takes in belongs to it."),
    # mapping
    Field(name="mapping_status", type="VARCHAR", isin=_values(CdsMappingStatus),
          description="Direct: the mapping names it; bridged: what it is connected to leads to one "
                      "meter; several: to more than one; none: to no meter."),
    Field(name="mapped_through", type="VARCHAR",
          description="kind/reference in the mapping that led to the meter."),
    Field(name="mapping_digest", type="VARCHAR",
          description="Digest of all that the mapping says of it."),
    Field(name="timezone_source", type="VARCHAR", isin=_values(CdsZoneSource),
          description="Whose zone it is: the mapped site's, the server's, or UTC for want of any."),
    # energy
    Field(name="is_partition_sum", type="BOOLEAN",
          description="Whether the value is the sum of time-of-use or tier parts."),
    Field(name="is_ambiguous", type="BOOLEAN",
          description="Whether equal formats stand beside each other and nothing says what each "
                      "is: then there is no value."),
    Field(name="mix_kwh", type=_ENERGY, unit="kWh",
          description="Part of the energy whose own supply mix says how much carbon it carries."),
    Field(name="mix_g", type=_VALUE, unit="gCO2e", description="Greenhouse gases of that part."),
    Field(name="is_mix_stated", type="BOOLEAN",
          description="Whether the body states the gases; else they are share times intensity."),
    Field(name="hour_kwh", type=_ENERGY, unit="kWh", description="Electric energy of the hour."),
    Field(name="import_kwh", type=_ENERGY, unit="kWh",
          description="Energy toward the customer: forward, or energy without direction."),
    Field(name="export_kwh", type=_ENERGY, unit="kWh",
          description="Energy from the customer, positive: less the reverse values."),
    Field(name="net_kwh", type=_ENERGY, unit="kWh",
          description="Net energy as sent; else forward plus reverse; else without direction."),
    Field(name="source_seconds", type="DECIMAL(18,6)", unit="s", ge=0,
          description="Length of the intervals that the hour is made of: the finest that is "
                      "complete."),
    Field(name="provision", type="VARCHAR", isin=_values(EnerginetQuality),
          description="State in Energinet's four words."),
    Field(name="is_hour_complete", type="BOOLEAN",
          description="Whether values cover the whole hour."),
    Field(name="hour_demand", type=_VALUE,
          description="Demand of the hour in its native unit. A peak is the highest of the "
                      "intervals that touch the hour, an average is weighted by the seconds with "
                      "a value, half-even at 12 places."),
    # coverage
    Field(name="fine_seconds", type="DECIMAL(18,6)", unit="s", ge=0,
          description="Length of the finer intervals of the same resource and direction."),
    Field(name="fine_kwh", type=_ENERGY, unit="kWh",
          description="Their energy within the longer interval."),
    Field(name="fine_covered_seconds", type="DECIMAL(38,6)", unit="s", ge=0,
          description="Seconds of the longer interval for which they have values."),
    Field(name="is_fine_complete", type="BOOLEAN",
          description="Whether they cover it wholly; then they are preferred."),
    Field(name="difference_kwh", type=_ENERGY, unit="kWh",
          description="Energy of the finer intervals less that of the longer one."),
    Field(name="difference_percent", type="DECIMAL(18,6)", unit="%",
          description="The difference in percent of the longer interval's energy."),
    # emissions
    Field(name="is_counted", type="BOOLEAN",
          description="Whether the share counts in sums: one set of attributions, and no kind that "
                      "another counted kind contains."),
    Field(name="hour_g", type=_VALUE, unit="gCO2e", description="Greenhouse gases of the hour."),
    Field(name="emission_source", type="VARCHAR", isin=_values(CdsEmissionSource),
          description="Where the greenhouse gases come from; empty when they are not known."),
    Field(name="factor_grams", type="DECIMAL(18,9)", unit="gCO2e/kWh",
          description="Emission factor of the mapped site and year."),
    Field(name="obstacle", type="VARCHAR",
          description="Why there is no figure; empty where there is one."),
    # what does not feed the readings
    Field(name="obstacle_line", type="VARCHAR",
          description="What to add or change, as a line of cds_meters.csv where that mends it."),
    Field(name="row_count", type="BIGINT", ge=0, description="Intervals concerned."),
    Field(name="rows_kwh", type=_ENERGY, unit="kWh", description="Their energy."),
)
# fmt: on
