-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(organization_id as varchar) as organization_id,
    cast(site_name as varchar) as site_name,
    cast(timezone as varchar) as timezone,
    cast(country as varchar) as country,
    cast(subdivision as varchar) as subdivision,
    cast(floor_area_m2 as double) as floor_area_m2,
    cast(station_id as varchar) as station_id
from {{ source('register', 'sites') }}
