-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(received_date as date) as received_date,
    cast(line_number as bigint) as line_number,
    cast(site_id as varchar) as site_id,
    cast(station_id as varchar) as station_id,
    cast(observed_at_utc as timestamp) as observed_at_utc,
    cast(temperature_c as double) as temperature_c
from {{ intake_rows('temperatures') }}
