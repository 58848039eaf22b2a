-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(as_of_utc as timestamp) as as_of_utc,
    cast(previous_as_of_utc as timestamp) as previous_as_of_utc,
    cast(is_full_refresh as boolean) as is_full_refresh
from {{ source('cds_build', 'cds_parameters') }}
