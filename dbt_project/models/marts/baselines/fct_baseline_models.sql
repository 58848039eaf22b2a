select
    model_id,
    site_id,
    meter_id,
    usage_month,
    model_kind,
    baseline_start_utc,
    baseline_end_utc,
    baseline_hours,
    parameter_count,
    baseline_coverage,
    temperature_coverage,
    is_sufficient,
    sufficiency_reasons,
    cv_rmse,
    nmbe,
    cv_rmse_out_of_sample,
    nmbe_out_of_sample,
    autocorrelation,
    coefficients
from {{ ref('stg_analysis__baseline_models') }}
order by usage_month, site_id, meter_id
