-- An episode is a run of flagged hours of one meter and rule in which no silence is longer than
-- the rule allows. Its identity is where it starts, so it stays the same while it grows.
with flagged as (
    select
        flagged.*,
        hours.hour_start_local,
        hours.price_per_kwh,
        hours.currency,
        hours.kgco2e_per_kwh,
        coalesce(counted.counted_kwh, 0) as counted_kwh,
        coalesce(
            date_diff(
                'hour',
                lag(flagged.hour_start_utc) over by_rule + interval 1 hour,
                flagged.hour_start_utc
            ) > {{ bridged_hours('flagged.rule') }},
            true
        ) as is_first
    from {{ ref('stg_analysis__flagged_hours') }} as flagged
    left join {{ ref('int_site_hours') }} as hours using (site_id, hour_start_utc)
    left join {{ ref('stg_analysis__avoidable_hours') }} as counted
        using (site_id, meter_id, rule, hour_start_utc)
    window by_rule as (
        partition by flagged.site_id, flagged.meter_id, flagged.rule
        order by flagged.hour_start_utc
    )
),

numbered as (
    select
        *,
        sum(cast(is_first as integer)) over (
            partition by site_id, meter_id, rule order by hour_start_utc rows unbounded preceding
        ) as episode_number
    from flagged
),

episodes as (
    select
        site_id,
        meter_id,
        rule,
        min(hour_start_utc) as first_interval_utc,
        max(hour_start_utc) as last_interval_utc,
        min_by(hour_start_local, hour_start_utc) as first_interval_local,
        max_by(hour_start_local, hour_start_utc) as last_interval_local,
        count(*) as episode_hours,
        {{ sum_kwh('level_kwh') }} / count(*) as level_kwh,
        {{ sum_kwh('reference_kwh') }} / count(*) as reference_kwh,
        {{ sum_kwh('reference_kwh') }} as reference_sum_kwh,
        {{ sum_kwh('excess_kwh') }} as excess_kwh,
        {{ sum_kwh('excess_low_kwh') }} as excess_low_kwh,
        {{ sum_kwh('excess_high_kwh') }} as excess_high_kwh,
        {{ sum_kwh('counted_kwh') }} as counted_kwh,
        {{ sum_currency() }} as currency,
        {{ sum_cost('excess_kwh') }} as cost,
        {{ sum_cost('excess_low_kwh') }} as cost_low,
        {{ sum_cost('excess_high_kwh') }} as cost_high,
        {{ sum_kgco2e('excess_kwh') }} as kgco2e,
        {{ sum_kwh('score') }} / count(*) as score
    from numbered
    group by site_id, meter_id, rule, episode_number
),

judged as (
    select
        *,
        {{ episode_severity('rule', 'excess_kwh', 'reference_sum_kwh', 'episode_hours') }}
            as severity
    from episodes
)

select
    md5(concat_ws(
        '|', site_id, meter_id, rule, strftime(first_interval_utc, '%Y-%m-%dT%H:%M:%SZ')
    )) as episode_id,
    site_id,
    meter_id,
    rule,
    severity,
    first_interval_utc,
    last_interval_utc,
    first_interval_local,
    last_interval_local,
    episode_hours,
    level_kwh,
    reference_kwh,
    excess_kwh,
    excess_low_kwh,
    excess_high_kwh,
    counted_kwh,
    currency,
    cost,
    cost_low,
    cost_high,
    kgco2e,
    score,
    {{ episode_is_actionable('excess_low_kwh', 'episode_hours', 'severity') }} as is_actionable,
    'open' as episode_status,
    cast(null as varchar) as root_cause,
    cast(null as varchar) as owner,
    cast(null as varchar) as note
from judged
order by first_interval_utc, site_id, meter_id, rule
