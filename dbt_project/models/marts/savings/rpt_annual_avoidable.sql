-- The year's avoidable energy is priced at the mean of the counted hours, weighted by their energy;
-- where nothing is counted, at the mean of the site's own hours. Weights and prices are decimals;
-- the mean is rounded to the tariff's six decimals.
with counted as (
    select
        counted.site_id,
        {{ decimal_kwh('counted.counted_kwh') }} as energy_kwh,
        hours.price_per_kwh,
        hours.currency
    from {{ ref('stg_analysis__avoidable_hours') }} as counted
    left join {{ ref('int_site_hours') }} as hours using (site_id, hour_start_utc)
    where counted.counted_kwh > 0
),

used as (
    select
        sites.site_id,
        {{ decimal_kwh('usage.hour_usage_kwh') }} as energy_kwh,
        hours.price_per_kwh,
        hours.currency
    from {{ ref('stg_analysis__annual_avoidable') }} as annual
    inner join {{ ref('dim_sites') }} as sites using (site_id)
    inner join {{ ref('fct_usage_hourly') }} as usage
        on sites.site_id = usage.site_id
        and sites.main_meter_id = usage.meter_id
    left join {{ ref('int_site_hours') }} as hours
        on usage.site_id = hours.site_id
        and usage.hour_start_utc = hours.hour_start_utc
    where annual.site_id not in (select counted.site_id from counted)
),

prices as (
    select
        site_id,
        {{ sum_currency() }} as currency,
        cast(
            case
                when {{ is_priced() }}
                    then sum(energy_kwh * price_per_kwh) / nullif(sum(energy_kwh), 0)
            end as decimal(12, 6)
        ) as mean_price
    from (
        select * from counted
        union all
        select * from used
    )
    group by site_id
),

judged as (
    select
        site_id,
        avg(is_sufficient::integer) as sufficient_share
    from (
        select
            *,
            max(usage_month) over (partition by site_id) as last_month
        from {{ ref('stg_analysis__baseline_models') }}
    )
    where usage_month > last_month - interval 12 month and model_kind <> 'warming_up'
    group by site_id
)

select
    annual.site_id,
    annual.judged_hours,
    annual.metered_kwh,
    annual.annual_use_kwh,
    annual.annual_low_kwh,
    annual.annual_mid_kwh,
    annual.annual_high_kwh,
    coalesce(judged.sufficient_share, 0) as sufficient_share,
    prices.currency,
    cast({{ decimal_kwh('annual.annual_low_kwh') }} * prices.mean_price as decimal(18, 2))
        as annual_cost_low,
    cast({{ decimal_kwh('annual.annual_high_kwh') }} * prices.mean_price as decimal(18, 2))
        as annual_cost_high
from {{ ref('stg_analysis__annual_avoidable') }} as annual
left join prices using (site_id)
left join judged using (site_id)
order by annual.site_id
