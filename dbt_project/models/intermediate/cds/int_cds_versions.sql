-- A function of the sightings alone: nothing depends on the order in which they arrived but through
-- the time at which each was observed, which a pull states.
with sightings as (
    select
        segments.*,
        listings.receipt_id is not null as is_listed,
        coalesce(listings.grant_ids, '') as grant_ids
    from {{ ref('int_cds_segments') }} as segments
    left join {{ ref('int_cds_listings') }} as listings using (receipt_id)
),

versions as (
    select
        segment_version_id,
        any_value(cds_server) as cds_server,
        any_value(cds_usagesegment_id) as cds_usagesegment_id,
        any_value(segment_start_utc) as segment_start_utc,
        any_value(cds_modified_utc) as cds_modified_utc,
        min(observed_at_utc) as first_seen_utc,
        max(observed_at_utc) as last_seen_utc,
        max(cds_synced_utc) as last_synced_utc,
        count(*) as sighting_count,
        min(receipt_id) filter (where holds_rows) as stored_receipt_id,
        arg_min(
            struct_pack(
                receipt_id := receipt_id,
                received_date := received_date,
                json_pointer := json_pointer,
                cds_dialect := cds_dialect,
                cds_synced_utc := cds_synced_utc
            ),
            struct_pack(a := observed_at_utc, b := receipt_id)
        ) as first_sighting,
        -- the same in every sighting, being part of the version
        any_value(struct_pack(
            segment_end_utc := segment_end_utc,
            cds_interval_seconds := cds_interval_seconds,
            cds_created_utc := cds_created_utc,
            set_count := set_count,
            format_count := format_count,
            slot_count := slot_count,
            value_count := value_count,
            missing_count := missing_count,
            invalid_count := invalid_count,
            unknown_type_count := unknown_type_count,
            is_period_marker := is_period_marker,
            is_aggregated := is_aggregated,
            has_length_mismatch := has_length_mismatch,
            has_span_mismatch := has_span_mismatch,
            has_repeated_names := has_repeated_names
        )) as content
    from sightings
    group by segment_version_id
),

placed as (
    select
        *,
        first_value(segment_version_id) over history as holding_version_id,
        max(last_seen_utc) over segment as segment_last_seen_utc,
        count(*) over (
            partition by cds_server, cds_usagesegment_id, segment_start_utc, cds_modified_utc
        ) > 1 as has_same_modified,
        row_number() over (
            order by
                cds_modified_utc desc,
                first_sighting.cds_synced_utc desc nulls last,
                first_seen_utc desc,
                cds_usagesegment_id desc,
                segment_version_id desc
        ) as recency_rank
    from versions
    window
        segment as (partition by cds_server, cds_usagesegment_id, segment_start_utc),
        history as (
            partition by cds_server, cds_usagesegment_id, segment_start_utc
            order by cds_modified_utc desc, first_seen_utc desc, segment_version_id desc
        )
),

reused as (
    select cds_server, cds_usagesegment_id
    from versions
    group by cds_server, cds_usagesegment_id
    having count(distinct segment_start_utc) > 1
),

holding as (
    select * from placed where segment_version_id = holding_version_id
),

shown as (
    select distinct cds_server, cds_usagesegment_id, segment_start_utc, grant_ids
    from sightings
    where is_listed
),

-- gone when every grant that showed it has since listed all there is without it; what only files
-- from elsewhere showed is never missed by a listing
missed as (
    select
        shown.cds_server,
        shown.cds_usagesegment_id,
        shown.segment_start_utc,
        shown.grant_ids,
        min(listings.listing_ended_utc) as missed_at_utc
    from shown
    inner join holding using (cds_server, cds_usagesegment_id, segment_start_utc)
    left join {{ ref('int_cds_listings_whole') }} as listings
        on shown.cds_server = listings.cds_server
        and shown.grant_ids = listings.grant_ids
        and {{ misses_segment('listings', 'holding.segment_last_seen_utc',
            'holding.segment_start_utc', 'holding.content.segment_end_utc') }}
    group by all
),

withdrawn as (
    select
        cds_server,
        cds_usagesegment_id,
        segment_start_utc,
        max(missed_at_utc) as withdrawn_at_utc
    from missed
    group by cds_server, cds_usagesegment_id, segment_start_utc
    having count(missed_at_utc) = count(*)
)

select
    placed.cds_server,
    placed.cds_usagesegment_id,
    placed.segment_start_utc,
    placed.segment_version_id,
    placed.content.segment_end_utc as segment_end_utc,
    placed.content.cds_interval_seconds as cds_interval_seconds,
    placed.content.cds_created_utc as cds_created_utc,
    placed.cds_modified_utc,
    placed.first_seen_utc,
    placed.last_seen_utc,
    placed.first_sighting.cds_synced_utc as first_synced_utc,
    placed.last_synced_utc,
    placed.first_sighting.receipt_id as first_receipt_id,
    placed.first_sighting.received_date as received_date,
    placed.first_sighting.json_pointer as json_pointer,
    placed.first_sighting.cds_dialect as cds_dialect,
    placed.sighting_count,
    placed.stored_receipt_id,
    case
        when placed.segment_version_id <> placed.holding_version_id then 'superseded'
        when withdrawn.withdrawn_at_utc is not null then 'withdrawn'
        else 'current'
    end as version_status,
    nullif(placed.holding_version_id, placed.segment_version_id) as superseded_by,
    withdrawn.withdrawn_at_utc,
    placed.has_same_modified,
    reused.cds_usagesegment_id is not null as is_id_reused,
    placed.content.set_count as set_count,
    placed.content.format_count as format_count,
    placed.content.slot_count as slot_count,
    placed.content.value_count as value_count,
    placed.content.missing_count as missing_count,
    placed.content.invalid_count as invalid_count,
    placed.content.unknown_type_count as unknown_type_count,
    placed.content.is_period_marker as is_period_marker,
    placed.content.is_aggregated as is_aggregated,
    placed.content.has_length_mismatch as has_length_mismatch,
    placed.content.has_span_mismatch as has_span_mismatch,
    placed.content.has_repeated_names as has_repeated_names,
    placed.recency_rank
from placed
left join withdrawn using (cds_server, cds_usagesegment_id, segment_start_utc)
left join reused using (cds_server, cds_usagesegment_id)
