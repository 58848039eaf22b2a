{{ config(materialized='incremental', incremental_strategy='replace_receipts') }}

select
    receipt_id,
    line_number,
    received_at_utc,
    received_date,
    site_id,
    station_id,
    observed_at_utc,
    temperature_c
from {{ ref('stg_intake__temperatures') }} as received
where {{ of_pending_receipts('received') }}
order by observed_at_utc
