with sites as (
    select
        sites.site_id,
        sites.station_id,
        sites.timezone,
        min(meters.expected_from) as first_date
    from {{ ref('stg_register__sites') }} as sites
    inner join {{ ref('stg_register__meters') }} as meters using (site_id)
    group by sites.site_id, sites.station_id, sites.timezone
),

bounds as (
    select
        sites.*,
        {% if is_full_build() -%}
        sites.first_date as passed_from,
        {%- else -%}
        -- an interval that ends after the last build may have started a day before it
        greatest(
            sites.first_date,
            cast({{ local_time('parameters.previous_as_of_utc', 'previous') }} as date) - 1
        ) as passed_from,
        {%- endif %}
        cast({{ local_time('parameters.as_of_utc', 'current') }} as date) as last_date
    from sites
    cross join {{ ref('stg_build__parameters') }} as parameters
    inner join {{ ref('int_zone_days') }} as current
        on {{ zone_day_of('parameters.as_of_utc', 'sites.timezone', 'current') }}
    {%- if not is_full_build() %}
    inner join {{ ref('int_zone_days') }} as previous
        on {{ zone_day_of('parameters.previous_as_of_utc', 'sites.timezone', 'previous') }}
    {%- endif %}
),

passed as (
    select
        site_id,
        cast(unnest(generate_series(passed_from, last_date, interval 1 day)) as date)
            as local_date
    from bounds
),

warmed as (
    select distinct
        bounds.site_id,
        cast({{ local_time('received.observed_at_utc', 'zone_days') }} as date) as local_date
    from {{ ref('int_temperatures_received') }} as received
    inner join bounds
        on received.site_id = bounds.site_id
        or received.station_id = bounds.station_id
    inner join {{ ref('int_zone_days') }} as zone_days
        on {{ zone_day_of('received.observed_at_utc', 'bounds.timezone', 'zone_days') }}
    where
        {{ of_pending_receipts('received', is_restricted=not is_full_build()) }}
        -- on a full refresh the clock has passed all days anyway
        and {{ not is_full_build() }}
        and cast({{ local_time('received.observed_at_utc', 'zone_days') }} as date)
            between bounds.first_date and bounds.last_date
)

select
    site_id,
    local_date,
    bool_or(is_passed) as is_passed
from (
    select site_id, local_date, true as is_passed from passed
    union all
    select site_id, local_date, false as is_passed from warmed
)
group by site_id, local_date
