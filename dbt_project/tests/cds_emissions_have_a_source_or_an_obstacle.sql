{{ config(tags=['cds'], meta={'dagster': {'ref': {'name': 'fct_cds_emissions_hourly'}}}) }}

-- Hours whose greenhouse gases are stated without a source, or lack without a reason.
select cds_server, cds_resource, cds_hour_start_utc, hour_g, emission_source, obstacle
from {{ ref('fct_cds_emissions_hourly') }}
where (hour_g is null) <> (obstacle is not null) or (hour_g is null) <> (emission_source is null)
