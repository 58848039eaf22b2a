{% if execute and not is_full_build() %}
    {% set asked = run_query(
        'select is_full_refresh or previous_as_of_utc is null from '
        ~ ref('stg_build__parameters')
    ).columns[0].values() %}
    {% if asked[0] %}
        {% do exceptions.raise_compiler_error(
            'raw/build/parameters.json asks for a full refresh (or knows no build before this one), '
            ~ 'but dbt was not started with --full-refresh. Run dbt build --full-refresh.'
        ) %}
    {% endif %}
{% endif %}

with arrived as (
    select
        received.site_id,
        received.meter_id,
        received.local_date,
        -- where an hour starts on the day before its interval does (zones off the full hour)
        cast(
            received.interval_start_local
            - (received.interval_start_utc - date_trunc('hour', received.interval_start_utc))
            as date
        ) as hour_date
    from {{ ref('int_readings_received') }} as received
    {% if not is_full_build() %}
    where {{ of_pending_receipts('received') }}
    {% endif %}
),

{% if not is_full_build() %}
keys_arrived as (
    select received.organization_id, received.counted_key
    from {{ ref('int_readings_received') }} as received
    where {{ of_pending_receipts('received') }} and received.counted_key is not null
),

judged_again as (
    select held.site_id, held.meter_id, held.local_date
    from {{ ref('int_readings_received') }} as held
    where (held.organization_id, held.counted_key) in (
        select (organization_id, counted_key) from keys_arrived
    )
),
{% endif %}

touched as (
    select site_id, meter_id, local_date from arrived
    union
    select site_id, meter_id, hour_date as local_date from arrived
    {% if not is_full_build() %}
    union
    select site_id, meter_id, local_date from judged_again
    {% endif %}
    union
    select passed.site_id, meters.meter_id, passed.local_date
    from {{ ref('int_site_days_touched') }} as passed
    inner join {{ ref('stg_register__meters') }} as meters using (site_id)
    where
        passed.is_passed
        and passed.local_date between meters.expected_from
        and coalesce(meters.expected_to + 1, passed.local_date)
),

windows as (
    select
        touched.site_id,
        touched.meter_id,
        touched.local_date,
        zone_days.day_start_utc,
        zone_days.day_end_utc,
        meters.interval_seconds,
        greatest(
            {{ next_interval('zone_days.day_start_utc', 'meters.interval_seconds') }},
            expected.expected_start_utc
        ) as expected_start_utc,
        least(
            {{ next_interval('zone_days.day_end_utc', 'meters.interval_seconds') }},
            expected.expected_end_utc
        ) as expected_end_utc,
        expected.site_id is not null as is_expected
    from touched
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('stg_register__meters') }} as meters using (site_id, meter_id)
    inner join {{ ref('int_zone_days') }} as zone_days
        on sites.timezone = zone_days.timezone
        and touched.local_date = zone_days.calendar_date
    -- a meter whose first expected day is still to come is not there
    left join {{ ref('int_meters_expected') }} as expected using (site_id, meter_id)
)

select
    site_id,
    meter_id,
    local_date,
    {{ month_of('local_date') }} as usage_month,
    day_start_utc,
    day_end_utc,
    interval_seconds,
    expected_start_utc,
    expected_end_utc,
    case
        when is_expected
            then {{ interval_count(
                'expected_start_utc', 'expected_end_utc', 'interval_seconds') }}
        else 0
    end as expected_intervals
from windows
order by local_date, site_id, meter_id
