-- An object is gone when every grant that showed it has since listed all there is without it.
-- A listing that began after the last sighting did not show the object, else it would be one.
with sightings as (
    select
        seen.*,
        listings.receipt_id is not null as is_listed,
        coalesce(listings.grant_ids, '') as grant_ids
    from {{ ref('int_cds_object_sightings') }} as seen
    left join {{ ref('int_cds_listings') }} as listings using (receipt_id)
),

objects as (
    select
        object_kind,
        cds_server,
        cds_object_id,
        max(observed_at_utc) as last_seen_utc,
        max_by(span_start, observed_at_utc) as span_start,
        max_by(span_end, observed_at_utc) as span_end
    from sightings
    group by object_kind, cds_server, cds_object_id
),

shown as (
    select
        object_kind,
        cds_server,
        cds_object_id,
        grant_ids,
        max(observed_at_utc) as last_shown_utc
    from sightings
    where is_listed
    group by object_kind, cds_server, cds_object_id, grant_ids
),

-- dates are local and windows are instants, so a listing counts when the object lies inside its
-- window by more than any zone can shift it
missed as (
    select
        shown.object_kind,
        shown.cds_server,
        shown.cds_object_id,
        shown.grant_ids,
        min(listings.listing_ended_utc) as missed_at_utc
    from shown
    inner join objects using (object_kind, cds_server, cds_object_id)
    left join {{ ref('int_cds_listings_whole') }} as listings
        on shown.cds_server = listings.cds_server
        and shown.object_kind = listings.object_kind
        and shown.grant_ids = listings.grant_ids
        and shown.last_shown_utc < listings.listing_began_utc
        and (
            objects.span_start is null
            or (
                objects.span_end - interval 1 day
                >= coalesce(listings.window_since_utc, timestamp '-infinity')
                and objects.span_start + interval 2 day
                <= coalesce(listings.window_until_utc, timestamp 'infinity')
            )
        )
    group by shown.object_kind, shown.cds_server, shown.cds_object_id, shown.grant_ids
)

select
    missed.object_kind,
    missed.cds_server,
    missed.cds_object_id,
    max(missed.missed_at_utc) as withdrawn_at_utc
from missed
inner join objects using (object_kind, cds_server, cds_object_id)
group by missed.object_kind, missed.cds_server, missed.cds_object_id
having
    count(missed.missed_at_utc) = count(*)
    and max(missed.missed_at_utc) > max(objects.last_seen_utc)
