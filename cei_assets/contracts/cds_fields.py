"""Columns of CDS customer data, named once: type, unit, meaning and limits.

Positions count from 0, as in the file. Values are DECIMAL(38,12) with their text beside them, since
a file may hold more digits; energy in kWh has 15 places, so that Wh with 12 are exact in it.
Positive is toward the customer in every direction. Nothing is filled in or interpolated.
"""

from enum import StrEnum

from cei_assets.contracts.cds_vocabulary import (
    CdsAttribution,
    CdsCode,
    CdsDemandType,
    CdsDialect,
    CdsKnowledge,
    CdsRelation,
    CdsSeason,
    CdsSeriesKind,
    CdsSupplyType,
    CdsTier,
    CdsTimeOfUse,
    CdsValueStatus,
    CdsValueType,
)
from cei_assets.contracts.model import Field

DIGEST = r"^[0-9a-f]{64}$"
VALUE = "DECIMAL(38,12)"
FINE_VALUE = "DECIMAL(38,15)"
SECONDS = "DECIMAL(18,6)"


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


_KNOWLEDGE = _values(CdsKnowledge)

# A dictionary to look things up in: two lines a column keep it on a third of the pages.
# fmt: off
CDS_FIELDS: tuple[Field, ...] = (
    # segments
    Field(name="cds_server", type="VARCHAR",
          description="Name of the server that the body came from; ids count within it."),
    Field(name="json_pointer", type="VARCHAR",
          description="RFC 6901 pointer to the place in the file; empty for the whole file."),
    Field(name="segment_version_id", type="VARCHAR", pattern=DIGEST,
          description="Digest of server, segment id, start, cds_modified and content: one version "
                      "of one segment, whichever file shows it."),
    Field(name="cds_usagesegment_id", type="VARCHAR", description="The server's segment id."),
    Field(name="content_sha256", type="VARCHAR", pattern=DIGEST,
          description="Digest of the segment's body without cds_synced, members sorted, digits as "
                      "written."),
    Field(name="cds_dialect", type="VARCHAR", isin=_values(CdsDialect),
          description="Wire form of the file, decided by its formats."),
    Field(name="cds_created_utc", type="TIMESTAMP", description="When the server made the object."),
    Field(name="cds_modified_utc", type="TIMESTAMP",
          description="When the object's content last changed at the server."),
    Field(name="cds_synced_utc", type="TIMESTAMP",
          description="When the server last checked its source; moves while nothing else does."),
    Field(name="segment_start_utc", type="TIMESTAMP", description="Start of the first value set."),
    Field(name="segment_end_utc", type="TIMESTAMP", description="End that the segment states."),
    Field(name="cds_interval_seconds", type=SECONDS, unit="s", ge=0,
          description="Length of each interval, exactly; of point-in-time values their spacing."),
    Field(name="set_count", type="BIGINT", ge=0, description="Value sets of the segment."),
    Field(name="format_count", type="BIGINT", ge=0, description="Value formats of the segment."),
    Field(name="slot_count", type="BIGINT", ge=0,
          description="Slots of known formats: sets times formats."),
    Field(name="value_count", type="BIGINT", ge=0, description="Slots that hold a value."),
    Field(name="missing_count", type="BIGINT", ge=0, description="Slots without a value."),
    Field(name="invalid_count", type="BIGINT", ge=0, description="Slots whose value was refused."),
    Field(name="unknown_type_count", type="BIGINT", ge=0,
          description="Formats of types that are not known, whose values are ignored."),
    Field(name="is_period_marker", type="BOOLEAN",
          description="Whether the segment only says that there is a period, without values."),
    Field(name="is_aggregated", type="BOOLEAN",
          description="Whether the values are those of several customers together."),
    Field(name="has_length_mismatch", type="BOOLEAN",
          description="Whether a value set has more or fewer slots than there are formats."),
    Field(name="has_span_mismatch", type="BOOLEAN",
          description="Whether sets times interval differ from end less start."),
    Field(name="has_repeated_names", type="BOOLEAN",
          description="Whether a name repeats within an object of the segment; the last held."),
    # formats
    Field(name="set_position", type="BIGINT", ge=0, description="Position of the value set."),
    Field(name="format_position", type="BIGINT", ge=0,
          description="Position of the format, which tells repeated formats apart."),
    Field(name="format_id", type="VARCHAR",
          description="The format's id (C) or name (A, B); # and its position where it has none."),
    Field(name="cds_value_type", type="VARCHAR", isin=_values(CdsValueType),
          description="What the values measure."),
    Field(name="native_unit", type="VARCHAR", description="Unit as the file states it."),
    Field(name="series_kind", type="VARCHAR", isin=_values(CdsSeriesKind),
          description="What the series is; measured unless the body says otherwise. Forecasts and "
                      "telemetry never count as measured."),
    Field(name="quality_text", type="VARCHAR",
          description="Quality as written, where it is a word of another list than ours."),
    Field(name="demand_type", type="VARCHAR", isin=_values(CdsDemandType),
          description="Which demand of the interval it is; empty where the file does not say."),
    Field(name="tou", type="VARCHAR", isin=_values(CdsTimeOfUse),
          description="Time-of-use period."),
    Field(name="tou_known", type="VARCHAR", isin=_KNOWLEDGE,
          description="Whether the time-of-use period is known, none, or unknown."),
    Field(name="tier", type="VARCHAR", isin=_values(CdsTier), description="Tier of the tariff."),
    Field(name="tier_known", type="VARCHAR", isin=_KNOWLEDGE,
          description="Whether the tier is known, none, or unknown."),
    Field(name="season", type="VARCHAR", isin=_values(CdsSeason),
          description="Season of the tariff."),
    Field(name="season_known", type="VARCHAR", isin=_KNOWLEDGE,
          description="Whether the season is known, none, or unknown."),
    Field(name="meter_register", type="VARCHAR", description="Register that was read."),
    Field(name="register_known", type="VARCHAR", isin=_KNOWLEDGE,
          description="Whether the register is known, none, or unknown."),
    Field(name="resource_kind", type="VARCHAR", isin=_values(CdsRelation),
          description="Narrowest kind of thing that the values are of."),
    Field(name="resource_id", type="VARCHAR",
          description="Its id; empty where several or none are named."),
    # values
    Field(name="cds_interval_end_utc", type="TIMESTAMP",
          description="End (excluded) of the interval: its start and the exact interval."),
    Field(name="is_point_in_time", type="BOOLEAN",
          description="Whether the value holds at an instant; such values are never summed."),
    Field(name="instant_utc", type="TIMESTAMP",
          description="Instant of a point-in-time value: the interval's start, of ending demand "
                      "its end."),
    Field(name="value_status", type="VARCHAR", isin=_values(CdsValueStatus),
          description="Whether the slot holds a value, none, or one that was refused."),
    Field(name="cds_value", type=VALUE, description="Value in its native unit."),
    Field(name="cds_value_text", type="VARCHAR",
          description="Value as written, all digits; of what is no number 80 characters."),
    Field(name="is_value_exact", type="BOOLEAN",
          description="Whether the decimal is the number as written: it has at most 12 places."),
    Field(name="energy_wh", type=VALUE, unit="Wh", description="Electric energy, exactly."),
    Field(name="energy_kwh", type=FINE_VALUE, unit="kWh", description="Electric energy, exactly."),
    Field(name="normal_value", type=FINE_VALUE,
          description="Value in the normal unit of its type; gas volumes never become energy."),
    Field(name="normal_unit", type="VARCHAR",
          description="Unit of the normal value: kWh, kW, m3, L, Sm3 or scf."),
    Field(name="unit_table_version", type="VARCHAR",
          description="Version of the conversion factors."),
    # relations
    Field(name="relation_kind", type="VARCHAR", isin=_values(CdsRelation),
          description="What the segment, format or value is related to."),
    Field(name="related_id", type="VARCHAR", description="Id of what it is related to."),
    # supply mix and cost
    Field(name="mix_part", type="BIGINT", ge=0,
          description="Position within a slot that lists shares (dialects A and B); else 0."),
    Field(name="described_position", type="BIGINT", ge=0,
          description="Format position of the values that the row is about; empty: not said."),
    Field(name="described_count", type="BIGINT", ge=0,
          description="How many formats the one value is about; with several its rows repeat it."),
    Field(name="supply_attribution", type="VARCHAR", isin=_values(CdsAttribution),
          description="Mix that the share belongs to."),
    Field(name="supply_type", type="VARCHAR", isin=_values(CdsSupplyType),
          description="Kind of supply."),
    Field(name="supply_type_text", type="VARCHAR", description="Kind of supply as written."),
    Field(name="share", type=VALUE, description="Share of the energy, 0 to 1."),
    Field(name="share_text", type="VARCHAR", description="Share as written."),
    Field(name="carbon_intensity", type=VALUE, unit="gCO2e/kWh",
          description="Greenhouse gases of a kWh of this supply."),
    Field(name="described_kwh", type=FINE_VALUE, unit="kWh",
          description="Electric energy of the described interval."),
    Field(name="share_kwh", type=VALUE, unit="kWh",
          description="Its part of this supply: energy times share, half-even at 12 places."),
    Field(name="emissions_g", type=VALUE, unit="gCO2e",
          description="Energy times share times carbon intensity, half-even at 12 places."),
    Field(name="stated_kwh", type=VALUE, unit="kWh",
          description="Energy of this supply as the body states it, beside or instead of a share."),
    Field(name="stated_tco2e", type=VALUE, unit="tCO2e",
          description="Greenhouse gases of this supply as the body states them."),
    Field(name="cds_cost", type=VALUE, unit="currency", description="Cost as the file states it."),
    Field(name="cds_cost_text", type="VARCHAR", description="Cost as written."),
    # rejects
    Field(name="reject_number", type="BIGINT", ge=1,
          description="Counts what was refused of a file, from 1."),
    Field(name="cds_code", type="VARCHAR", isin=_values(CdsCode),
          description="Why it was refused."),
    # hours
    Field(name="cds_hour_start_utc", type="TIMESTAMP", description="Start of the hour of UTC."),
    Field(name="hour_quantity", type=VALUE,
          description="Sum of the values of the hour, in their native unit."),
    Field(name="covered_seconds", type=SECONDS, unit="s", ge=0,
          description="Seconds of the hour for which there is a value."),
    Field(name="missing_seconds", type=SECONDS, unit="s", ge=0,
          description="Seconds of the hour for which a slot holds no value."),
    Field(name="worst_quality", type="VARCHAR",
          description="Worst quality of the values of the hour."),
    Field(name="is_prorated", type="BOOLEAN",
          description="Whether a value of the hour was split by seconds of overlap."),
    Field(name="is_hour_covered", type="BOOLEAN",
          description="Whether values cover the whole hour."),
)
# fmt: on
