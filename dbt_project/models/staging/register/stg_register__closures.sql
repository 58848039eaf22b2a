-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(first_day as date) as first_day,
    cast(last_day as date) as last_day,
    cast(reason as varchar) as reason
from {{ source('register', 'closures') }}
