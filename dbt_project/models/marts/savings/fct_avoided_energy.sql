-- The analysis knows a measure's avoided energy over the reporting period, not hour by hour, so
-- its cost takes the mean price of the period's hours, rounded to the tariff's six decimals. It is
-- empty where an hour has no price, or where price and capex stand in different currencies.
with prices as (
    select
        avoided.measure_id,
        {{ sum_currency('hours.price_per_kwh', 'hours.currency') }} as price_currency,
        cast(
            case
                when {{ is_priced('hours.price_per_kwh', 'hours.currency') }}
                    then sum(hours.price_per_kwh) / count(*)
            end as decimal(12, 6)
        ) as mean_price
    from {{ ref('stg_analysis__avoided_energy') }} as avoided
    inner join {{ ref('int_site_hours') }} as hours
        on avoided.site_id = hours.site_id
        and hours.hour_start_utc >= avoided.reporting_start_utc
        and hours.hour_start_utc < avoided.reporting_end_utc
    group by avoided.measure_id
),

priced as (
    select
        avoided.*,
        measures.description,
        measures.implemented_on,
        measures.capex,
        coalesce(measures.currency, prices.price_currency) as currency,
        case
            when coalesce(measures.currency, prices.price_currency) = prices.price_currency
                then prices.mean_price
        end as mean_price
    from {{ ref('stg_analysis__avoided_energy') }} as avoided
    inner join {{ ref('stg_register__measures') }} as measures using (measure_id)
    left join prices using (measure_id)
)

select
    measure_id,
    site_id,
    meter_id,
    description,
    implemented_on,
    model_kind,
    baseline_start_utc,
    baseline_end_utc,
    baseline_hours,
    reporting_start_utc,
    reporting_end_utc,
    reporting_hours,
    metered_kwh,
    counterfactual_kwh,
    avoided_kwh,
    avoided_low_kwh,
    avoided_high_kwh,
    ashrae_uncertainty,
    is_detectable,
    is_sufficient,
    sufficiency_reasons,
    currency,
    cast({{ decimal_kwh('avoided_kwh') }} * mean_price as decimal(18, 2)) as cost,
    cast({{ decimal_kwh('avoided_low_kwh') }} * mean_price as decimal(18, 2)) as cost_low,
    cast({{ decimal_kwh('avoided_high_kwh') }} * mean_price as decimal(18, 2)) as cost_high,
    capex
from priced
order by site_id, measure_id
