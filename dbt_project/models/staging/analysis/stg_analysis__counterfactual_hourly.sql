-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(hour_start_utc as timestamp) as hour_start_utc,
    cast(usage_month as date) as usage_month,
    cast(model_id as varchar) as model_id,
    cast(level_kwh as double) as level_kwh,
    cast(counterfactual_kwh as double) as counterfactual_kwh,
    cast(residual_kwh as double) as residual_kwh,
    cast(residual_scale_kwh as double) as residual_scale_kwh
from {{ source('analysis', 'counterfactual_hourly') }}
