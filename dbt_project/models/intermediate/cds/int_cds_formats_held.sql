-- Only the series of which spans overlap need their intervals compared.
with formats as (
    select
        formats.* exclude (received_date, slot_count, value_count),
        {{ cds_quality_rank('formats.reading_quality') }} as quality_rank,
        versions.cds_usagesegment_id,
        versions.recency_rank
    from {{ ref('int_cds_formats') }} as formats
    inner join {{ ref('int_cds_versions') }} as versions
        on formats.segment_version_id = versions.segment_version_id
        and formats.receipt_id = versions.stored_receipt_id
    where versions.version_status = 'current'
),

overlapping as (
    select
        *,
        first_start_utc < max(last_end_utc) over (
            partition by series_id
            order by first_start_utc, segment_version_id, format_position
            rows between unbounded preceding and 1 preceding
        ) as overlaps_earlier
    from formats
),

contested as (
    select distinct series_id from overlapping where overlaps_earlier
)

select
    formats.receipt_id,
    formats.cds_server,
    formats.segment_version_id,
    formats.cds_usagesegment_id,
    formats.format_position,
    formats.format_id,
    formats.cds_resource,
    formats.resource_kind,
    formats.resource_id,
    formats.cds_value_type,
    formats.series_kind,
    formats.flow_direction,
    formats.native_unit,
    formats.currency,
    formats.demand_type,
    formats.tou,
    formats.tou_known,
    formats.tier,
    formats.tier_known,
    formats.season,
    formats.season_known,
    formats.meter_register,
    formats.register_known,
    formats.is_aggregated,
    formats.cds_interval_seconds,
    formats.is_point_in_time,
    formats.normal_unit,
    formats.reading_quality,
    formats.quality_text,
    formats.series_variant,
    formats.series_id,
    formats.first_start_utc,
    formats.last_end_utc,
    formats.quality_rank,
    formats.recency_rank,
    contested.series_id is not null as is_contested
from formats
left join contested using (series_id)
