{{ config(materialized='view') }}

-- Several things may lead to one meter: an exchanged device and its successor, or a point and its
-- device. What the mapping names itself goes first; what then still stands twice is left out.
with usable as (
    select * from {{ ref('int_cds_reading_candidates') }}
    where obstacle is null
),

shared_meters as (
    select site_id, meter_id
    from {{ ref('int_cds_resource_meters') }}
    group by site_id, meter_id
    having count(distinct (cds_server, cds_resource, mapped_direction)) > 1
),

shared as (
    select usable.*
    from usable
    semi join shared_meters using (site_id, meter_id)
),

best as (
    select
        site_id,
        meter_id,
        interval_start_utc,
        -- direct stands before bridged
        min(mapping_status) as mapping_status
    from shared
    group by site_id, meter_id, interval_start_utc
),

single as (
    select site_id, meter_id, interval_start_utc, mapping_status
    from shared
    semi join best using (site_id, meter_id, interval_start_utc, mapping_status)
    group by site_id, meter_id, interval_start_utc, mapping_status
    having count(*) = 1
),

readings as (
    select usable.*
    from usable
    anti join shared_meters using (site_id, meter_id)
    union all
    select shared.*
    from shared
    semi join single using (site_id, meter_id, interval_start_utc, mapping_status)
)

select
    site_id,
    meter_id,
    interval_start_utc,
    interval_seconds,
    local_date,
    usage_month,
    cast(energy_kwh as decimal(18, 9)) as usage_kwh,
    reading_quality,
    flow_direction,
    receipt_id,
    line_number,
    received_at_utc,
    received_date,
    organization_id
from readings
