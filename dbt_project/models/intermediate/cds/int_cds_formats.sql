{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

-- All that follows from a version alone is settled here, once: whose values they are, and which
-- series. Formats that are equal in all that tells them apart, quality included, are variants.
with formats as (
    select
        receipt_id,
        segment_version_id,
        format_position,
        any_value(received_date) as received_date,
        any_value(cds_server) as cds_server,
        any_value(format_id) as format_id,
        any_value(cds_value_type) as cds_value_type,
        any_value(series_kind) as series_kind,
        any_value(flow_direction) as flow_direction,
        any_value(native_unit) as native_unit,
        any_value(currency) as currency,
        any_value(reading_quality) as reading_quality,
        any_value(quality_text) as quality_text,
        any_value(demand_type) as demand_type,
        any_value(tou) as tou,
        any_value(tou_known) as tou_known,
        any_value(tier) as tier,
        any_value(tier_known) as tier_known,
        any_value(season) as season,
        any_value(season_known) as season_known,
        any_value(meter_register) as meter_register,
        any_value(register_known) as register_known,
        any_value(resource_kind) as resource_kind,
        any_value(resource_id) as resource_id,
        any_value(is_aggregated) as is_aggregated,
        any_value(cds_interval_seconds) as cds_interval_seconds,
        any_value(is_point_in_time) as is_point_in_time,
        any_value(normal_unit) as normal_unit,
        min(interval_start_utc) as first_start_utc,
        max(cds_interval_end_utc) as last_end_utc,
        count(*) as slot_count,
        count(*) filter (where value_status = 'value') as value_count
    from {{ ref('stg_cds__cds_intervals') }} as received
    where {{ of_cds_pending_receipts('received') }}
    group by receipt_id, segment_version_id, format_position
),

attributed as (
    select
        formats.*,
        case
            when formats.resource_id is not null
                then formats.resource_kind || '/' || formats.resource_id
            else 'segment/' || segments.cds_usagesegment_id
        end as cds_resource
    from formats
    inner join {{ ref('stg_cds__cds_segments') }} as segments
        using (receipt_id, segment_version_id)
),

alike as (
    select
        *,
        cast(to_json(struct_pack(
            server := cds_server,
            resource := cds_resource,
            is_aggregated := is_aggregated,
            value_type := cds_value_type,
            kind := series_kind,
            direction := flow_direction,
            unit := native_unit,
            currency := currency,
            demand := demand_type,
            tou := tou,
            tou_known := tou_known,
            tier := tier,
            tier_known := tier_known,
            season := season,
            season_known := season_known,
            register := meter_register,
            register_known := register_known,
            seconds := cast(cds_interval_seconds as varchar)
        )) as varchar) as likeness
    from attributed
),

repeated as (
    select
        *,
        count(*) over (
            partition by receipt_id, segment_version_id, likeness, reading_quality
        ) as alike_count,
        row_number() over (
            partition by receipt_id, segment_version_id, likeness, reading_quality, format_id
            order by format_position
        ) as turn
    from alike
),

varied as (
    select
        * exclude (alike_count, turn),
        case
            when max(alike_count) over (
                partition by receipt_id, segment_version_id, likeness
            ) > 1
                then format_id || case when turn > 1 then '#' || turn else '' end
        end as series_variant
    from repeated
)

select
    receipt_id,
    received_date,
    cds_server,
    segment_version_id,
    format_position,
    format_id,
    cds_resource,
    resource_kind,
    resource_id,
    cds_value_type,
    series_kind,
    flow_direction,
    native_unit,
    currency,
    demand_type,
    tou,
    tou_known,
    tier,
    tier_known,
    season,
    season_known,
    meter_register,
    register_known,
    is_aggregated,
    cds_interval_seconds,
    is_point_in_time,
    normal_unit,
    reading_quality,
    quality_text,
    series_variant,
    md5(likeness || coalesce(chr(10) || series_variant, '')) as series_id,
    first_start_utc,
    last_end_utc,
    slot_count,
    value_count
from varied
