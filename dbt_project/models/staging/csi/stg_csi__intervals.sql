-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(application_month as date) as application_month,
    cast(application_id as varchar) as application_id,
    cast(receipt_id as varchar) as receipt_id,
    cast(line_number as bigint) as line_number,
    cast(interval_end_pst as timestamp) as interval_end_pst,
    cast(interval_end_utc as timestamp) as interval_end_utc,
    cast(gallons_text as varchar) as gallons_text,
    cast(solar_btu as bigint) as solar_btu,
    cast(total_btu as bigint) as total_btu,
    cast(backup_gas_therms as decimal(28,12)) as backup_gas_therms,
    cast(backup_electric_kwh as decimal(28,12)) as backup_electric_kwh,
    cast(backup_propane_therms as decimal(28,12)) as backup_propane_therms,
    cast(is_catch_up as boolean) as is_catch_up,
    cast(alarms as varchar) as alarms,
    cast(system_messages as varchar) as system_messages,
    cast(system_events as varchar) as system_events,
    cast(trends as varchar) as trends
from {{ source('csi', 'intervals') }}
