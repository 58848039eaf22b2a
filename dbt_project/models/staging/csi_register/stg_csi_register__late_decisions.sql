-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(application_id as varchar) as application_id,
    cast(application_month as date) as application_month,
    cast(late_receipt_id as varchar) as late_receipt_id,
    cast(late_decision as varchar) as late_decision,
    cast(late_decided_by as varchar) as late_decided_by,
    cast(late_decided_at_utc as timestamp) as late_decided_at_utc
from {{ source('csi_register', 'late_decisions') }}
