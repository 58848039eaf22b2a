-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(description as varchar) as description,
    cast(role as varchar) as role,
    cast(parent_meter_id as varchar) as parent_meter_id,
    cast(interval_seconds as integer) as interval_seconds,
    cast(interval_label as varchar) as interval_label,
    cast(expected_from as date) as expected_from,
    cast(expected_to as date) as expected_to
from {{ source('register', 'meters') }}
