{{ config(materialized='incremental', incremental_strategy='replace_site_days') }}

with days as (
    select *
    from {{ ref('int_site_days') }} as site_days
    where {{ in_touched_site_days('site_days') }}
),

hour_starts as (
    select
        days.* exclude (day_start_utc, day_end_utc),
        unnest(generate_series(
            days.day_start_utc, days.day_end_utc - interval 1 second, interval 1 hour
        )) as hour_start_utc
    from days
),

hours as (
    select
        hour_starts.*,
        sites.country,
        sites.station_id,
        {{ local_time('hour_starts.hour_start_utc', 'zone_days') }} as hour_start_local
    from hour_starts
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('int_zone_days') }} as zone_days
        on {{ zone_day_of('hour_starts.hour_start_utc', 'sites.timezone', 'zone_days') }}
    cross join {{ ref('stg_build__parameters') }} as parameters
    where hour_starts.hour_start_utc + interval 1 hour <= parameters.as_of_utc
),

-- A shift belongs to the day on which it starts, also for the part after midnight: on the night
-- before a holiday it is worked, on the holiday's own night it is not.
shifts as (
    select
        site_days.site_id,
        site_days.local_date as shift_date,
        site_days.local_date + to_minutes({{ minute_of('worked.opens') }}) as opens_local,
        site_days.local_date + to_minutes(
            {{ minute_of('worked.closes') }}
            + case
                when {{ minute_of('worked.closes') }} <= {{ minute_of('worked.opens') }} then 1440
                else 0
            end
        ) as closes_local
    from {{ ref('int_site_days') }} as site_days
    inner join {{ ref('stg_register__operating_hours') }} as worked
        on site_days.site_id = worked.site_id
        and site_days.weekday = worked.weekday
        and site_days.local_date >= worked.valid_from
        and site_days.local_date <= coalesce(worked.valid_to, site_days.local_date)
    where
        site_days.is_working_day
        {% if is_incremental() %}
        and site_days.local_date >= (select min(days.local_date) - 1 from days)
        {% endif %}
),

shift_days as (
    select shifts.*, shift_date as covered_date from shifts
    union all
    select shifts.*, shift_date + 1 as covered_date from shifts
    where closes_local > shift_date + interval 1 day
),

worked_hours as (
    select distinct hours.site_id, hours.hour_start_utc
    from hours
    inner join shift_days
        on hours.site_id = shift_days.site_id
        and hours.local_date = shift_days.covered_date
    where
        shift_days.opens_local < hours.hour_start_local + interval 1 hour
        and shift_days.closes_local > hours.hour_start_local
),

-- bands may run over midnight or over the week's end; of two prices the one in force later counts
prices as (
    select
        hours.site_id,
        hours.hour_start_utc,
        arg_max(
            struct_pack(price_per_kwh := tariffs.price_per_kwh, currency := tariffs.currency),
            struct_pack(a := tariffs.valid_from, b := tariffs.hour_from, c := tariffs.weekday_from)
        ) as priced
    from hours
    inner join {{ ref('stg_register__tariffs') }} as tariffs
        on hours.site_id = tariffs.site_id
        and hours.local_date >= tariffs.valid_from
        and hours.local_date <= coalesce(tariffs.valid_to, hours.local_date)
    where
        {{ in_cyclic_band(
            'hour(hours.hour_start_local)', 'tariffs.hour_from', 'tariffs.hour_to - 1') }}
        and {{ in_cyclic_band('hours.weekday', 'tariffs.weekday_from', 'tariffs.weekday_to') }}
    group by hours.site_id, hours.hour_start_utc
),

factors as (
    select
        sites.site_id,
        factors.year,
        arg_max(factors.kgco2e_per_kwh, factors.site_id is not null) as kgco2e_per_kwh
    from {{ ref('stg_register__emission_factors') }} as factors
    inner join {{ ref('stg_register__sites') }} as sites
        on factors.site_id = sites.site_id
        or (factors.site_id is null and factors.country = sites.country)
    group by sites.site_id, factors.year
),

observations as (
    select sites.site_id, true as is_own, received.* exclude (site_id)
    from {{ ref('int_temperatures_received') }} as received
    inner join {{ ref('stg_register__sites') }} as sites on received.site_id = sites.site_id
    union all
    select sites.site_id, false as is_own, received.* exclude (site_id)
    from {{ ref('int_temperatures_received') }} as received
    inner join {{ ref('stg_register__sites') }} as sites on received.station_id = sites.station_id
),

latest_observations as (
    select
        site_id,
        is_own,
        observed_at_utc,
        arg_max(
            temperature_c,
            struct_pack(a := received_at_utc, b := receipt_id, c := line_number)
        ) as temperature_c
    from observations
    {% if is_incremental() %}
    where
        observed_at_utc >= (select min(hours.hour_start_utc) from hours)
        and observed_at_utc < (select max(hours.hour_start_utc) + interval 1 hour from hours)
    {% endif %}
    group by site_id, is_own, observed_at_utc
),

-- the mean of decimals does not depend on the order of rows
hourly_means as (
    select
        hours.site_id,
        hours.hour_start_utc,
        latest_observations.is_own,
        avg(cast(latest_observations.temperature_c as decimal(12, 6))) as temperature_c
    from latest_observations
    asof join hours
        on latest_observations.site_id = hours.site_id
        and latest_observations.observed_at_utc >= hours.hour_start_utc
    where latest_observations.observed_at_utc < hours.hour_start_utc + interval 1 hour
    group by hours.site_id, hours.hour_start_utc, latest_observations.is_own
),

temperatures as (
    select
        site_id,
        hour_start_utc,
        arg_max(temperature_c, is_own) as temperature_c
    from hourly_means
    group by site_id, hour_start_utc
)

select
    hours.site_id,
    hours.hour_start_utc,
    hours.hour_start_local,
    hours.local_date,
    cast(hour(hours.hour_start_local) as integer) as local_hour,
    hours.weekday,
    {{ month_of('hours.local_date') }} as usage_month,
    worked_hours.site_id is not null as is_operating,
    hours.is_working_day,
    hours.is_holiday,
    hours.is_closure,
    hours.has_operating_hours,
    prices.priced.price_per_kwh as price_per_kwh,
    prices.priced.currency as currency,
    temperatures.temperature_c,
    factors.kgco2e_per_kwh
from hours
left join worked_hours using (site_id, hour_start_utc)
left join prices using (site_id, hour_start_utc)
left join temperatures using (site_id, hour_start_utc)
left join factors
    on hours.site_id = factors.site_id
    and year(hours.local_date) = factors.year
order by hours.hour_start_utc, hours.site_id
