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

{{ zone_days() }}
