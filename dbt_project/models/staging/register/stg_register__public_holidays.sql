-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(local_date as date) as local_date,
    cast(holiday_name as varchar) as holiday_name
from {{ source('register', 'public_holidays') }}
