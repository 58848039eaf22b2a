{#- dbt collects dependencies of every kind of build, so that none may stand in a condition only -#}
{%- set resources = ref('int_cds_resources') -%}
{%- set whole_listings = ref('int_cds_listings_whole') -%}
{%- set listing_pages = ref('int_cds_listings') -%}
{#- A resource whose mapping changed counts as not made until a build has come to its end. -#}
{%- set loaded = adapter.get_relation(target.database, 'intermediate', 'int_cds_mapping_loaded')
    if execute else none -%}
{%- set forget -%}
    {%- if loaded and not is_full_build() -%}
        delete from {{ loaded }} as held
        where not exists (
            select 1
            from {{ resources }} as resources
            where
                resources.cds_server = held.cds_server
                and resources.cds_resource = held.cds_resource
                and resources.mapping_digest = held.mapping_digest
        )
    {%- else -%}
        select 1
    {%- endif -%}
{%- endset -%}
{{ config(post_hook=forget) }}

-- Every condition asks whether a pending receipt does something, not whether the outcome differs:
-- of two that undo each other the first may have been taken in by a build that was killed.
with segments as (
    select
        seen.cds_server,
        seen.cds_usagesegment_id,
        seen.segment_start_utc,
        seen.segment_version_id,
        seen.receipt_id,
        seen.observed_at_utc,
        seen.segment_end_utc,
        pending.receipt_id is not null as is_pending
    from {{ ref('int_cds_segments') }} as seen
    left join {{ ref('stg_cds_build__cds_pending_receipts') }} as pending using (receipt_id)
),

{% if is_full_build() %}
touched_segments as (
    select distinct cds_server, cds_usagesegment_id, segment_start_utc from segments
),
{% else %}
known_versions as (
    select
        segment_version_id,
        min(struct_pack(a := observed_at_utc, b := receipt_id)) as first_sighting
    from segments
    where not is_pending
    group by segment_version_id
),

known_segments as (
    select
        cds_server,
        cds_usagesegment_id,
        segment_start_utc,
        max(segment_end_utc) as segment_end_utc,
        max(observed_at_utc) as last_seen_utc
    from segments
    where not is_pending
    group by cds_server, cds_usagesegment_id, segment_start_utc
),

listings as (
    select
        whole.*,
        pending_listings.batch_id is not null as is_pending
    from {{ whole_listings }} as whole
    left join (
        select distinct pages.cds_server, pages.batch_id, pages.listing_number, pages.object_kind
        from {{ listing_pages }} as pages
        inner join {{ ref('stg_cds_build__cds_pending_receipts') }} as pending using (receipt_id)
    ) as pending_listings using (cds_server, batch_id, listing_number, object_kind)
),

missed as (
    select
        known.cds_server,
        known.cds_usagesegment_id,
        known.segment_start_utc,
        listings.batch_id,
        listings.listing_number,
        listings.is_pending
    from known_segments as known
    inner join listings
        on known.cds_server = listings.cds_server
        and {{ misses_segment('listings', 'known.last_seen_utc', 'known.segment_start_utc',
            'known.segment_end_utc') }}
),

listed as (
    select distinct
        segments.cds_server,
        segments.cds_usagesegment_id,
        segments.segment_start_utc,
        pages.batch_id,
        pages.listing_number
    from segments
    inner join {{ listing_pages }} as pages using (receipt_id)
    where segments.is_pending
),

touched_segments as (
    -- a version that was not known, or not so early
    select arrived.cds_server, arrived.cds_usagesegment_id, arrived.segment_start_utc
    from segments as arrived
    left join known_versions as known using (segment_version_id)
    where
        arrived.is_pending
        and (
            known.first_sighting is null
            or struct_pack(a := arrived.observed_at_utc, b := arrived.receipt_id)
            < known.first_sighting
        )
    union
    -- a segment that a listing had missed is there again
    select missed.cds_server, missed.cds_usagesegment_id, missed.segment_start_utc
    from missed
    semi join (select * from segments where is_pending) as arrived
        using (cds_server, cds_usagesegment_id, segment_start_utc)
    where not missed.is_pending
    union
    -- a listing that has become whole misses it
    select missed.cds_server, missed.cds_usagesegment_id, missed.segment_start_utc
    from missed
    anti join listed
        using (cds_server, cds_usagesegment_id, segment_start_utc, batch_id, listing_number)
    where missed.is_pending
),
{% endif %}

touched_versions as (
    select
        segments.segment_version_id,
        any_value(segments.cds_server) as cds_server,
        any_value(segments.cds_usagesegment_id) as cds_usagesegment_id,
        any_value(segments.segment_start_utc) as segment_start_utc,
        any_value(segments.segment_end_utc) as segment_end_utc
    from segments
    semi join touched_segments using (cds_server, cds_usagesegment_id, segment_start_utc)
    group by segments.segment_version_id
),

spans as (
    select distinct
        formats.cds_server,
        formats.cds_resource,
        cast(formats.first_start_utc as date) as first_date,
        cast(formats.last_end_utc - interval 1 microsecond as date) as last_date
    from {{ ref('int_cds_formats') }} as formats
    semi join touched_versions using (segment_version_id)
    union
    -- shares that do not say what they describe are the segment's own
    select
        versions.cds_server,
        'segment/' || versions.cds_usagesegment_id as cds_resource,
        min(mix.utc_date) as first_date,
        max(mix.utc_date) as last_date
    from {{ ref('int_cds_mix_stored') }} as mix
    inner join touched_versions as versions using (segment_version_id)
    where mix.described_position is null
    group by versions.cds_server, versions.cds_usagesegment_id
    {% if loaded and not is_full_build() %}
    union
    select
        formats.cds_server,
        formats.cds_resource,
        cast(formats.first_start_utc as date) as first_date,
        cast(formats.last_end_utc - interval 1 microsecond as date) as last_date
    from {{ ref('int_cds_formats') }} as formats
    inner join {{ resources }} as resources using (cds_server, cds_resource)
    left join {{ loaded }} as loaded using (cds_server, cds_resource)
    where resources.mapping_digest is distinct from loaded.mapping_digest
    {% endif %}
)

select distinct
    cds_server,
    cds_resource,
    cast(unnest(generate_series(first_date, last_date, interval 1 day)) as date) as utc_date
from spans
order by utc_date, cds_server, cds_resource
