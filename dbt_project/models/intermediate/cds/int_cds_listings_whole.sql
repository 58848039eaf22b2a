-- Only from these does absence follow: every page is there and was read in full, and nothing but
-- the window narrowed the list.
select
    cds_server,
    object_kind,
    batch_id,
    listing_number,
    coalesce(min(grant_ids), '') as grant_ids,
    min(window_since_utc) as window_since_utc,
    max(window_until_utc) as window_until_utc,
    min(observed_at_utc) as listing_began_utc,
    max(observed_at_utc) as listing_ended_utc
from {{ ref('int_cds_listings') }}
group by cds_server, object_kind, batch_id, listing_number
having
    count(distinct page_number) = max(page_count)
    and sum(refused_count) = 0
    and not bool_or(is_filtered)
    and bool_and(cds_access = 'complete')
