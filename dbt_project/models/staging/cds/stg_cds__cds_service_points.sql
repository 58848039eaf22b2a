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
    cast(cds_servicepoint_id as varchar) as cds_servicepoint_id,
    cast(servicepoint_number as varchar) as servicepoint_number,
    cast(servicepoint_types as varchar) as servicepoint_types,
    cast(servicepoint_address as varchar) as servicepoint_address,
    cast(latitude as decimal(38,12)) as latitude,
    cast(longitude as decimal(38,12)) as longitude,
    cast(premises as varchar) as premises
from {{ cds_rows('cds_service_points') }}
