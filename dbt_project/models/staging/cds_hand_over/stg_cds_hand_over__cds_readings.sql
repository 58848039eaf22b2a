-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(interval_start_utc as timestamp) as interval_start_utc,
    cast(interval_seconds as integer) as interval_seconds,
    cast(local_date as date) as local_date,
    cast(usage_month as date) as usage_month,
    cast(usage_kwh as decimal(18,9)) as usage_kwh,
    cast(reading_quality as varchar) as reading_quality,
    cast(flow_direction as varchar) as flow_direction,
    cast(receipt_id as varchar) as receipt_id,
    cast(line_number as bigint) as line_number,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(received_date as date) as received_date,
    cast(organization_id as varchar) as organization_id
from {{ source('cds_hand_over', 'cds_readings') }}
