{{ config(materialized='incremental', incremental_strategy='replace_site_days') }}

with days as (
    select
        touched.site_id,
        touched.local_date,
        zone_days.day_start_utc,
        zone_days.day_end_utc,
        cast(isodow(touched.local_date) - 1 as integer) as weekday
    from {{ ref('int_site_days_touched') }} as touched
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('int_zone_days') }} as zone_days
        on sites.timezone = zone_days.timezone
        and touched.local_date = zone_days.calendar_date
),

hours_known as (
    select
        days.site_id,
        days.local_date,
        bool_or(days.weekday = hours.weekday) as is_weekday_worked
    from days
    inner join {{ ref('stg_register__operating_hours') }} as hours
        on days.site_id = hours.site_id
        and days.local_date >= hours.valid_from
        and days.local_date <= coalesce(hours.valid_to, days.local_date)
    group by days.site_id, days.local_date
),

closed as (
    select distinct days.site_id, days.local_date
    from days
    inner join {{ ref('stg_register__closures') }} as closures
        on days.site_id = closures.site_id
        and days.local_date between closures.first_day and closures.last_day
),

judged as (
    select
        days.*,
        holidays.site_id is not null as is_holiday,
        closed.site_id is not null as is_closure,
        hours_known.site_id is not null as has_operating_hours,
        coalesce(hours_known.is_weekday_worked, false) as is_weekday_worked
    from days
    left join hours_known using (site_id, local_date)
    left join closed using (site_id, local_date)
    left join {{ ref('stg_register__public_holidays') }} as holidays using (site_id, local_date)
)

select
    site_id,
    local_date,
    day_start_utc,
    day_end_utc,
    weekday,
    is_weekday_worked and not is_holiday and not is_closure as is_working_day,
    is_holiday,
    is_closure,
    has_operating_hours
from judged
order by local_date, site_id
