-- Runs are sealed in order, so a quarter older than the newest sealed run gets none of its own:
-- what it is owed is in the adjustments of the next one.
with quarters as (
    select unnest(generate_series(first_quarter, as_of_utc, interval 3 month)) as quarter_start
    from (
        select date_trunc('quarter', min(applications.first_data_month)) as first_quarter
        from {{ ref('stg_csi_register__applications') }} as applications
    )
    cross join {{ ref('stg_csi_build__csi_parameters') }}
),

runs as (
    select
        {{ csi_quarter('quarter_start') }} as run_quarter,
        {{ csi_run_cutoff_utc('quarter_start') }} as run_cutoff_utc
    from quarters
),

sealed as (
    select * from {{ ref('stg_csi__payment_runs') }}
)

select
    run_quarter,
    run_cutoff_utc,
    sealed_at_utc
from sealed
union all
select
    runs.run_quarter,
    runs.run_cutoff_utc,
    cast(null as timestamp) as sealed_at_utc
from runs
cross join {{ ref('stg_csi_build__csi_parameters') }} as parameters
where
    runs.run_cutoff_utc <= parameters.as_of_utc
    and runs.run_quarter > coalesce((select max(run_quarter) from sealed), '')
