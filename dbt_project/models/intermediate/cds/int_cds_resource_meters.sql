-- What a thing is connected to is looked at upward (meter, point, contract, account) or downward,
-- never up and down again: that would lead to a neighbour's meter.
with recursive ladder as (
    select * from (
        values
        ('meter_device', 1), ('service_point', 2), ('service_contract', 3), ('account', 4)
    ) as kinds (kind, rung)
),

named as (
    select
        mapped.*,
        mapped.cds_reference as object_id
    from {{ ref('stg_cds_register__cds_meters') }} as mapped
    union
    select
        mapped.*,
        numbers.object_id
    from {{ ref('stg_cds_register__cds_meters') }} as mapped
    inner join {{ ref('int_cds_object_numbers') }} as numbers
        on mapped.cds_server = numbers.cds_server
        and mapped.resource_kind = numbers.object_kind
        and mapped.cds_reference = numbers.visible_number
),

steps as (
    select distinct
        edges.cds_server,
        edges.from_kind,
        edges.from_id,
        edges.to_kind,
        edges.to_id
    from {{ ref('int_cds_object_edges') }} as edges
    inner join ladder as lower_rung on edges.from_kind = lower_rung.kind
    inner join ladder as upper_rung on edges.to_kind = upper_rung.kind
    where upper_rung.rung > lower_rung.rung
),

climbs as (
    select *, 1 as step_count from steps
    union
    select
        climbs.cds_server,
        climbs.from_kind,
        climbs.from_id,
        steps.to_kind,
        steps.to_id,
        climbs.step_count + 1 as step_count
    from climbs
    inner join steps
        on climbs.cds_server = steps.cds_server
        and climbs.to_kind = steps.from_kind
        and climbs.to_id = steps.from_id
),

resources as (
    select distinct cds_server, cds_resource, resource_kind, resource_id
    from {{ ref('int_cds_formats') }}
    where cds_value_type = 'electric_usage' and not is_aggregated and resource_id is not null
),

-- nearest first; at the same distance what is narrower
reached as (
    select resources.*, resources.resource_kind as kind, resources.resource_id as id, 0 as place
    from resources
    union
    select resources.*, climbs.from_kind as kind, climbs.from_id as id, 2 * step_count as place
    from resources
    inner join climbs
        on resources.cds_server = climbs.cds_server
        and resources.resource_kind = climbs.to_kind
        and resources.resource_id = climbs.to_id
    union
    select resources.*, climbs.to_kind as kind, climbs.to_id as id, 2 * step_count + 1 as place
    from resources
    inner join climbs
        on resources.cds_server = climbs.cds_server
        and resources.resource_kind = climbs.from_kind
        and resources.resource_id = climbs.from_id
),

found as (
    select
        reached.cds_server,
        reached.cds_resource,
        reached.place,
        named.resource_kind || '/' || named.cds_reference as mapped_through,
        named.site_id,
        named.meter_id,
        named.mapped_direction,
        named.mapped_from,
        named.mapped_to
    from reached
    inner join named
        on reached.cds_server = named.cds_server
        and reached.kind = named.resource_kind
        and reached.id = named.object_id
),

nearest as (
    select
        cds_server,
        cds_resource,
        site_id,
        meter_id,
        mapped_direction,
        mapped_from,
        mapped_to,
        min(place) as place,
        min(mapped_through) as mapped_through
    from found
    where place = (
        select min(best.place)
        from found as best
        where best.cds_server = found.cds_server and best.cds_resource = found.cds_resource
    )
    group by all
),

several as (
    select distinct one.cds_server, one.cds_resource
    from nearest as one
    inner join nearest as other
        on one.cds_server = other.cds_server
        and one.cds_resource = other.cds_resource
        and one.mapped_direction = other.mapped_direction
    where
        (one.site_id, one.meter_id) <> (other.site_id, other.meter_id)
        and coalesce(one.mapped_from, date '-infinity')
        <= coalesce(other.mapped_to, date 'infinity')
        and coalesce(other.mapped_from, date '-infinity')
        <= coalesce(one.mapped_to, date 'infinity')
)

select
    nearest.cds_server,
    nearest.cds_resource,
    case
        when several.cds_resource is not null then 'several'
        when nearest.place = 0 then 'direct'
        else 'bridged'
    end as mapping_status,
    nearest.mapped_through,
    nearest.site_id,
    nearest.meter_id,
    nearest.mapped_direction,
    nearest.mapped_from,
    nearest.mapped_to,
    meters.interval_seconds,
    sites.organization_id,
    sites.timezone
from nearest
inner join {{ ref('stg_cds_register__cds_sites') }} as sites using (site_id)
inner join {{ ref('stg_cds_register__cds_site_meters') }} as meters using (site_id, meter_id)
left join several using (cds_server, cds_resource)
