-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(received_date as date) as received_date,
    cast(upload_source as varchar) as upload_source,
    cast(line_number as bigint) as line_number,
    cast(record_index as bigint) as record_index,
    cast(organization_id as varchar) as organization_id,
    cast(code as varchar) as code,
    cast(column_name as varchar) as column_name,
    cast(detail as varchar) as detail,
    cast(site_id_text as varchar) as site_id_text,
    cast(meter_id_text as varchar) as meter_id_text,
    cast(timestamp_text as varchar) as timestamp_text,
    cast(value_text as varchar) as value_text,
    cast(unit_text as varchar) as unit_text,
    cast(raw_text as varchar) as raw_text
from {{ intake_rows('rejects') }}
