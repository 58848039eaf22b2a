{{ config(materialized='incremental', incremental_strategy='replace_application_months') }}

with intervals as (
    select
        intervals.receipt_id,
        intervals.application_id,
        intervals.application_month,
        intervals.is_catch_up,
        parameters.catch_up_setting,
        case months.tank_configuration
            when 2 then intervals.solar_btu
            else intervals.total_btu
        end as heat_btu,
        months.tank_configuration = 1 and months.backup_type <> 'none' as is_paired,
        case months.backup_type
            when 'gas' then intervals.backup_gas_therms
            when 'electric' then intervals.backup_electric_kwh
            when 'propane' then intervals.backup_propane_therms
        end as backup_reading
    from {{ ref('stg_csi__intervals') }} as intervals
    inner join {{ ref('stg_csi__ledger') }} as uploads using (receipt_id)
    left join {{ ref('int_csi_application_months') }} as months
        on intervals.application_id = months.application_id
        and intervals.application_month = months.application_month
    cross join {{ ref('stg_csi_build__csi_parameters') }} as parameters
    where
        {{ in_changed_application_months('intervals') }}
        and uploads.effective_from_utc is not null
        and uploads.file_type = 'application_interval'
),

-- a negative back-up reading would raise the payment, and heat without one would be paid as if
-- the back-up had been off
judged as (
    select
        *,
        heat_btu is not null
        and (not is_paired or coalesce(backup_reading >= 0, false))
        and (not is_catch_up or catch_up_setting = 'pay') as is_counted
    from intervals
)

select
    receipt_id,
    application_id,
    application_month,
    count(*) as interval_count,
    count(*) - count(heat_btu) as empty_intervals,
    count(*) filter (where heat_btu = 0) as zero_intervals,
    count(*) filter (where is_paired and (heat_btu is null) <> (backup_reading is null))
        as unpaired_intervals,
    count(*) filter (where is_paired and backup_reading < 0) as negative_backup_intervals,
    count(*) filter (where is_catch_up) as catch_up_intervals,
    count(*) filter (where is_catch_up and catch_up_setting = 'hold') as held_catch_up_intervals,
    cast(coalesce(sum(heat_btu) filter (where is_counted), 0) as decimal(38, 0)) as delivered_btu,
    cast(
        coalesce(sum(backup_reading) filter (where is_counted and is_paired), 0)
        as decimal(38, 12)
    ) as backup_reading_sum
from judged
group by receipt_id, application_id, application_month
