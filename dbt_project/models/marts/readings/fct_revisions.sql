{{ config(materialized='incremental', incremental_strategy='replace_intervals') }}

select
    site_id,
    meter_id,
    interval_start_utc,
    version_number - 1 as revision_number,
    usage_kwh,
    previous_usage_kwh,
    received_at_utc,
    previous_received_at_utc,
    receipt_id,
    previous_receipt_id
from {{ ref('int_readings_versioned') }} as versioned
where
    version_number > 1
    and {{ in_touched_days('versioned') }}
order by interval_start_utc, site_id, meter_id, revision_number
