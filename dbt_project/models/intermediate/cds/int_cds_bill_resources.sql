-- Things whose metered use stands beside a section's bill, narrowest first: the meters that it
-- names, its points, its contracts, and the meters that these lead to, now or formerly. What is
-- known to be of another commodity is left out.
with edges as (
    select distinct cds_server, from_kind, from_id, to_kind, to_id
    from {{ ref('int_cds_object_edges') }}
),

named as (
    select
        sections.cds_server,
        sections.cds_billsection_id,
        relations.to_kind as resource_kind,
        relations.to_id as resource_id
    from {{ ref('int_cds_bill_sections_current') }} as sections
    inner join {{ ref('int_cds_object_relations') }} as relations using (object_version_id)
    where relations.to_kind in ('meter_device', 'service_point', 'service_contract')
),

points as (
    select cds_server, cds_billsection_id, resource_id as point_id
    from named
    where resource_kind = 'service_point'
    union
    select named.cds_server, named.cds_billsection_id, edges.from_id
    from named
    inner join edges
        on named.cds_server = edges.cds_server
        and edges.from_kind = 'service_point'
        and edges.to_kind = 'service_contract'
        and named.resource_id = edges.to_id
    where named.resource_kind = 'service_contract'
),

reached as (
    select points.cds_server, points.cds_billsection_id, edges.from_id as resource_id
    from points
    inner join edges
        on points.cds_server = edges.cds_server
        and edges.from_kind = 'meter_device'
        and edges.to_kind = 'service_point'
        and points.point_id = edges.to_id
),

ranked as (
    select
        cds_server,
        cds_billsection_id,
        case resource_kind
            when 'meter_device' then 1 when 'service_point' then 2 else 3
        end as match_rank,
        resource_kind,
        resource_id
    from named
    union
    select cds_server, cds_billsection_id, 4, 'meter_device', resource_id
    from reached
)

select
    ranked.cds_server,
    ranked.cds_billsection_id,
    ranked.match_rank,
    ranked.resource_kind,
    ranked.resource_id,
    ranked.resource_kind || '/' || ranked.resource_id as cds_resource
from ranked
left join {{ ref('int_cds_object_commodities') }} as commodities
    using (cds_server, resource_kind, resource_id)
where coalesce(commodities.is_electric, true)
