-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(authorization_id as varchar) as authorization_id,
    cast(application_id as varchar) as application_id,
    cast(application_month as date) as application_month,
    cast(authorized_by as varchar) as authorized_by,
    cast(authorized_at_utc as timestamp) as authorized_at_utc,
    cast(replacement_reason as varchar) as replacement_reason,
    cast(replaces_receipt_id as varchar) as replaces_receipt_id,
    cast(late_decision as varchar) as late_decision
from {{ source('csi_register', 'replacements') }}
