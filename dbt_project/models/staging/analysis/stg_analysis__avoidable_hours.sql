-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(rule as varchar) as rule,
    cast(hour_start_utc as timestamp) as hour_start_utc,
    cast(usage_month as date) as usage_month,
    cast(counted_kwh as double) as counted_kwh,
    cast(counted_low_kwh as double) as counted_low_kwh,
    cast(counted_high_kwh as double) as counted_high_kwh
from {{ source('analysis', 'avoidable_hours') }}
