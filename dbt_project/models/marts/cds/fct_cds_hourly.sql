{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

with intervals as not materialized (
    select
        series_id,
        interval_start_utc,
        cds_interval_end_utc,
        value_status = 'value' as has_value,
        cds_value as hour_quantity,
        energy_kwh as hour_kwh,
        {{ cds_quality_rank('reading_quality') }} as quality_rank,
        provision <> 'incomplete' as is_whole
    from {{ ref('fct_usage_intervals') }} as held
    where
        {{ reaches_touched_cds_days('held') }}
        and (cds_value_type like '%\_usage' escape '\' or cds_value_type = 'eacs_applied')
        and cds_interval_seconds <= 3600
),

pieces as (
    {{ pieces_of_hours('intervals', {'hour_quantity': 12, 'hour_kwh': 15}) }}
),

hours as (
    select
        series_id,
        cds_hour_start_utc,
        sum(hour_quantity) as hour_quantity,
        sum(hour_kwh) as hour_kwh,
        coalesce(sum(overlap_us) filter (where has_value), 0) as covered_us,
        coalesce(sum(overlap_us) filter (where not has_value), 0) as missing_us,
        max(quality_rank) filter (where has_value) as worst_rank,
        bool_or(is_split and has_value) as is_prorated,
        coalesce(bool_and(is_whole) filter (where has_value), true) as is_whole
    from pieces
    group by series_id, cds_hour_start_utc
),

judged as (
    select
        hours.* exclude (is_whole),
        series.* exclude (series_id),
        cast(cds_hour_start_utc as date) as utc_date,
        {{ cds_quality_of('worst_rank') }} as worst_quality,
        -- overlapping intervals of one series cover some seconds twice
        covered_us >= 3600000000 as is_hour_complete,
        covered_us >= 3600000000 and is_whole as is_whole
    from hours
    inner join {{ ref('dim_cds_series') }} as series using (series_id)
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    series_id,
    cds_value_type,
    series_kind,
    flow_direction,
    native_unit,
    cds_hour_start_utc,
    utc_date,
    {{ microseconds_as_seconds('covered_us') }} as covered_seconds,
    {{ microseconds_as_seconds('missing_us') }} as missing_seconds,
    worst_quality,
    is_prorated,
    is_hour_complete,
    {{ energinet_state('covered_us > 0', 'is_whole', 'worst_quality') }} as provision,
    hour_quantity,
    hour_kwh
from judged
where {{ in_touched_cds_days('judged') }}
order by cds_hour_start_utc, series_id
