-- The analysis replaces whole monthly files.
with files as (
    {{ monthly_files('analysis/counterfactual_hourly', 'usage_month') }}
)

{{ months_that_changed(
    'files',
    'int_analysis_months_loaded',
    'usage_month',
    ['modified_at_utc', 'size_bytes'],
    ref('stg_build__parameters'),
) }}
