{{ config(tags=['readings'], meta={'dagster': {'ref': {'name': 'fct_gaps'}}}) }}

-- Gaps of one meter that overlap or touch: they would have to be one gap.
select
    site_id,
    meter_id,
    gap_start_utc,
    next_gap_start_utc
from (
    select
        site_id,
        meter_id,
        gap_start_utc,
        gap_end_utc,
        lead(gap_start_utc) over (partition by site_id, meter_id order by gap_start_utc)
            as next_gap_start_utc
    from {{ ref('fct_gaps') }}
)
where next_gap_start_utc <= gap_end_utc
