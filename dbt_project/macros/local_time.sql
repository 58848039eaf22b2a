{#
    The zone arithmetic of the project. `local_time` reads a UTC clock as the clock of the site:
    the argument `zone_day` is the alias of an int_zone_days row of the same zone and UTC day.
    Looking the offset up is some fifty times faster than timezone() with a zone in a column.
#}
{% macro local_time(utc, zone_day) -%}
    ({{ utc }} + to_seconds(
        case
            when {{ utc }} < {{ zone_day }}.offset_changes_at_utc
                then {{ zone_day }}.offset_before_seconds
            else {{ zone_day }}.offset_after_seconds
        end
    ))
{%- endmacro %}

{% macro zone_day_of(utc, zone, zone_day) -%}
    {{ zone_day }}.timezone = {{ zone }}
    and {{ zone_day }}.calendar_date = cast({{ utc }} as date)
{%- endmacro %}

{# Local less UTC time of an instant, in seconds; the only place that asks the zone database. #}
{% macro utc_offset_seconds(utc, zone) -%}
    cast(
        epoch(timezone({{ zone }}, timezone('UTC', {{ utc }}))) - epoch({{ utc }}) as integer
    )
{%- endmacro %}

{#
    Offsets and day bounds of zones, for the model int_zone_days and its like: the CTEs and the
    query behind a CTE `days` of timezone and calendar_date. Every zone needs its days in one run
    without a gap, and one day more than is wanted, whose start is the last day's end.
#}
{% macro zone_days() -%}
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
{%- endmacro %}
