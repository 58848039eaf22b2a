{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_payments'}}}) }}

-- Uploads that a line rests on although they were not their month's Success at the run's cutoff.
-- A sealed line was tested when it was made; what became of its uploads since is in adjustments.
with paid as (
    select
        run_quarter,
        run_cutoff_utc,
        application_id,
        paid_quarter,
        unnest(string_split(receipts_included, ',')) as receipt_id
    from {{ ref('fct_csi_payments') }}
    where sealed_at_utc is null and receipts_included is not null
)

select
    paid.run_quarter,
    paid.application_id,
    paid.paid_quarter,
    paid.receipt_id
from paid
left join {{ ref('rpt_csi_performance_data') }} as uploads
    on paid.receipt_id = uploads.receipt_id
    and paid.application_id = uploads.application_id
    and paid.paid_quarter = {{ csi_quarter('uploads.application_month') }}
    and uploads.file_type = 'application_interval'
    and uploads.csi_result = 'Success'
    and uploads.effective_from_utc < paid.run_cutoff_utc
    and coalesce(uploads.effective_to_utc, timestamp 'infinity') >= paid.run_cutoff_utc
where uploads.receipt_id is null
