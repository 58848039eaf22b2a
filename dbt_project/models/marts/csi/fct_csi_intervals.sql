{{ config(materialized='incremental', incremental_strategy='replace_application_months') }}

-- the file also holds the intervals of uploads that were superseded
select
    intervals.application_id,
    intervals.application_month,
    intervals.receipt_id,
    intervals.line_number,
    intervals.interval_end_pst,
    intervals.interval_end_utc,
    intervals.gallons_text,
    intervals.solar_btu,
    intervals.total_btu,
    intervals.backup_gas_therms,
    intervals.backup_electric_kwh,
    intervals.backup_propane_therms,
    intervals.is_catch_up,
    intervals.alarms,
    intervals.system_messages,
    intervals.system_events,
    intervals.trends
from {{ ref('stg_csi__intervals') }} as intervals
inner join {{ ref('stg_csi__ledger') }} as uploads using (receipt_id)
where
    {{ in_changed_application_months('intervals') }}
    and uploads.is_effective
    and uploads.file_type = 'application_interval'
order by intervals.application_month, intervals.application_id, intervals.interval_end_pst
