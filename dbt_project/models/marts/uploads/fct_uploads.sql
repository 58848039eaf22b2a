{{ config(materialized='incremental', incremental_strategy='replace_receipts') }}

select
    receipt_id,
    upload_source,
    original_filename,
    sha256,
    size_bytes,
    received_at_utc,
    received_date,
    status,
    detail,
    warnings,
    encoding,
    delimiter,
    rows_read,
    rows_accepted,
    rows_rejected,
    rows_exact_duplicate,
    judgement_id
from {{ ref('stg_intake__outcomes') }} as outcomes
where {{ of_pending_receipts('outcomes') }}
order by received_at_utc, receipt_id
