{{ config(materialized='incremental', incremental_strategy='replace_gaps') }}

-- Pieces of one gap join where one day's last missing interval ends and the next day's first
-- begins. Only gaps that overlap a touched day or border on one can have changed: their pieces
-- are joined anew.
with pieces as (
    select *
    from {{ ref('int_intervals_missing') }} as missing
    where
        ({{ in_touched_days('missing') }})
        {% if is_incremental() %}
        or exists (
            select 1
            from {{ this }} as held
            where
                held.site_id = missing.site_id
                and held.meter_id = missing.meter_id
                and missing.missing_start_utc >= held.gap_start_utc
                and missing.missing_start_utc < held.gap_end_utc
                and {{ borders_touched_day('held') }}
        )
        {% endif %}
),

marked as (
    select
        *,
        missing_start_utc is distinct from lag(missing_end_utc) over (
            partition by site_id, meter_id order by missing_start_utc
        ) as is_gap_start
    from pieces
),

numbered as (
    select
        *,
        count_if(is_gap_start) over (
            partition by site_id, meter_id order by missing_start_utc
            rows unbounded preceding
        ) as gap_number
    from marked
),

gaps as (
    select
        site_id,
        meter_id,
        min(missing_start_utc) as gap_start_utc,
        max(missing_end_utc) as gap_end_utc,
        cast(sum(missing_intervals) as bigint) as missing_intervals
    from numbered
    group by site_id, meter_id, gap_number
)

select
    gaps.site_id,
    gaps.meter_id,
    gaps.gap_start_utc,
    gaps.gap_end_utc,
    {{ local_time('gaps.gap_start_utc', 'zone_days') }} as gap_start_local,
    gaps.missing_intervals,
    gaps.missing_intervals * expected.interval_seconds / 3600 as gap_hours,
    gaps.gap_end_utc = expected.expected_end_utc and expected.is_still_expected as is_open,
    gaps.missing_intervals * expected.interval_seconds >= 3 * 3600 as is_alarm
from gaps
inner join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
inner join {{ ref('int_zone_days') }} as zone_days
    on {{ zone_day_of('gaps.gap_start_utc', 'expected.timezone', 'zone_days') }}
order by gaps.gap_start_utc, gaps.site_id, gaps.meter_id
