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
    cast(cds_aggregation_id as varchar) as cds_aggregation_id,
    cast(aggregation_number as varchar) as aggregation_number,
    cast(aggregation_types as varchar) as aggregation_types,
    cast(aggregation_scope as varchar) as aggregation_scope,
    cast(authorization_details as varchar) as authorization_details,
    cast(grouped_addresses as varchar) as grouped_addresses,
    cast(grouped_regions as varchar) as grouped_regions,
    cast(consent_requirements as varchar) as consent_requirements,
    cast(aggregation_details as varchar) as aggregation_details
from {{ cds_rows('cds_aggregations') }}
