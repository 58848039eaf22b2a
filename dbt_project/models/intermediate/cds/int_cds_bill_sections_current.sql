-- Sections as they now are, without those that the server withdrew; with the number of their
-- electric meters, which tells a reading of each meter from one reading said twice.
with meters as (
    select relations.object_version_id, count(*) as meter_count
    from {{ ref('int_cds_object_relations') }} as relations
    left join {{ ref('int_cds_object_commodities') }} as commodities
        on relations.cds_server = commodities.cds_server
        and relations.to_kind = commodities.resource_kind
        and relations.to_id = commodities.resource_id
    where
        relations.from_kind = 'bill_section'
        and relations.to_kind = 'meter_device'
        and coalesce(commodities.is_electric, true)
    group by relations.object_version_id
)

select
    sections.cds_server,
    sections.cds_billsection_id,
    sections.object_version_id,
    sections.section_start_date,
    sections.section_end_date,
    coalesce(meters.meter_count, 0) as meter_count
from {{ ref('int_cds_bill_sections') }} as sections
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
left join meters using (object_version_id)
where versions.is_current and versions.withdrawn_at_utc is null
