-- Depends on the set of sightings alone, never on the order in which they arrived. A version that
-- is seen again stays where it is: a file shown twice, or two grants that show different parts of
-- an object, would turn the history over with every pull.
with seen as (
    select
        object_kind,
        cds_server,
        cds_object_id,
        object_version_id,
        min(cds_modified_utc) as cds_modified_utc,
        min(observed_at_utc) as first_seen_utc,
        max(observed_at_utc) as last_seen_utc,
        max(cds_synced_utc) as last_synced_utc
    from {{ ref('int_cds_object_sightings') }}
    group by object_kind, cds_server, cds_object_id, object_version_id
),

placed as (
    select
        *,
        row_number() over history as object_version_number,
        count(*) over object as object_version_count,
        coalesce(lag(cds_modified_utc) over history = cds_modified_utc, false)
            as is_modified_repeated,
        min(cds_modified_utc) over (
            partition by object_kind, cds_server, cds_object_id
            order by cds_modified_utc
            groups between 1 following and unbounded following
        ) as next_modified_utc
    from seen
    window
        object as (partition by object_kind, cds_server, cds_object_id),
        history as (
            partition by object_kind, cds_server, cds_object_id
            order by cds_modified_utc, first_seen_utc, object_version_id
        )
),

-- what a later modification had replaced before it was first seen has never held
begun as (
    select
        *,
        least(
            case
                when is_modified_repeated then greatest(cds_modified_utc, first_seen_utc)
                else cds_modified_utc
            end,
            coalesce(next_modified_utc, timestamp 'infinity')
        ) as valid_from_utc
    from placed
)

select
    begun.object_kind,
    begun.cds_server,
    begun.cds_object_id,
    begun.object_version_id,
    begun.cds_modified_utc,
    begun.first_seen_utc,
    begun.last_seen_utc,
    begun.last_synced_utc,
    begun.object_version_number,
    begun.object_version_count,
    begun.is_modified_repeated,
    begun.valid_from_utc,
    lead(begun.valid_from_utc) over (
        partition by begun.object_kind, begun.cds_server, begun.cds_object_id
        order by begun.object_version_number
    ) as valid_to_utc,
    begun.object_version_number = begun.object_version_count as is_current,
    withdrawn.withdrawn_at_utc
from begun
left join {{ ref('int_cds_objects_withdrawn') }} as withdrawn
    on begun.object_kind = withdrawn.object_kind
    and begun.cds_server = withdrawn.cds_server
    and begun.cds_object_id = withdrawn.cds_object_id
    and begun.object_version_number = begun.object_version_count
