"""Tables that dbt builds from CDS usage segments: versions, intervals, hours, emissions."""

from functools import partial

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table
from cei_assets.contracts.tables.cds import (
    CDS_COSTS,
    CDS_RELATIONS,
    CDS_SEGMENTS,
    CDS_SUPPLY_MIX,
)
from cei_assets.contracts.tables.cds_hand_over import CDS_READINGS


def _table(
    layer: str,
    name: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    return Table(
        name=name,
        layer=layer,
        subject="cds",
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
        references=references,
    )


_intermediate = partial(_table, "intermediate")
_mart = partial(_table, "marts")


def _declared(table: Table) -> str:
    """The columns of another table as they are declared there."""
    return " ".join(f"{one.name}{'?' * one.nullable}" for one in table.columns)


_KEY = "cds_server cds_usagesegment_id segment_start_utc"
_RESOURCE = "cds_server cds_resource"
_NAMED_RESOURCE = f"{_RESOURCE} resource_kind? resource_id?"
_DESIGNATIONS = (
    "cds_value_type series_kind flow_direction? native_unit? currency? demand_type? tou? "
    "tou_known tier? tier_known season? season_known meter_register? register_known "
    "is_aggregated cds_interval_seconds is_point_in_time normal_unit?"
)
_SLOT = "segment_version_id format_position set_position"
_COUNTS = (
    "set_count format_count slot_count value_count missing_count invalid_count unknown_type_count "
    "is_period_marker is_aggregated has_length_mismatch has_span_mismatch has_repeated_names"
)
_VERSION = (
    f"{_KEY} segment_version_id segment_end_utc cds_interval_seconds cds_created_utc? "
    "cds_modified_utc first_seen_utc last_seen_utc first_synced_utc? last_synced_utc? "
    f"first_receipt_id received_date json_pointer cds_dialect sighting_count stored_receipt_id? "
    f"version_status superseded_by? withdrawn_at_utc? has_same_modified is_id_reused {_COUNTS}"
)
_VALUE = (
    "interval_start_utc cds_interval_end_utc instant_utc? value_status cds_value? "
    "cds_value_text? is_value_exact energy_wh? energy_kwh? normal_value?"
)
_HOLDING = (
    f"{_NAMED_RESOURCE} series_id cds_value_type series_kind flow_direction? native_unit? tou? "
    f"tier? series_variant? cds_interval_seconds is_point_in_time utc_date {_VALUE} "
    f"reading_quality provision {_SLOT}"
)
_UNREAD = (
    f"{_NAMED_RESOURCE} cds_interval_seconds obstacle obstacle_line? row_count rows_kwh? "
    "first_start_utc last_end_utc"
)

CDS_USAGE_INTERMEDIATES: tuple[Table, ...] = (
    _intermediate(
        "int_cds_segments",
        "Every sighting of a version of a usage segment.",
        f"{_declared(CDS_SEGMENTS)} holds_rows",
        "receipt_id segment_version_id",
    ),
    _intermediate(
        "int_cds_formats",
        "Formats of the versions, as stored: what their values mean and which series they are of.",
        f"receipt_id received_date cds_server segment_version_id format_position format_id "
        f"cds_resource resource_kind? resource_id? {_DESIGNATIONS} reading_quality quality_text? "
        "series_variant? series_id first_start_utc last_end_utc slot_count value_count",
        "receipt_id segment_version_id format_position",
    ),
    _intermediate(
        "int_cds_intervals_stored",
        "Slots of the versions, as stored; of the text only what the number does not tell.",
        f"receipt_id received_date {_SLOT} utc_date {_VALUE}",
        f"receipt_id {_SLOT}",
    ),
    _intermediate(
        "int_cds_mix_stored",
        "Shares of supply of the versions, as stored.",
        f"{_declared(CDS_SUPPLY_MIX)} utc_date",
        f"receipt_id {_SLOT} mix_part described_position",
    ),
    _intermediate(
        "int_cds_costs_stored",
        "Costs of the versions, as stored.",
        _declared(CDS_COSTS),
        f"receipt_id {_SLOT} described_position",
    ),
    _intermediate(
        "int_cds_relations_stored",
        "What the versions are related to, as stored.",
        _declared(CDS_RELATIONS),
        "receipt_id segment_version_id relation_kind related_id format_position set_position",
    ),
    _intermediate(
        "int_cds_versions",
        "Versions of usage segments: when they were seen, which of them holds, what is withdrawn.",
        f"{_VERSION} recency_rank",
        "segment_version_id",
    ),
    _intermediate(
        "int_cds_formats_held",
        "Formats of the versions that hold, with their place where several give one interval.",
        f"receipt_id cds_server segment_version_id cds_usagesegment_id format_position format_id "
        f"cds_resource resource_kind? resource_id? {_DESIGNATIONS} reading_quality quality_text? "
        "series_variant? series_id first_start_utc last_end_utc quality_rank recency_rank "
        "is_contested",
        "segment_version_id format_position",
    ),
    _intermediate(
        "int_cds_days_touched",
        "Days of UTC of the resources whose facts the pending receipts can change.",
        f"{_RESOURCE} utc_date",
        f"{_RESOURCE} utc_date",
    ),
    _intermediate(
        "int_cds_zone_days",
        "Offset of every zone from UTC, day by day, for the days that there are segments of.",
        "timezone calendar_date offset_before_seconds offset_changes_at_utc "
        "offset_after_seconds day_start_utc day_end_utc",
        "timezone calendar_date",
    ),
    _intermediate(
        "int_cds_resource_meters",
        "Meters of the register that resources lead to; of one that leads to several, all of them.",
        f"{_RESOURCE} mapping_status mapped_through site_id meter_id mapped_direction "
        "mapped_from? mapped_to? interval_seconds organization_id timezone",
        f"{_RESOURCE} mapped_direction site_id meter_id mapped_from",
    ),
    _intermediate(
        "int_cds_resources",
        "Resources of electric usage with the zone of their local days.",
        f"{_NAMED_RESOURCE} mapping_status timezone timezone_source mapping_digest",
        _RESOURCE,
    ),
    _intermediate(
        "int_cds_mapping_loaded",
        "The mapping that the warehouse's facts were made with.",
        f"{_RESOURCE} mapping_digest",
        _RESOURCE,
    ),
    _intermediate(
        "int_cds_energy",
        "Electric energy of the resources by direction and length: one value an interval.",
        f"{_NAMED_RESOURCE} flow_direction? cds_interval_seconds interval_start_utc "
        "cds_interval_end_utc utc_date value_status energy_kwh? reading_quality series_kind "
        f"is_partition_sum is_ambiguous {_SLOT} mix_kwh? mix_g? is_mix_stated?",
        f"{_RESOURCE} flow_direction cds_interval_seconds interval_start_utc",
    ),
    _intermediate(
        "int_cds_reading_candidates",
        "Intervals of mapped resources as readings of their meter; obstacle: why one is none.",
        f"{_RESOURCE} utc_date site_id meter_id mapped_direction interval_start_utc "
        "cds_interval_end_utc cds_interval_seconds interval_seconds local_date usage_month "
        "energy_kwh? reading_quality flow_direction receipt_id line_number received_at_utc "
        "received_date organization_id mapping_status obstacle?",
        f"{_RESOURCE} site_id meter_id mapped_direction cds_interval_seconds interval_start_utc",
    ),
    _intermediate(
        "int_cds_unread",
        "Electric usage that no meter of the register can take, whatever other things give.",
        _UNREAD,
        f"{_RESOURCE} cds_interval_seconds obstacle",
    ),
    _intermediate(
        "int_cds_readings",
        "Readings of mapped meters that hold.",
        _declared(CDS_READINGS),
        "site_id meter_id interval_start_utc",
    ),
)

_OF_VERSION = (Reference(columns=("segment_version_id",), table="fct_usage_segments"),)
_OF_SERIES = (*_OF_VERSION, Reference(columns=("series_id",), table="dim_cds_series"))
_COVERED_HOUR = "cds_hour_start_utc utc_date covered_seconds missing_seconds worst_quality?"
_HOUR = f"{_COVERED_HOUR} is_prorated is_hour_complete provision"

CDS_USAGE_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_usage_segments",
        "Every version of every usage segment: what holds, what was superseded or withdrawn.",
        _VERSION,
        "segment_version_id",
    ),
    _mart(
        "fct_usage_relations",
        "What every version of a segment is related to: accounts, contracts, points, meters.",
        "cds_server segment_version_id cds_usagesegment_id version_status relation_kind related_id "
        "format_position? set_position?",
        "segment_version_id relation_kind related_id format_position set_position",
        _OF_VERSION,
    ),
    _mart(
        "dim_cds_series",
        "What makes a series, and the span for which a segment gives it.",
        f"series_id {_NAMED_RESOURCE} {_DESIGNATIONS} series_variant? first_start_utc last_end_utc",
        "series_id",
    ),
    _mart(
        "fct_usage_intervals",
        "Intervals of usage segments that hold, one for every series and start.",
        _HOLDING,
        "series_id interval_start_utc",
        _OF_SERIES,
    ),
    _mart(
        "fct_cds_aggregated_intervals",
        "The same of several customers together, which are never added to those of one.",
        _HOLDING,
        "series_id interval_start_utc",
        _OF_SERIES,
    ),
    _mart(
        "fct_cds_hourly",
        "Amounts of every series by hour of UTC; longer intervals keep their length.",
        f"{_NAMED_RESOURCE} series_id cds_value_type series_kind flow_direction? native_unit? "
        f"{_HOUR} hour_quantity? hour_kwh?",
        "series_id cds_hour_start_utc",
    ),
    _mart(
        "fct_cds_demand_hourly",
        "Peak and average demand by series and hour of UTC; longer intervals keep their length.",
        f"{_NAMED_RESOURCE} series_id series_kind flow_direction? demand_type native_unit? "
        f"{_COVERED_HOUR} is_hour_complete hour_demand?",
        "series_id cds_hour_start_utc",
    ),
    _mart(
        "fct_cds_energy_hourly",
        "Import, export and net energy of every resource by hour of UTC.",
        f"{_NAMED_RESOURCE} {_HOUR} hour_start_local local_date timezone timezone_source "
        "source_seconds import_kwh? export_kwh? net_kwh? is_partition_sum is_ambiguous mix_kwh? "
        "mix_g? is_mix_stated?",
        f"{_RESOURCE} cds_hour_start_utc",
    ),
    _mart(
        "fct_cds_coverage",
        "Intervals of more than an hour beside the finer ones of the same resource and direction, "
        "to which they are never added.",
        f"{_NAMED_RESOURCE} flow_direction? cds_interval_seconds interval_start_utc "
        "cds_interval_end_utc energy_kwh? reading_quality fine_seconds? fine_kwh? "
        "fine_covered_seconds is_fine_complete difference_kwh? difference_percent?",
        f"{_RESOURCE} flow_direction cds_interval_seconds interval_start_utc",
    ),
    _mart(
        "fct_cds_supply_mix",
        "Supply of the intervals that hold by fuel: share, energy, gases, attribution.",
        f"{_RESOURCE} {_SLOT} mix_part described_position? interval_start_utc "
        "cds_interval_end_utc utc_date supply_attribution? supply_type? supply_type_text? share? "
        "carbon_intensity? described_kwh? share_kwh? emissions_g? stated_kwh? stated_tco2e? "
        "is_counted",
        f"{_SLOT} mix_part described_position",
        _OF_VERSION,
    ),
    _mart(
        "fct_cds_costs",
        "Costs that hold, each with the series of its version that it is for. One cost for several "
        "series is one value whose rows repeat it: count it once a version, format and set.",
        f"{_RESOURCE} {_SLOT} described_position? described_series_id? interval_start_utc "
        "cds_interval_end_utc utc_date currency? cds_cost? described_count value_status",
        f"{_SLOT} described_position",
        _OF_VERSION,
    ),
    _mart(
        "fct_cds_emissions_hourly",
        "Greenhouse gases of every resource by hour of UTC and where the figure comes from.",
        f"{_NAMED_RESOURCE} cds_hour_start_utc utc_date hour_start_local local_date site_id? "
        "flow_direction? hour_kwh? mix_kwh? mix_g? factor_grams? hour_g? emission_source? "
        "obstacle? is_hour_complete",
        f"{_RESOURCE} cds_hour_start_utc",
    ),
    _mart(
        "rpt_cds_unmapped",
        "Electric usage that does not feed the readings, why, and what to add.",
        _UNREAD,
        f"{_RESOURCE} cds_interval_seconds obstacle",
    ),
)
