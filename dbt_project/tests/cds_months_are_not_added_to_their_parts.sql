{{ config(tags=['cds'], meta={'dagster': {'ref': {'name': 'fct_cds_energy_hourly'}}}) }}

-- Hours that are made of intervals longer than an hour, or cover more than themselves.
select cds_server, cds_resource, cds_hour_start_utc, source_seconds
from {{ ref('fct_cds_energy_hourly') }}
where source_seconds > 3600
