-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(run_quarter as varchar) as run_quarter,
    cast(run_cutoff_utc as timestamp) as run_cutoff_utc,
    cast(sealed_at_utc as timestamp) as sealed_at_utc
from {{ source('csi', 'payment_runs') }}
