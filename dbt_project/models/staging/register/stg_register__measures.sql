-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(measure_id as varchar) as measure_id,
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(description as varchar) as description,
    cast(implemented_on as date) as implemented_on,
    cast(capex as decimal(18,2)) as capex,
    cast(currency as varchar) as currency
from {{ source('register', 'measures') }}
