{{ config(materialized='incremental', incremental_strategy='replace_judged') }}

-- A key counts once per organization, in the order of receipt time, receipt and line, over all
-- files ever received. A receipt that comes in late can therefore change the verdict on rows that
-- are already here: those with its keys are judged again.
with arrived as (
    select
        received.receipt_id,
        received.line_number,
        received.received_at_utc,
        received.received_date,
        received.upload_source,
        received.organization_id,
        received.site_id,
        received.meter_id,
        received.interval_start_utc,
        received.interval_seconds,
        {{ local_time('received.interval_start_utc', 'zone_days') }} as interval_start_local,
        received.usage_kwh,
        received.reading_quality,
        received.flow_direction,
        coalesce(
            received.idempotency_key,
            case
                when received.upload_source = 'cei_api' then concat_ws(
                    '|',
                    received.organization_id,
                    received.site_id,
                    received.meter_id,
                    strftime(received.interval_start_utc, '%Y-%m-%dT%H:%M:%SZ')
                )
            end
        ) as counted_key,
        cast(null as varchar) as held_disposition
    from {{ ref('stg_intake__readings') }} as received
    inner join {{ ref('stg_register__sites') }} as sites using (site_id)
    inner join {{ ref('int_zone_days') }} as zone_days
        on {{ zone_day_of('received.interval_start_utc', 'sites.timezone', 'zone_days') }}
    where {{ of_pending_receipts('received') }}
),

candidates as (
    select * from arrived
    {% if is_incremental() %}
    union all by name
    select
        held.* exclude (local_date, disposition),
        held.disposition as held_disposition
    from {{ this }} as held
    semi join arrived using (organization_id, counted_key)
    where
        held.receipt_id not in (
            select pending.receipt_id from {{ ref('stg_build__pending_receipts') }} as pending
        )
    {% endif %}
),

-- only keys that stand more than once need the ordered pass
firsts as (
    select
        organization_id,
        counted_key,
        arg_min(
            struct_pack(
                receipt_id := receipt_id,
                line_number := line_number,
                site_id := site_id,
                meter_id := meter_id,
                interval_start_utc := interval_start_utc,
                usage_kwh := usage_kwh
            ),
            struct_pack(a := received_at_utc, b := receipt_id, c := line_number)
        ) as holder
    from candidates
    where counted_key in (
        select counted_key
        from candidates
        where counted_key is not null
        group by organization_id, counted_key
        having count(*) > 1
    )
    group by organization_id, counted_key
),

judged as (
    select
        candidates.*,
        case
            when firsts.holder is null then 'accepted'
            when
                firsts.holder.receipt_id = candidates.receipt_id
                and firsts.holder.line_number = candidates.line_number
                then 'accepted'
            when
                firsts.holder.site_id = candidates.site_id
                and firsts.holder.meter_id = candidates.meter_id
                and firsts.holder.interval_start_utc = candidates.interval_start_utc
                and firsts.holder.usage_kwh = candidates.usage_kwh
                then 'key_duplicate'
            else 'key_conflict'
        end as disposition
    from candidates
    left join firsts using (organization_id, counted_key)
)

select
    receipt_id,
    line_number,
    received_at_utc,
    received_date,
    upload_source,
    organization_id,
    site_id,
    meter_id,
    interval_start_utc,
    interval_seconds,
    interval_start_local,
    cast(interval_start_local as date) as local_date,
    usage_kwh,
    reading_quality,
    flow_direction,
    counted_key,
    disposition
from judged
where held_disposition is null or held_disposition <> disposition
order by interval_start_utc, site_id, meter_id, received_at_utc, receipt_id, line_number
