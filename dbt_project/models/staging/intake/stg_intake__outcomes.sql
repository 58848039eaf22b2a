-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(upload_source as varchar) as upload_source,
    cast(original_filename as varchar) as original_filename,
    cast(sha256 as varchar) as sha256,
    cast(size_bytes as bigint) as size_bytes,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(received_date as date) as received_date,
    cast(status as varchar) as status,
    cast(detail as varchar) as detail,
    cast(warnings as varchar) as warnings,
    cast(encoding as varchar) as encoding,
    cast(delimiter as varchar) as delimiter,
    cast(rows_read as bigint) as rows_read,
    cast(rows_accepted as bigint) as rows_accepted,
    cast(rows_rejected as bigint) as rows_rejected,
    cast(rows_exact_duplicate as bigint) as rows_exact_duplicate,
    cast(judgement_id as varchar) as judgement_id
from {{ intake_rows('outcomes') }}
