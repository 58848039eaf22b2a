with resources as (
    select distinct cds_server, cds_resource, resource_kind, resource_id
    from {{ ref('int_cds_formats') }}
    where cds_value_type = 'electric_usage' and not is_aggregated
),

mapped as (
    select
        cds_server,
        cds_resource,
        min(mapping_status) as mapping_status,
        arg_min(timezone, struct_pack(a := site_id, b := meter_id)) as timezone,
        to_json(list(struct_pack(
            a := site_id,
            b := meter_id,
            c := mapped_direction,
            d := cast(mapped_from as varchar),
            e := cast(mapped_to as varchar),
            f := interval_seconds
        ) order by mapped_direction, site_id, meter_id, mapped_from, mapped_to)) as meters
    from {{ ref('int_cds_resource_meters') }}
    group by cds_server, cds_resource
),

-- a zone that the database does not know would end the build
servers as (
    select
        cds_server,
        arg_max(server_timezone, struct_pack(a := observed_at_utc, b := receipt_id)) as timezone
    from {{ ref('int_cds_listings') }}
    where server_timezone in (select name from pg_timezone_names())
    group by cds_server
),

placed as (
    select
        resources.*,
        coalesce(mapped.mapping_status, 'none') as mapping_status,
        coalesce(mapped.timezone, servers.timezone, 'UTC') as timezone,
        case
            when mapped.timezone is not null then 'site'
            when servers.timezone is not null then 'server'
            else 'utc'
        end as timezone_source,
        mapped.meters
    from resources
    left join mapped using (cds_server, cds_resource)
    left join servers using (cds_server)
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    mapping_status,
    timezone,
    timezone_source,
    md5(concat_ws('|', mapping_status, timezone, timezone_source, meters)) as mapping_digest
from placed
