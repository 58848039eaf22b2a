-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    cast(currency as varchar) as currency,
    cast(price_per_kwh as decimal(12,6)) as price_per_kwh,
    cast(hour_from as integer) as hour_from,
    cast(hour_to as integer) as hour_to,
    cast(weekday_from as integer) as weekday_from,
    cast(weekday_to as integer) as weekday_to
from {{ source('register', 'tariffs') }}
