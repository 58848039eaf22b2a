{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

select received.*
from {{ ref('stg_cds__cds_costs') }} as received
where {{ of_cds_pending_receipts('received') }}
order by received.interval_start_utc
