-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(model_id as varchar) as model_id,
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(usage_month as date) as usage_month,
    cast(model_kind as varchar) as model_kind,
    cast(baseline_start_utc as timestamp) as baseline_start_utc,
    cast(baseline_end_utc as timestamp) as baseline_end_utc,
    cast(baseline_hours as bigint) as baseline_hours,
    cast(parameter_count as bigint) as parameter_count,
    cast(baseline_coverage as double) as baseline_coverage,
    cast(temperature_coverage as double) as temperature_coverage,
    cast(is_sufficient as boolean) as is_sufficient,
    cast(sufficiency_reasons as varchar) as sufficiency_reasons,
    cast(cv_rmse as double) as cv_rmse,
    cast(nmbe as double) as nmbe,
    cast(cv_rmse_out_of_sample as double) as cv_rmse_out_of_sample,
    cast(nmbe_out_of_sample as double) as nmbe_out_of_sample,
    cast(autocorrelation as double) as autocorrelation,
    cast(coefficients as varchar) as coefficients
from {{ source('analysis', 'baseline_models') }}
