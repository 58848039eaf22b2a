{{ config(tags=['cds'], meta={'dagster': {'ref': {'name': 'fct_cds_supply_mix'}}}) }}

-- Intervals of which more than one set of attributions counts.
select segment_version_id, set_position, described_position
from {{ ref('fct_cds_supply_mix') }}
where is_counted
group by segment_version_id, set_position, described_position
having count(distinct coalesce(supply_attribution, '') = 'base') > 1
