{{ config(materialized='incremental', incremental_strategy='append') }}

-- A day is added once; the zones can only change with the register, which rebuilds all.
with zones as (
    select distinct timezone from {{ ref('stg_register__sites') }}
),

horizon as (
    select cast(as_of_utc as date) + 2 as last_date
    from {{ ref('stg_build__parameters') }}
),

days as (
    select
        zones.timezone,
        cast(unnest(generate_series(
            {% if is_incremental() %}
            (select max(known.calendar_date) + 1 from {{ this }} as known),
            {% else %}
            date '{{ var('first_calendar_date') }}',
            {% endif %}
            -- one day more, whose start is the last day's end
            horizon.last_date + 1,
            interval 1 day
        )) as date) as calendar_date
    from zones
    cross join horizon
),

offsets as (
    select
        timezone,
        calendar_date,
        {{ utc_offset_seconds('cast(calendar_date as timestamp)', 'timezone') }} as offset_before,
        {{ utc_offset_seconds('cast(calendar_date + 1 as timestamp)', 'timezone') }}
            as offset_after
    from days
),

quarters as (
    select
        timezone,
        calendar_date,
        offset_before,
        unnest(generate_series(
            cast(calendar_date as timestamp),
            cast(calendar_date as timestamp) + interval 1425 minute,
            interval 15 minute
        )) as quarter_utc
    from offsets
    where offset_before <> offset_after
),

changes as (
    select
        timezone,
        calendar_date,
        min(quarter_utc) as offset_changes_at_utc
    from quarters
    where {{ utc_offset_seconds('quarter_utc', 'timezone') }} <> offset_before
    group by timezone, calendar_date
),

-- The first instant of the zone's own day, tried with the offsets that can hold there. Where the
-- clock goes back over midnight the first of the two midnights counts; where it jumps over
-- midnight no candidate reads 00:00 and the first instant after the jump counts.
candidates as (
    select
        timezone,
        calendar_date,
        cast(calendar_date as timestamp)
            - to_seconds({{ utc_offset_seconds(
                "cast(calendar_date as timestamp) - interval 1 day", 'timezone') }}) as earlier,
        cast(calendar_date as timestamp)
            - to_seconds({{ utc_offset_seconds(
                "cast(calendar_date as timestamp) + interval 1 day", 'timezone') }}) as later
    from offsets
),

starts as (
    select
        timezone,
        calendar_date,
        case
            when cast(least(earlier, later) + to_seconds(
                {{ utc_offset_seconds('least(earlier, later)', 'timezone') }}
            ) as date) = calendar_date then least(earlier, later)
            else greatest(earlier, later)
        end as day_start_utc
    from candidates
),

bounded as (
    select
        *,
        lead(day_start_utc) over (partition by timezone order by calendar_date) as day_end_utc
    from starts
)

select
    offsets.timezone,
    offsets.calendar_date,
    offsets.offset_before as offset_before_seconds,
    coalesce(
        changes.offset_changes_at_utc, cast(offsets.calendar_date + 1 as timestamp)
    ) as offset_changes_at_utc,
    offsets.offset_after as offset_after_seconds,
    bounded.day_start_utc,
    bounded.day_end_utc
from offsets
inner join bounded using (timezone, calendar_date)
left join changes using (timezone, calendar_date)
where bounded.day_end_utc is not null
order by offsets.calendar_date, offsets.timezone
