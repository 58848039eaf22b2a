{{ refuse_partial_build(ref('stg_build__parameters')) }}

with arrived as (
    select
        received.site_id,
        received.meter_id,
        received.local_date
    from {{ ref('int_readings_received') }} as received
    where {{ of_pending_receipts('received', is_restricted=not is_full_build()) }}
),

{% if not is_full_build() %}
keys_arrived as (
    select received.organization_id, received.counted_key
    from {{ ref('int_readings_received') }} as received
    where
        {{ of_pending_receipts('received', is_restricted=true) }}
        and received.counted_key is not null
),

judged_again as (
    select held.site_id, held.meter_id, held.local_date
    from {{ ref('int_readings_received') }} as held
    semi join keys_arrived using (organization_id, counted_key)
),
{% endif %}

touched as (
    select site_id, meter_id, local_date from arrived
    union
    select site_id, meter_id, local_date from {{ ref('stg_cds_hand_over__cds_days') }}
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
        greatest(zone_days.day_start_utc, expected.expected_start_utc) as expected_start_utc,
        least(zone_days.day_end_utc, expected.expected_end_utc) as expected_end_utc,
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
