{{ config(tags=['readings'], meta={'dagster': {'ref': {'name': 'fct_usage_hourly'}}}) }}

-- Meters' months whose hours do not sum to what was received in hours that have ended.
with hours as (
    select site_id, meter_id, usage_month, sum(hour_usage_kwh) as usage_kwh
    from {{ ref('fct_usage_hourly') }} as hours
    where {{ rows_in_scope('hours', 'touched_days') }}
    group by site_id, meter_id, usage_month
),

intervals as (
    select
        readings.site_id,
        readings.meter_id,
        readings.usage_month,
        sum(readings.usage_kwh) as usage_kwh
    from {{ ref('fct_interval_readings') }} as readings
    cross join {{ ref('stg_build__parameters') }} as parameters
    where
        {{ rows_in_scope('readings', 'touched_days') }}
        and {{ hour_start_utc('readings.interval_start_utc', 'readings.interval_start_local') }}
        + interval 1 hour <= parameters.as_of_utc
    group by readings.site_id, readings.meter_id, readings.usage_month
)

select
    site_id,
    meter_id,
    usage_month,
    hours.usage_kwh as hours_kwh,
    intervals.usage_kwh as intervals_kwh
from hours
full outer join intervals using (site_id, meter_id, usage_month)
where hours.usage_kwh is distinct from intervals.usage_kwh
