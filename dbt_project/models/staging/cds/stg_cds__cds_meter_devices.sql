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
    cast(cds_meterdevice_id as varchar) as cds_meterdevice_id,
    cast(meter_number as varchar) as meter_number,
    cast(meter_types as varchar) as meter_types,
    cast(meter_apps as varchar) as meter_apps
from {{ cds_rows('cds_meter_devices') }}
