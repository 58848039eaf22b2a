-- Meters that servers list, with usage or without, and the register's meters that they stand for.
-- The mapping nearest to a meter counts: its own, its points', their contracts', the account's.
with recursive meters as (
    select
        versions.cds_server,
        content.cds_meterdevice_id,
        content.meter_number,
        content.meter_types,
        commodities.is_electric
    from {{ ref('int_cds_object_versions') }} as versions
    inner join {{ ref('int_cds_meter_devices') }} as content using (object_version_id)
    left join {{ ref('int_cds_object_commodities') }} as commodities
        on versions.cds_server = commodities.cds_server
        and commodities.resource_kind = 'meter_device'
        and content.cds_meterdevice_id = commodities.resource_id
    where versions.is_current and versions.withdrawn_at_utc is null
),

climbs as (
    select
        cds_server,
        cds_meterdevice_id,
        'meter_device' as kind,
        cds_meterdevice_id as id,
        0 as rung
    from meters
    union
    select
        climbs.cds_server,
        climbs.cds_meterdevice_id,
        edges.to_kind as kind,
        edges.to_id as id,
        climbs.rung + 1 as rung
    from climbs
    inner join {{ ref('int_cds_object_edges') }} as edges
        on climbs.cds_server = edges.cds_server
        and climbs.kind = edges.from_kind
        and climbs.id = edges.from_id
        and (edges.from_kind, edges.to_kind) in (
            ('meter_device', 'service_point'),
            ('service_point', 'service_contract'),
            ('service_contract', 'account')
        )
),

named as (
    select *, cds_reference as object_id
    from {{ ref('stg_cds_register__cds_meters') }}
    union
    select mapped.*, numbers.object_id
    from {{ ref('stg_cds_register__cds_meters') }} as mapped
    inner join {{ ref('int_cds_object_numbers') }} as numbers
        on mapped.cds_server = numbers.cds_server
        and mapped.resource_kind = numbers.object_kind
        and mapped.cds_reference = numbers.visible_number
),

reached as (
    select
        climbs.cds_server,
        climbs.cds_meterdevice_id,
        climbs.rung,
        named.site_id,
        named.meter_id,
        named.mapped_direction,
        named.mapped_from,
        named.mapped_to,
        min(named.resource_kind || '/' || named.cds_reference) as mapped_through
    from climbs
    inner join named
        on climbs.cds_server = named.cds_server
        and climbs.kind = named.resource_kind
        and climbs.id = named.object_id
    group by all
),

nearest as (
    select *
    from reached
    qualify rung = min(rung) over (partition by cds_server, cds_meterdevice_id)
)

select
    meters.cds_server,
    meters.cds_meterdevice_id,
    meters.meter_number,
    meters.meter_types,
    meters.is_electric,
    resources.cds_resource is not null as has_usage,
    case
        when resources.mapping_status is not null then resources.mapping_status
        when nearest.rung is null then 'none'
        when nearest.rung = 0 then 'direct'
        else 'bridged'
    end as mapping_status,
    nearest.mapped_through,
    nearest.site_id,
    nearest.meter_id,
    nearest.mapped_direction,
    nearest.mapped_from,
    nearest.mapped_to,
    case
        when nearest.rung is null and coalesce(meters.is_electric, true)
            then concat_ws(
                ',',
                {{ csv_text('meters.cds_server') }},
                'meter_device',
                {{ csv_text('meters.cds_meterdevice_id') }},
                'SITE',
                'METER',
                'forward',
                '',
                ''
            )
    end as mapping_line
from meters
left join nearest using (cds_server, cds_meterdevice_id)
left join {{ ref('int_cds_resources') }} as resources
    on meters.cds_server = resources.cds_server
    and resources.cds_resource = 'meter_device/' || meters.cds_meterdevice_id
