{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'rpt_csi_performance_data'}}}) }}

-- Late uploads whose newest decision is not the one that the ledger shows.
select
    receipt_id,
    uploads.late_decision as ledger_decision,
    decisions.late_decision
from {{ ref('rpt_csi_performance_data') }} as uploads
left join {{ ref('int_csi_late_decisions') }} as decisions using (receipt_id)
where
    decisions.late_decided_until_utc is null
    and (
        uploads.late_decision is distinct from decisions.late_decision
        or uploads.late_decided_at_utc is distinct from decisions.late_decided_at_utc
    )
