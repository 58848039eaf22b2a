{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- What core/cds/rollup.py does: the peak of an hour is the highest of the intervals that touch it,
-- the average is weighted by time. Starting and ending demand are instants and have no hour.
with intervals as not materialized (
    select
        held.series_id,
        series.demand_type = 'average' as is_average,
        held.interval_start_utc,
        held.cds_interval_end_utc,
        held.value_status = 'value' as has_value,
        held.cds_value,
        {{ cds_quality_rank('held.reading_quality') }} as quality_rank
    from {{ ref('fct_usage_intervals') }} as held
    inner join {{ ref('dim_cds_series') }} as series using (series_id)
    where
        {{ reaches_touched_cds_days('held') }}
        and held.cds_value_type = 'electric_demand'
        and held.cds_interval_seconds <= 3600
        and series.demand_type in ('peak', 'average')
),

pieces as (
    {{ pieces_of_hours('intervals') }}
),

weighed as (
    select
        *,
        sum(overlap_us) filter (where has_value) over (
            partition by series_id, cds_hour_start_utc
        ) as weights_us
    from pieces
),

hours as (
    select
        series_id,
        cds_hour_start_utc,
        case
            when is_average
                then {{ weighted_mean_of_decimal('cds_value', 'overlap_us', 'weights_us', 12) }}
            else max(cds_value)
        end as hour_demand,
        coalesce(sum(overlap_us) filter (where has_value), 0) as covered_us,
        coalesce(sum(overlap_us) filter (where not has_value), 0) as missing_us,
        max(quality_rank) filter (where has_value) as worst_rank
    from weighed
    group by series_id, is_average, cds_hour_start_utc
),

judged as (
    select
        hours.*,
        series.* exclude (series_id),
        cast(cds_hour_start_utc as date) as utc_date
    from hours
    inner join {{ ref('dim_cds_series') }} as series using (series_id)
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    series_id,
    series_kind,
    flow_direction,
    demand_type,
    native_unit,
    cds_hour_start_utc,
    utc_date,
    {{ microseconds_as_seconds('covered_us') }} as covered_seconds,
    {{ microseconds_as_seconds('missing_us') }} as missing_seconds,
    {{ cds_quality_of('worst_rank') }} as worst_quality,
    -- overlapping intervals of one series cover some seconds twice
    covered_us >= 3600000000 as is_hour_complete,
    hour_demand
from judged
where {{ in_touched_cds_days('judged') }}
order by cds_hour_start_utc, series_id
