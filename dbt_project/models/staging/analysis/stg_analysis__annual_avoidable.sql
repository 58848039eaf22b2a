-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(site_id as varchar) as site_id,
    cast(judged_hours as bigint) as judged_hours,
    cast(metered_kwh as double) as metered_kwh,
    cast(annual_use_kwh as double) as annual_use_kwh,
    cast(annual_low_kwh as double) as annual_low_kwh,
    cast(annual_mid_kwh as double) as annual_mid_kwh,
    cast(annual_high_kwh as double) as annual_high_kwh
from {{ source('analysis', 'annual_avoidable') }}
