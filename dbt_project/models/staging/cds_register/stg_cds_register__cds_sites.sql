-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(organization_id as varchar) as organization_id,
    cast(timezone as varchar) as timezone,
    cast(country as varchar) as country
from {{ source('cds_register', 'cds_sites') }}
