{{ config(materialized='incremental', incremental_strategy='replace_receipts') }}

select
    receipt_id,
    upload_source,
    received_at_utc,
    received_date,
    line_number,
    record_index,
    organization_id,
    code,
    column_name,
    detail,
    site_id_text,
    meter_id_text,
    timestamp_text,
    value_text,
    unit_text,
    raw_text
from {{ ref('stg_intake__rejects') }} as rejects
where {{ of_pending_receipts('rejects') }}
order by received_at_utc, receipt_id, line_number
