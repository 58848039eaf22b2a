{{ config(materialized='incremental', incremental_strategy='replace_receipt_dates') }}

with refused as (
    select
        rejects.received_date,
        rejects.upload_source,
        rejects.code,
        rejects.organization_id,
        trim(rejects.site_id_text) as site_name,
        trim(rejects.meter_id_text) as meter_name
    from {{ ref('fct_rejects') }} as rejects
    where {{ on_touched_receipt_dates('rejects.received_date') }}
    union all
    -- intake looks for keys that come twice in one file only
    select
        received.received_date,
        received.upload_source,
        'DUPLICATE_IDEMPOTENCY_KEY' as code,
        received.organization_id,
        received.site_id as site_name,
        received.meter_id as meter_name
    from {{ ref('int_readings_received') }} as received
    where
        received.disposition = 'key_conflict'
        and {{ on_touched_receipt_dates('received.received_date') }}
)

select
    refused.received_date,
    refused.upload_source,
    refused.code,
    refused.organization_id,
    sites.site_id,
    meters.meter_id,
    count(*) as error_count
from refused
left join {{ ref('stg_register__sites') }} as sites
    on refused.site_name = sites.site_id
    and refused.organization_id = sites.organization_id
left join {{ ref('stg_register__meters') }} as meters
    on sites.site_id = meters.site_id
    and refused.meter_name = meters.meter_id
group by all
order by all
