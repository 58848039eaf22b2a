-- A decision names the upload, or means the one that holds when it is made; an authorisation to
-- replace may carry one, which holds from the authorisation on.
with late as (
    select
        receipt_id,
        application_id,
        application_month,
        authorization_id,
        effective_from_utc,
        effective_to_utc
    from {{ ref('stg_csi__ledger') }}
    where csi_is_late and file_type = 'application_interval'
),

made as (
    select
        late.receipt_id,
        replacements.late_decision,
        replacements.authorized_at_utc as late_decided_at_utc,
        1 as place
    from late
    inner join {{ ref('stg_csi_register__replacements') }} as replacements using (authorization_id)
    where replacements.late_decision is not null
    union all
    select
        late.receipt_id,
        decisions.late_decision,
        decisions.late_decided_at_utc,
        2 as place
    from late
    inner join {{ ref('stg_csi_register__late_decisions') }} as decisions
        using (application_id, application_month)
    where
        decisions.late_receipt_id = late.receipt_id
        or (
            decisions.late_receipt_id is null
            and late.effective_from_utc <= decisions.late_decided_at_utc
            and decisions.late_decided_at_utc
            < coalesce(late.effective_to_utc, timestamp 'infinity')
        )
)

select
    receipt_id,
    late_decision,
    late_decided_at_utc,
    lead(late_decided_at_utc) over (partition by receipt_id order by late_decided_at_utc)
        as late_decided_until_utc
from made
qualify row_number() over (
    partition by receipt_id, late_decided_at_utc order by place desc
) = 1
