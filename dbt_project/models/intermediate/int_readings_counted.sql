{{ config(materialized='view') }}

-- Readers name the local days that they want, so that a build looks at the months of those alone.
select
    receipt_id,
    line_number,
    received_at_utc,
    received_date,
    upload_source,
    organization_id,
    site_id,
    meter_id,
    interval_start_utc,
    interval_seconds,
    interval_start_local,
    local_date,
    usage_kwh,
    reading_quality,
    flow_direction
from {{ ref('int_readings_received') }}
where disposition = 'accepted'
union all
select
    handed.receipt_id,
    handed.line_number,
    handed.received_at_utc,
    handed.received_date,
    'cds' as upload_source,
    handed.organization_id,
    handed.site_id,
    handed.meter_id,
    handed.interval_start_utc,
    handed.interval_seconds,
    {{ local_time('handed.interval_start_utc', 'zone_days') }} as interval_start_local,
    handed.local_date,
    handed.usage_kwh,
    handed.reading_quality,
    handed.flow_direction
from {{ ref('stg_cds_hand_over__cds_readings') }} as handed
inner join {{ ref('stg_register__sites') }} as sites using (site_id)
inner join {{ ref('int_zone_days') }} as zone_days
    on {{ zone_day_of('handed.interval_start_utc', 'sites.timezone', 'zone_days') }}
