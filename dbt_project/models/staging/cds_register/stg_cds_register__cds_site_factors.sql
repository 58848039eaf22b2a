-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(year as integer) as year,
    cast(kgco2e_per_kwh as double) as kgco2e_per_kwh,
    cast(source as varchar) as source
from {{ source('cds_register', 'cds_site_factors') }}
