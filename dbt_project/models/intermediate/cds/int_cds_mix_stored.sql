{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

select
    received.*,
    cast(received.interval_start_utc as date) as utc_date
from {{ ref('stg_cds__cds_supply_mix') }} as received
where {{ of_cds_pending_receipts('received') }}
order by received.interval_start_utc
