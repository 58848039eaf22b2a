-- Made after the facts: a build that was killed before has them made again.
-- depends_on: {{ ref('fct_cds_energy_hourly') }}
-- depends_on: {{ ref('fct_cds_emissions_hourly') }}
-- depends_on: {{ ref('int_cds_reading_candidates') }}
-- depends_on: {{ ref('int_cds_unread') }}
select cds_server, cds_resource, mapping_digest
from {{ ref('int_cds_resources') }}
