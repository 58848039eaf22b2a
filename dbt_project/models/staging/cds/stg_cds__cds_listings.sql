-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(cds_server as varchar) as cds_server,
    cast(batch_id as varchar) as batch_id,
    cast(object_kind as varchar) as object_kind,
    cast(listing_number as bigint) as listing_number,
    cast(page_number as bigint) as page_number,
    cast(page_count as bigint) as page_count,
    cast(batch_file_count as bigint) as batch_file_count,
    cast(window_since_utc as timestamp) as window_since_utc,
    cast(window_until_utc as timestamp) as window_until_utc,
    cast(is_filtered as boolean) as is_filtered,
    cast(cds_access as varchar) as cds_access,
    cast(grant_ids as varchar) as grant_ids,
    cast(observed_at_utc as timestamp) as observed_at_utc,
    cast(server_timezone as varchar) as server_timezone
from {{ cds_rows('cds_listings') }}
