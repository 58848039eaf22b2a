{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

-- A refused object is on its page all the same, so that the page cannot show that it is absent;
-- a refused value of a segment takes nothing from the list.
with refused as (
    select receipt_id, count(*) as refused_count
    from {{ ref('stg_cds__cds_rejects') }}
    where json_pointer not like '%/values/%'
    group by receipt_id
)

select
    listings.receipt_id,
    listings.received_date,
    listings.cds_server,
    listings.batch_id,
    listings.object_kind,
    listings.listing_number,
    listings.page_number,
    listings.page_count,
    listings.batch_file_count,
    listings.window_since_utc,
    listings.window_until_utc,
    listings.is_filtered,
    listings.cds_access,
    listings.grant_ids,
    listings.observed_at_utc,
    listings.server_timezone,
    coalesce(refused.refused_count, 0) as refused_count
from {{ ref('stg_cds__cds_listings') }} as listings
left join refused using (receipt_id)
where {{ of_cds_pending_receipts('listings') }}
