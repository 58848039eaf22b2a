-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(measure_id as varchar) as measure_id,
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(model_kind as varchar) as model_kind,
    cast(baseline_start_utc as timestamp) as baseline_start_utc,
    cast(baseline_end_utc as timestamp) as baseline_end_utc,
    cast(baseline_hours as bigint) as baseline_hours,
    cast(reporting_start_utc as timestamp) as reporting_start_utc,
    cast(reporting_end_utc as timestamp) as reporting_end_utc,
    cast(reporting_hours as bigint) as reporting_hours,
    cast(metered_kwh as double) as metered_kwh,
    cast(counterfactual_kwh as double) as counterfactual_kwh,
    cast(avoided_kwh as double) as avoided_kwh,
    cast(avoided_low_kwh as double) as avoided_low_kwh,
    cast(avoided_high_kwh as double) as avoided_high_kwh,
    cast(ashrae_uncertainty as double) as ashrae_uncertainty,
    cast(is_detectable as boolean) as is_detectable,
    cast(is_sufficient as boolean) as is_sufficient,
    cast(sufficiency_reasons as varchar) as sufficiency_reasons
from {{ source('analysis', 'avoided_energy') }}
