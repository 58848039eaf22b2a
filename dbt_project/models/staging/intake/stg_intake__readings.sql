-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(received_date as date) as received_date,
    cast(upload_source as varchar) as upload_source,
    cast(line_number as bigint) as line_number,
    cast(record_index as bigint) as record_index,
    cast(organization_id as varchar) as organization_id,
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(interval_start_utc as timestamp) as interval_start_utc,
    cast(interval_seconds as integer) as interval_seconds,
    cast(usage_kwh as decimal(18,9)) as usage_kwh,
    cast(reading_quality as varchar) as reading_quality,
    cast(flow_direction as varchar) as flow_direction,
    cast(idempotency_key as varchar) as idempotency_key
from {{ intake_rows('readings') }}
