-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(weekday as integer) as weekday,
    cast(opens as varchar) as opens,
    cast(closes as varchar) as closes,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to
from {{ source('register', 'operating_hours') }}
