-- Instants between which a section's local days lie, in the zone of the site that its meters are
-- mapped to, else of the server, else UTC.
with servers as (
    select
        cds_server,
        arg_max(server_timezone, struct_pack(a := observed_at_utc, b := receipt_id)) as timezone
    from {{ ref('int_cds_listings') }}
    where server_timezone in (select name from pg_timezone_names())
    group by cds_server
),

sites as (
    select
        resources.cds_server,
        resources.cds_billsection_id,
        min_by(meters.timezone, (resources.match_rank, meters.site_id, meters.meter_id))
            as timezone
    from {{ ref('int_cds_bill_resources') }} as resources
    inner join {{ ref('int_cds_resource_meters') }} as meters using (cds_server, cds_resource)
    group by resources.cds_server, resources.cds_billsection_id
),

zoned as (
    select
        sections.cds_server,
        sections.cds_billsection_id,
        sections.object_version_id,
        sections.section_start_date,
        sections.section_end_date,
        coalesce(sites.timezone, servers.timezone, 'UTC') as timezone,
        case
            when sites.timezone is not null then 'site'
            when servers.timezone is not null then 'server'
            else 'utc'
        end as timezone_source
    from {{ ref('int_cds_bill_sections_current') }} as sections
    left join sites using (cds_server, cds_billsection_id)
    left join servers using (cds_server)
)

select
    cds_server,
    cds_billsection_id,
    object_version_id,
    section_start_date,
    section_end_date,
    timezone,
    timezone_source,
    {{ local_day_start_utc('section_start_date', 'timezone') }} as bill_start_utc,
    {{ local_day_start_utc('section_end_date + 1', 'timezone') }} as bill_end_utc
from zoned
