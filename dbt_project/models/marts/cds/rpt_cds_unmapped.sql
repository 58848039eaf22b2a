-- What of the electric usage stands in no reading, why, and what to add.
with shared_meters as (
    select site_id, meter_id
    from {{ ref('int_cds_resource_meters') }}
    group by site_id, meter_id
    having count(distinct (cds_server, cds_resource, mapped_direction)) > 1
),

read as (
    select site_id, meter_id, interval_start_utc, receipt_id, line_number, flow_direction
    from {{ ref('int_cds_readings') }}
    semi join shared_meters using (site_id, meter_id)
),

doubled as (
    select
        candidates.cds_server,
        candidates.cds_resource,
        candidates.cds_interval_seconds,
        candidates.interval_start_utc,
        candidates.cds_interval_end_utc,
        candidates.energy_kwh
    from {{ ref('int_cds_reading_candidates') }} as candidates
    semi join shared_meters using (site_id, meter_id)
    anti join read using (
        site_id, meter_id, interval_start_utc, receipt_id, line_number, flow_direction)
    where candidates.obstacle is null
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    cds_interval_seconds,
    obstacle,
    obstacle_line,
    row_count,
    rows_kwh,
    first_start_utc,
    last_end_utc
from {{ ref('int_cds_unread') }}
union all
select
    doubled.cds_server,
    doubled.cds_resource,
    any_value(resources.resource_kind) as resource_kind,
    any_value(resources.resource_id) as resource_id,
    doubled.cds_interval_seconds,
    'another thing gives the same interval of the meter' as obstacle,
    null as obstacle_line,
    count(*) as row_count,
    sum(doubled.energy_kwh) as rows_kwh,
    min(doubled.interval_start_utc) as first_start_utc,
    max(doubled.cds_interval_end_utc) as last_end_utc
from doubled
inner join {{ ref('int_cds_resources') }} as resources using (cds_server, cds_resource)
group by doubled.cds_server, doubled.cds_resource, doubled.cds_interval_seconds
