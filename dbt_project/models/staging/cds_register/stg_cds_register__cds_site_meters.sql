-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(interval_seconds as integer) as interval_seconds
from {{ source('cds_register', 'cds_site_meters') }}
