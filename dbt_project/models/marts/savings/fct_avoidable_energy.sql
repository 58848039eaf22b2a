select
    counted.site_id,
    counted.meter_id,
    counted.rule,
    counted.usage_month,
    count(*) as episode_hours,
    {{ sum_kwh('counted.counted_kwh') }} as counted_kwh,
    {{ sum_kwh('counted.counted_low_kwh') }} as counted_low_kwh,
    {{ sum_kwh('counted.counted_high_kwh') }} as counted_high_kwh,
    {{ sum_currency() }} as currency,
    {{ sum_cost('counted.counted_kwh') }} as cost,
    {{ sum_cost('counted.counted_low_kwh') }} as cost_low,
    {{ sum_cost('counted.counted_high_kwh') }} as cost_high,
    {{ sum_kgco2e('counted.counted_kwh') }} as kgco2e
from {{ ref('stg_analysis__avoidable_hours') }} as counted
left join {{ ref('int_site_hours') }} as hours using (site_id, hour_start_utc)
group by counted.site_id, counted.meter_id, counted.rule, counted.usage_month
order by counted.usage_month, counted.site_id, counted.meter_id, counted.rule
