-- An interval counts for the local day in which it starts, on the grid that UTC multiples of the
-- interval's length make.
with meters as (
    select
        meters.site_id,
        meters.meter_id,
        sites.timezone,
        meters.interval_seconds,
        first_days.day_start_utc as first_utc,
        last_days.day_end_utc as last_utc
    from {{ ref('stg_register__meters') }} as meters
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('int_zone_days') }} as first_days
        on sites.timezone = first_days.timezone
        and meters.expected_from = first_days.calendar_date
    -- a last day beyond the calendar lies in the future
    left join {{ ref('int_zone_days') }} as last_days
        on sites.timezone = last_days.timezone
        and meters.expected_to = last_days.calendar_date
)

select
    meters.site_id,
    meters.meter_id,
    meters.timezone,
    meters.interval_seconds,
    {{ next_interval('meters.first_utc', 'meters.interval_seconds') }} as expected_start_utc,
    least(
        {{ last_interval('parameters.as_of_utc', 'meters.interval_seconds') }},
        {{ next_interval('meters.last_utc', 'meters.interval_seconds') }}
    ) as expected_end_utc,
    coalesce(
        {{ last_interval('parameters.as_of_utc', 'meters.interval_seconds') }}
        < {{ next_interval('meters.last_utc', 'meters.interval_seconds') }},
        true
    ) as is_still_expected
from meters
cross join {{ ref('stg_build__parameters') }} as parameters
