{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with summed as (
    select
        readings.site_id,
        readings.meter_id,
        date_trunc('hour', readings.interval_start_utc) as hour_start_utc,
        sum(readings.usage_kwh) as hour_usage_kwh,
        count(*) filter (
            where
            readings.interval_start_utc >= expected.expected_start_utc
            and readings.interval_start_utc < expected.expected_end_utc
        ) as received_intervals
    from {{ ref('fct_interval_readings') }} as readings
    left join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
    {% if is_incremental() %}
    -- in zones off the full hour the hour before midnight also holds intervals of the next day
    where {{ near_touched_days('readings.local_date', days_after=1) }}
    {% endif %}
    group by readings.site_id, readings.meter_id, date_trunc('hour', readings.interval_start_utc)
),

hours as (
    select
        summed.*,
        {{ local_time('summed.hour_start_utc', 'zone_days') }} as hour_start_local,
        -- a meter whose first expected day is still to come expects nothing
        coalesce({{ interval_count(
            'greatest(summed.hour_start_utc, expected.expected_start_utc)',
            'least(summed.hour_start_utc + interval 1 hour, expected.expected_end_utc)',
            'expected.interval_seconds'
        ) }}, 0) as expected_intervals
    from summed
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('int_zone_days') }} as zone_days
        on {{ zone_day_of('summed.hour_start_utc', 'sites.timezone', 'zone_days') }}
    cross join {{ ref('stg_build__parameters') }} as parameters
    left join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
    -- an hour that is still running would look complete
    where summed.hour_start_utc + interval 1 hour <= parameters.as_of_utc
),

local_hours as (
    select *, cast(hour_start_local as date) as local_date from hours
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
from local_hours
{% if is_incremental() %}
where {{ in_touched_days('local_hours') }}
{% endif %}
order by hour_start_utc, site_id, meter_id
