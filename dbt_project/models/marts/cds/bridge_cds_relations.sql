-- A relation holds while the version that states it does; versions in a row that state the same
-- are one span. "Previous" carries no dates in a body, so these are our own.
with stated as (
    select
        versions.cds_server,
        relations.from_kind,
        relations.from_id,
        relations.object_relation,
        relations.to_kind,
        relations.to_id,
        versions.valid_from_utc,
        coalesce(versions.valid_to_utc, versions.withdrawn_at_utc, timestamp 'infinity')
            as valid_to_utc
    from {{ ref('int_cds_object_relations') }} as relations
    inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
),

followed as (
    select
        *,
        coalesce(
            lag(valid_to_utc) over edge = valid_from_utc, false
        ) as goes_on
    from stated
    where valid_from_utc < valid_to_utc
    window edge as (
        partition by cds_server, from_kind, from_id, object_relation, to_kind, to_id
        order by valid_from_utc
    )
),

numbered as (
    select
        *,
        count(*) filter (where not goes_on) over (
            partition by cds_server, from_kind, from_id, object_relation, to_kind, to_id
            order by valid_from_utc
        ) as span_number
    from followed
),

spans as (
    select
        cds_server,
        from_kind,
        from_id,
        object_relation,
        to_kind,
        to_id,
        min(valid_from_utc) as valid_from_utc,
        nullif(max(valid_to_utc), timestamp 'infinity') as valid_to_utc
    from numbered
    group by cds_server, from_kind, from_id, object_relation, to_kind, to_id, span_number
),

both_ways as (
    select *, true as is_stated
    from spans
    union all
    select
        cds_server,
        to_kind as from_kind,
        to_id as from_id,
        object_relation,
        from_kind as to_kind,
        from_id as to_id,
        valid_from_utc,
        valid_to_utc,
        false as is_stated
    from spans
)

select
    cds_server,
    from_kind,
    from_id,
    object_relation,
    to_kind,
    to_id,
    is_stated,
    valid_from_utc,
    valid_to_utc,
    valid_to_utc is null as is_current
from both_ways
