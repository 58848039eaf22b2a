{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

select received.*
from {{ ref('stg_cds__cds_relations') }} as received
where {{ of_cds_pending_receipts('received') }}
