{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with expected_days as (
    select * from {{ ref('int_days_touched') }}
    where expected_intervals > 0
),

received as (
    select
        expected_days.site_id,
        expected_days.meter_id,
        expected_days.local_date,
        readings.interval_start_utc
    from {{ ref('fct_interval_readings') }} as readings
    inner join expected_days using (site_id, meter_id, local_date)
    where
        readings.interval_start_utc >= expected_days.expected_start_utc
        and readings.interval_start_utc < expected_days.expected_end_utc
        and {{ on_touched_dates('readings.local_date') }}
),

counted as (
    select site_id, meter_id, local_date, count(*) as received_intervals
    from received
    group by site_id, meter_id, local_date
),

incomplete_days as (
    select expected_days.*
    from expected_days
    left join counted using (site_id, meter_id, local_date)
    where coalesce(counted.received_intervals, 0) < expected_days.expected_intervals
),

-- the end of what is expected stands as if it were received, so that it closes the last run
marks as (
    select site_id, meter_id, local_date, interval_start_utc
    from received
    semi join incomplete_days using (site_id, meter_id, local_date)
    union all
    select site_id, meter_id, local_date, expected_end_utc as interval_start_utc
    from incomplete_days
),

runs as (
    select
        marks.site_id,
        marks.meter_id,
        marks.local_date,
        incomplete_days.interval_seconds,
        coalesce(
            lag(marks.interval_start_utc) over (
                partition by marks.site_id, marks.meter_id, marks.local_date
                order by marks.interval_start_utc
            ) + to_seconds(incomplete_days.interval_seconds),
            incomplete_days.expected_start_utc
        ) as missing_start_utc,
        marks.interval_start_utc as missing_end_utc
    from marks
    inner join incomplete_days using (site_id, meter_id, local_date)
)

select
    site_id,
    meter_id,
    local_date,
    missing_start_utc,
    missing_end_utc,
    {{ interval_count('missing_start_utc', 'missing_end_utc', 'interval_seconds') }}
        as missing_intervals
from runs
where missing_start_utc < missing_end_utc
order by missing_start_utc, site_id, meter_id
