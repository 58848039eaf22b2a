{{ config(tags=['readings'], meta={'dagster': {'ref': {'name': 'int_readings_received'}}}) }}

-- Rows that intake accepted and the warehouse does not hold, or holds without a verdict of intake.
with judged as (
    select receipt_id, rows_accepted
    from {{ ref('fct_uploads') }} as uploads
    where
        {{ rows_in_scope('uploads', 'pending_receipts') }}
        -- reports of the CSI programme and CDS files hold no readings of this kind; their own tests
        -- conserve their intervals
        and uploads.upload_source not in ('csi_application', 'csi_meter', 'cds')
),

held as (
    select receipt_id, count(*) as rows_held
    from (
        select receipts.receipt_id
        from {{ ref('int_readings_received') }} as receipts
        where {{ rows_in_scope('receipts', 'pending_receipts') }}
        union all
        select receipts.receipt_id
        from {{ ref('int_temperatures_received') }} as receipts
        where {{ rows_in_scope('receipts', 'pending_receipts') }}
    )
    group by receipt_id
)

select
    receipt_id,
    judged.rows_accepted,
    held.rows_held
from judged
full outer join held using (receipt_id)
where coalesce(judged.rows_accepted, 0) <> coalesce(held.rows_held, 0)
