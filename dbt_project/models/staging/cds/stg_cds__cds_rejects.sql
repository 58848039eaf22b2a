-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(cds_server as varchar) as cds_server,
    cast(reject_number as bigint) as reject_number,
    cast(json_pointer as varchar) as json_pointer,
    cast(cds_code as varchar) as cds_code,
    cast(detail as varchar) as detail,
    cast(value_text as varchar) as value_text
from {{ cds_rows('cds_rejects') }}
