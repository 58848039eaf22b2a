-- An interval counts for the local day in which it starts. A meter whose first expected day is
-- still to come is not here.
with meters as (
    select
        meters.site_id,
        meters.meter_id,
        sites.timezone,
        meters.interval_seconds,
        first_days.day_start_utc as expected_start_utc,
        last_days.day_end_utc as last_end_utc,
        {{ last_interval_end(
            'first_days.day_start_utc', 'parameters.as_of_utc', 'meters.interval_seconds'
        ) }} as ended_until_utc
    from {{ ref('stg_register__meters') }} as meters
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    cross join {{ ref('stg_build__parameters') }} as parameters
    inner join {{ ref('int_zone_days') }} as first_days
        on sites.timezone = first_days.timezone
        and meters.expected_from = first_days.calendar_date
    -- a last day beyond the calendar lies in the future
    left join {{ ref('int_zone_days') }} as last_days
        on sites.timezone = last_days.timezone
        and meters.expected_to = last_days.calendar_date
    where first_days.day_start_utc <= parameters.as_of_utc
)

select
    site_id,
    meter_id,
    timezone,
    interval_seconds,
    expected_start_utc,
    least(ended_until_utc, coalesce(last_end_utc, ended_until_utc)) as expected_end_utc,
    ended_until_utc < coalesce(last_end_utc, timestamp '9999-12-31') as is_still_expected
from meters
