{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

select
    received.receipt_id,
    received.received_date,
    received.segment_version_id,
    received.format_position,
    received.set_position,
    cast(received.interval_start_utc as date) as utc_date,
    received.interval_start_utc,
    received.cds_interval_end_utc,
    received.instant_utc,
    received.value_status,
    received.cds_value,
    case
        when received.value_status = 'invalid' or not received.is_value_exact
            then received.cds_value_text
    end as cds_value_text,
    received.is_value_exact,
    received.energy_wh,
    received.energy_kwh,
    received.normal_value
from {{ ref('stg_cds__cds_intervals') }} as received
where {{ of_cds_pending_receipts('received') }}
order by received.interval_start_utc
