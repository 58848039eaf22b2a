{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with summed as (
    select
        days.site_id,
        days.meter_id,
        days.local_date,
        days.usage_month,
        days.expected_intervals,
        sum(readings.usage_kwh) as day_usage_kwh,
        count(*) filter (
            where
            readings.interval_start_utc >= days.expected_start_utc
            and readings.interval_start_utc < days.expected_end_utc
        ) as received_intervals
    from {{ ref('fct_interval_readings') }} as readings
    inner join {{ ref('int_days_touched') }} as days using (site_id, meter_id, local_date)
    where {{ on_touched_dates('readings.local_date') }}
    group by all
)

select
    site_id,
    meter_id,
    local_date,
    usage_month,
    day_usage_kwh,
    expected_intervals,
    received_intervals,
    case
        when expected_intervals = 0 then 0.0
        else cast(received_intervals as double) / expected_intervals
    end as coverage,
    expected_intervals > 0 and received_intervals = expected_intervals as is_complete
from summed
order by local_date, site_id, meter_id
