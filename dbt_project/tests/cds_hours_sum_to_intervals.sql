{{ config(tags=['cds'], meta={'dagster': {'ref': {'name': 'fct_cds_hourly'}}}) }}

-- Series whose hours and longer intervals do not sum to their intervals, to the last digit.
with hours as (
    select series_id, sum(hour_quantity) as quantity, sum(hour_kwh) as kwh
    from {{ ref('fct_cds_hourly') }}
    group by series_id
),

intervals as (
    select
        series_id,
        sum(cds_value) as quantity,
        sum(energy_kwh) as kwh
    from {{ ref('fct_usage_intervals') }}
    where
        (cds_value_type like '%\_usage' escape '\' or cds_value_type = 'eacs_applied')
        and cds_interval_seconds <= 3600
    group by series_id
)

select
    series_id,
    hours.kwh as hours_kwh,
    intervals.kwh as intervals_kwh,
    hours.quantity as hours_quantity,
    intervals.quantity as intervals_quantity
from hours
full outer join intervals using (series_id)
where hours.kwh is distinct from intervals.kwh
    or hours.quantity is distinct from intervals.quantity
