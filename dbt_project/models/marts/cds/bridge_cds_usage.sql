-- Whose use a thing's intervals are: its own, and upward those of its points, contracts and
-- accounts. What a thing's first version states holds since ever, because nothing older is known;
-- a former relation counts only where no current one was ever seen.
with recursive begun as (
    select
        cds_server,
        case object_kind
            {%- for kind, thing, key in cds_object_kinds() %}
            when '{{ kind }}' then '{{ thing }}'
            {%- endfor %}
        end as from_kind,
        cds_object_id as from_id,
        min(valid_from_utc) as begun_at_utc
    from {{ ref('int_cds_object_versions') }}
    group by cds_server, object_kind, cds_object_id
),

upward as (
    select
        relations.cds_server,
        relations.from_kind,
        relations.from_id,
        relations.to_kind,
        relations.to_id,
        relations.object_relation = 'previous' as is_former,
        bool_and(relations.object_relation = 'previous') over (
            partition by relations.cds_server, relations.from_kind, relations.from_id
        ) as is_all_former,
        case
            when is_former or relations.valid_from_utc = begun.begun_at_utc
                then timestamp '-infinity'
            else relations.valid_from_utc
        end as from_utc,
        case
            when is_former then timestamp 'infinity'
            else coalesce(relations.valid_to_utc, timestamp 'infinity')
        end as to_utc
    from {{ ref('bridge_cds_relations') }} as relations
    inner join begun using (cds_server, from_kind, from_id)
    where
        relations.is_stated
        and (relations.from_kind, relations.to_kind) in (
            ('meter_device', 'service_point'),
            ('service_point', 'service_contract'),
            ('service_contract', 'account')
        )
),

owned as (
    select
        cds_server,
        cds_resource,
        resource_kind as owner_kind,
        resource_id as owner_id,
        timestamp '-infinity' as from_utc,
        timestamp 'infinity' as to_utc
    from {{ ref('int_cds_resources') }}
    where resource_kind is not null and resource_id is not null
    union
    select
        owned.cds_server,
        owned.cds_resource,
        upward.to_kind as owner_kind,
        upward.to_id as owner_id,
        greatest(owned.from_utc, upward.from_utc) as from_utc,
        least(owned.to_utc, upward.to_utc) as to_utc
    from owned
    inner join upward
        on owned.cds_server = upward.cds_server
        and owned.owner_kind = upward.from_kind
        and owned.owner_id = upward.from_id
        and (not upward.is_former or upward.is_all_former)
        and greatest(owned.from_utc, upward.from_utc) < least(owned.to_utc, upward.to_utc)
),

-- several ways to one owner are one: an interval counts once for it
reaching as (
    select
        *,
        coalesce(
            from_utc > max(to_utc) over (
                partition by cds_server, cds_resource, owner_kind, owner_id
                order by from_utc, to_utc
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as begins
    from owned
),

numbered as (
    select
        *,
        count(*) filter (where begins) over (
            partition by cds_server, cds_resource, owner_kind, owner_id
            order by from_utc, to_utc
            rows unbounded preceding
        ) as span_number
    from reaching
)

select
    cds_server,
    cds_resource,
    owner_kind,
    owner_id,
    nullif(min(from_utc), timestamp '-infinity') as owned_from_utc,
    nullif(max(to_utc), timestamp 'infinity') as owned_to_utc
from numbered
group by cds_server, cds_resource, owner_kind, owner_id, span_number
