{{ config(materialized='incremental', incremental_strategy='replace_months') }}

-- an hour that the calendar does not know has no local time, which the contract refuses
select
    judged.site_id,
    judged.meter_id,
    judged.hour_start_utc,
    hours.hour_start_local,
    hours.local_date,
    hours.local_hour,
    judged.usage_month,
    judged.model_id,
    judged.level_kwh,
    judged.counterfactual_kwh,
    judged.residual_kwh,
    judged.residual_scale_kwh
from {{ ref('stg_analysis__counterfactual_hourly') }} as judged
left join {{ ref('int_site_hours') }} as hours using (site_id, hour_start_utc)
where {{ in_changed_months('judged') }}
order by judged.hour_start_utc, judged.site_id, judged.meter_id
