-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(observed_at_utc as timestamp) as observed_at_utc,
    cast(cds_server as varchar) as cds_server,
    cast(json_pointer as varchar) as json_pointer,
    cast(object_version_id as varchar) as object_version_id,
    cast(content_sha256 as varchar) as content_sha256,
    cast(cds_created_utc as timestamp) as cds_created_utc,
    cast(cds_modified_utc as timestamp) as cds_modified_utc,
    cast(cds_synced_utc as timestamp) as cds_synced_utc,
    cast(cds_eac_id as varchar) as cds_eac_id,
    cast(beneficiary_type as varchar) as beneficiary_type,
    cast(beneficiaries as varchar) as beneficiaries,
    cast(eac_numbers as varchar) as eac_numbers,
    cast(eac_format as varchar) as eac_format,
    cast(eac_data_url as varchar) as eac_data_url,
    cast(period_start_utc as timestamp) as period_start_utc,
    cast(period_end_utc as timestamp) as period_end_utc
from {{ cds_rows('cds_eacs') }}
