-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(organization_id as varchar) as organization_id,
    cast(organization_name as varchar) as organization_name
from {{ source('register', 'organizations') }}
