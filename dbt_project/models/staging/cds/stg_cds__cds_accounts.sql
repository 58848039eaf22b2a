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
    cast(cds_account_id as varchar) as cds_account_id,
    cast(cds_account_parent as varchar) as cds_account_parent,
    cast(customer_number as varchar) as customer_number,
    cast(account_number as varchar) as account_number,
    cast(account_name as varchar) as account_name,
    cast(account_address as varchar) as account_address,
    cast(account_types as varchar) as account_types,
    cast(account_status as varchar) as account_status,
    cast(account_entity as varchar) as account_entity,
    cast(account_contacts as varchar) as account_contacts,
    cast(account_programs as varchar) as account_programs
from {{ cds_rows('cds_accounts') }}
