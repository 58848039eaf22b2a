{{ config(tags=['cds'], meta={'dagster': {'ref': {'name': 'fct_usage_intervals'}}}) }}

-- Versions whose intervals count although they were superseded or withdrawn.
select held.segment_version_id, versions.version_status
from (select distinct segment_version_id from {{ ref('fct_usage_intervals') }}) as held
left join {{ ref('fct_usage_segments') }} as versions using (segment_version_id)
where versions.version_status is distinct from 'current'
