{{ config(materialized='incremental', incremental_strategy='replace_days') }}

with versions as (
    select *
    from {{ ref('int_readings_versioned') }} as versioned
    where
        versioned.is_current
        and {{ in_touched_days('versioned') }}
),

held as (
    select
        counted.site_id,
        counted.meter_id,
        counted.interval_start_utc,
        counted.interval_seconds,
        counted.interval_start_local,
        counted.local_date,
        counted.usage_kwh,
        counted.reading_quality,
        counted.flow_direction,
        counted.upload_source,
        counted.receipt_id,
        counted.line_number,
        counted.received_at_utc,
        counted.received_at_utc as first_received_at_utc,
        1 as version_count
    from {{ ref('int_readings_counted') }} as counted
    anti join versions using (site_id, meter_id, interval_start_utc)
    where {{ in_touched_days('counted') }}
    union all by name
    select versions.* exclude (
        version_number, is_current, previous_usage_kwh, previous_receipt_id,
        previous_received_at_utc
    )
    from versions
)

select
    site_id,
    meter_id,
    interval_start_utc,
    interval_seconds,
    interval_start_local,
    local_date,
    {{ month_of('local_date') }} as usage_month,
    usage_kwh,
    reading_quality,
    flow_direction,
    upload_source,
    receipt_id,
    line_number,
    received_at_utc,
    first_received_at_utc
    > interval_start_utc + to_seconds(interval_seconds) + interval 24 hour as is_late,
    version_count
from held
order by interval_start_utc, site_id, meter_id
