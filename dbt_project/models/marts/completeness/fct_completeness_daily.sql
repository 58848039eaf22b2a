{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with received as (
    select
        days.site_id,
        days.meter_id,
        days.local_date,
        count(*) as received_intervals,
        count(*) filter (where readings.is_late) as late_intervals,
        count(*) filter (where readings.reading_quality = 'estimated') as estimated_intervals,
        sum(readings.version_count - 1) as revision_count
    from {{ ref('fct_interval_readings') }} as readings
    inner join {{ ref('int_days_touched') }} as days using (site_id, meter_id, local_date)
    where
        readings.interval_start_utc >= days.expected_start_utc
        and readings.interval_start_utc < days.expected_end_utc
        and {{ on_touched_dates('readings.local_date') }}
    group by days.site_id, days.meter_id, days.local_date
),

missing as (
    select
        site_id,
        meter_id,
        local_date,
        count(*) as gap_count,
        max(missing_intervals) as longest_run
    from {{ ref('int_intervals_missing') }} as missing
    where {{ in_touched_days('missing') }}
    group by site_id, meter_id, local_date
),

counted as (
    select
        days.site_id,
        days.meter_id,
        days.local_date,
        days.usage_month,
        days.interval_seconds,
        days.expected_intervals,
        coalesce(received.received_intervals, 0) as received_intervals,
        coalesce(received.late_intervals, 0) as late_intervals,
        coalesce(received.estimated_intervals, 0) as estimated_intervals,
        coalesce(received.revision_count, 0) as revision_count,
        coalesce(missing.gap_count, 0) as gap_count,
        coalesce(missing.longest_run, 0) as longest_run
    from {{ ref('int_days_touched') }} as days
    left join received using (site_id, meter_id, local_date)
    left join missing using (site_id, meter_id, local_date)
    where days.expected_intervals > 0
)

select
    site_id,
    meter_id,
    local_date,
    usage_month,
    expected_intervals,
    received_intervals,
    cast(received_intervals as double) / expected_intervals as completeness_ratio,
    (expected_intervals - received_intervals) * interval_seconds / 3600 as gap_hours,
    gap_count,
    longest_run * interval_seconds / 3600 as longest_gap_hours,
    late_intervals * interval_seconds / 3600 as late_hours,
    estimated_intervals * interval_seconds / 3600 as estimated_hours,
    cast(revision_count as bigint) as revision_count
from counted
order by local_date, site_id, meter_id
