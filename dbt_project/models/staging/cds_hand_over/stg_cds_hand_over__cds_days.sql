-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(local_date as date) as local_date
from {{ source('cds_hand_over', 'cds_days') }}
