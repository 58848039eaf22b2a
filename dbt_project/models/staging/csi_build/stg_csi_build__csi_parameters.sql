-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(as_of_utc as timestamp) as as_of_utc,
    cast(is_full_refresh as boolean) as is_full_refresh,
    cast(catch_up_setting as varchar) as catch_up_setting
from {{ source('csi_build', 'csi_parameters') }}
