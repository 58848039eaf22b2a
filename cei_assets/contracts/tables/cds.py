"""Tables of CDS customer data that Python writes: what a file holds, row by row, nothing resolved.

A version may be seen in many files; which version holds, which of overlapping segments counts, and
what was withdrawn is decided from all of them (`segment_version_id`, `cds_modified_utc`,
`observed_at_utc`).
"""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table


def cds_table(
    name: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    """A raw table; names and grain separated by blanks, `?` marks nullable columns."""
    return Table(
        name=name,
        layer="raw",
        subject="cds",
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
        references=references,
    )


_SEEN = "receipt_id received_date"
_SLOT = "segment_version_id set_position format_position"
_OF_SEGMENT = (Reference(columns=("receipt_id", "segment_version_id"), table="cds_segments"),)

CDS_SEGMENTS = cds_table(
    "cds_segments",
    "Versions of usage segments, each as one file shows it.",
    f"{_SEEN} observed_at_utc cds_server segment_version_id cds_usagesegment_id json_pointer "
    "cds_dialect cds_created_utc? cds_modified_utc cds_synced_utc? segment_start_utc "
    "segment_end_utc cds_interval_seconds set_count format_count slot_count value_count "
    "missing_count invalid_count unknown_type_count is_period_marker is_aggregated "
    "has_length_mismatch has_span_mismatch has_repeated_names content_sha256",
    "receipt_id segment_version_id",
)
CDS_INTERVALS = cds_table(
    "cds_intervals",
    "Slots of usage segments: one row per version, value set and format that holds numbers.",
    f"{_SEEN} cds_server {_SLOT} format_id cds_value_type series_kind flow_direction? "
    "native_unit? currency? reading_quality quality_text? demand_type? tou? tou_known tier? "
    "tier_known season? season_known meter_register? register_known resource_kind? resource_id? "
    "is_aggregated cds_interval_seconds interval_start_utc cds_interval_end_utc is_point_in_time "
    "instant_utc? value_status cds_value? cds_value_text? is_value_exact energy_wh? energy_kwh? "
    "normal_value? normal_unit? unit_table_version",
    f"receipt_id {_SLOT}",
    _OF_SEGMENT,
)
CDS_RELATIONS = cds_table(
    "cds_relations",
    "What segments, formats (then with a format position) and values (then also with a set "
    "position) are related to.",
    f"{_SEEN} cds_server segment_version_id relation_kind related_id format_position? "
    "set_position?",
    "receipt_id segment_version_id relation_kind related_id format_position set_position",
    _OF_SEGMENT,
)
CDS_SUPPLY_MIX = cds_table(
    "cds_supply_mix",
    "Shares of supply, each beside the energy that it describes.",
    f"{_SEEN} cds_server {_SLOT} mix_part described_position? interval_start_utc "
    "cds_interval_end_utc supply_attribution? supply_type? supply_type_text? value_status share? "
    "share_text? carbon_intensity? described_kwh? share_kwh? emissions_g? "
    "stated_kwh? stated_tco2e?",
    f"receipt_id {_SLOT} mix_part described_position",
    _OF_SEGMENT,
)
CDS_COSTS = cds_table(
    "cds_costs",
    "Costs, each beside the format whose values it is for.",
    f"{_SEEN} cds_server {_SLOT} described_position? described_count interval_start_utc "
    "cds_interval_end_utc currency? value_status cds_cost? cds_cost_text?",
    f"receipt_id {_SLOT} described_position",
    _OF_SEGMENT,
)
CDS_REJECTS = cds_table(
    "cds_rejects",
    "What was refused of a file: the file, an object, or a value.",
    f"{_SEEN} cds_server reject_number json_pointer cds_code detail value_text?",
    "receipt_id reject_number",
)
CDS_TABLES: tuple[Table, ...] = (
    CDS_SEGMENTS,
    CDS_INTERVALS,
    CDS_RELATIONS,
    CDS_SUPPLY_MIX,
    CDS_COSTS,
    CDS_REJECTS,
)
