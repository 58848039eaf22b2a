{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with intervals as (
    select
        readings.site_id,
        readings.meter_id,
        {{ hour_start_utc('readings.interval_start_utc', 'readings.interval_start_local') }}
            as hour_start_utc,
        date_trunc('hour', readings.interval_start_local) as hour_start_local,
        readings.usage_kwh,
        readings.interval_start_utc >= expected.expected_start_utc
        and readings.interval_start_utc < expected.expected_end_utc as is_expected
    from {{ ref('fct_interval_readings') }} as readings
    left join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
    where {{ in_touched_days('readings') }}
),

summed as (
    select
        site_id,
        meter_id,
        hour_start_utc,
        hour_start_local,
        sum(usage_kwh) as hour_usage_kwh,
        count(*) filter (where is_expected) as received_intervals
    from intervals
    group by site_id, meter_id, hour_start_utc, hour_start_local
),

hours as (
    select
        summed.*,
        cast(summed.hour_start_local as date) as local_date,
        -- a meter whose first expected day is still to come expects nothing
        coalesce({{ interval_count(
            'greatest(summed.hour_start_utc, expected.expected_start_utc)',
            'least(summed.hour_start_utc + interval 1 hour, expected.expected_end_utc)',
            'expected.interval_seconds'
        ) }}, 0) as expected_intervals
    from summed
    cross join {{ ref('stg_build__parameters') }} as parameters
    left join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
    -- an hour that is still running would look complete
    where summed.hour_start_utc + interval 1 hour <= parameters.as_of_utc
)

select
    site_id,
    meter_id,
    hour_start_utc,
    hour_start_local,
    local_date,
    cast(hour(hour_start_local) as integer) as local_hour,
    {{ month_of('local_date') }} as usage_month,
    hour_usage_kwh,
    expected_intervals,
    received_intervals,
    case
        when expected_intervals = 0 then 0.0
        else cast(received_intervals as double) / expected_intervals
    end as coverage,
    expected_intervals > 0 and received_intervals = expected_intervals as is_complete
from hours
order by hour_start_utc, site_id, meter_id
