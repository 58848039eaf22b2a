{{ config(materialized='incremental', incremental_strategy='replace_days') }}

-- Most intervals are received once; ordering only the others by window keeps memory small.
with accepted as (
    select *
    from {{ ref('int_readings_counted') }} as counted
    where {{ in_touched_days('counted') }}
),

repeated as (
    select site_id, meter_id, interval_start_utc
    from accepted
    group by site_id, meter_id, interval_start_utc
    having count(*) > 1
),

-- the value that holds when a row arrives is the row's before: it changed it or repeated it
arrivals as (
    select
        accepted.*,
        lag(accepted.usage_kwh) over in_turn as usage_before_kwh,
        row_number() over in_turn = 1 as is_first,
        first_value(accepted.received_at_utc) over in_turn as first_received_at_utc
    from accepted
    semi join repeated using (site_id, meter_id, interval_start_utc)
    window in_turn as (
        partition by accepted.site_id, accepted.meter_id, accepted.interval_start_utc
        order by accepted.received_at_utc, accepted.receipt_id, accepted.line_number
    )
),

versions as (
    select
        *,
        row_number() over in_turn as version_number,
        count(*) over (partition by site_id, meter_id, interval_start_utc) as version_count,
        lag(usage_kwh) over in_turn as previous_usage_kwh,
        lag(receipt_id) over in_turn as previous_receipt_id,
        lag(received_at_utc) over in_turn as previous_received_at_utc
    from arrivals
    where is_first or usage_kwh <> usage_before_kwh
    window in_turn as (
        partition by site_id, meter_id, interval_start_utc
        order by received_at_utc, receipt_id, line_number
    )
)

select
    site_id,
    meter_id,
    interval_start_utc,
    interval_seconds,
    interval_start_local,
    local_date,
    cast(version_number as integer) as version_number,
    version_number = version_count as is_current,
    usage_kwh,
    previous_usage_kwh,
    reading_quality,
    flow_direction,
    upload_source,
    receipt_id,
    line_number,
    received_at_utc,
    previous_receipt_id,
    previous_received_at_utc,
    first_received_at_utc,
    cast(version_count as integer) as version_count
from versions
order by interval_start_utc, site_id, meter_id, version_number
