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
    cast(cds_billsection_id as varchar) as cds_billsection_id,
    cast(cds_billstatement_id as varchar) as cds_billstatement_id,
    cast(cds_account_id as varchar) as cds_account_id,
    cast(account_number as varchar) as account_number,
    cast(section_types as varchar) as section_types,
    cast(section_start_date as date) as section_start_date,
    cast(section_end_date as date) as section_end_date,
    cast(currency as varchar) as currency,
    cast(distribution_entity as varchar) as distribution_entity,
    cast(supply_entity as varchar) as supply_entity,
    cast(service_programs as varchar) as service_programs
from {{ cds_rows('cds_bill_sections') }}
