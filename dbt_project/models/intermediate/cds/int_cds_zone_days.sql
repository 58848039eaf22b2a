-- Made anew each time: zones come with servers and sites, days with segments.
with zones as (
    select distinct timezone from {{ ref('int_cds_resources') }}
),

spans as (
    select
        cast(min(first_start_utc) as date) - 2 as first_date,
        cast(max(last_end_utc) as date) + 2 as last_date
    from {{ ref('int_cds_formats') }}
    where cds_value_type = 'electric_usage' and not is_aggregated
),

days as (
    select
        zones.timezone,
        -- one day more, whose start is the last day's end
        cast(unnest(generate_series(
            spans.first_date, spans.last_date + 1, interval 1 day
        )) as date) as calendar_date
    from zones
    cross join spans
),

{{ zone_days() }}
