-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(rule as varchar) as rule,
    cast(hour_start_utc as timestamp) as hour_start_utc,
    cast(usage_month as date) as usage_month,
    cast(level_kwh as double) as level_kwh,
    cast(reference_kwh as double) as reference_kwh,
    cast(excess_kwh as double) as excess_kwh,
    cast(excess_low_kwh as double) as excess_low_kwh,
    cast(excess_high_kwh as double) as excess_high_kwh,
    cast(score as double) as score
from {{ source('analysis', 'flagged_hours') }}
