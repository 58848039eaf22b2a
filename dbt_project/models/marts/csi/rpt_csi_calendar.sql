with uploads as (
    select
        application_id,
        application_month,
        count(*) as attempts,
        count(*) filter (where csi_result = 'Failure') as failures,
        max(receipt_id) filter (where is_effective) as receipt_id,
        bool_or(csi_is_late) filter (where is_effective) as is_late
    from {{ ref('stg_csi__ledger') }}
    where file_type = 'application_interval'
    group by application_id, application_month
)

select
    months.application_id,
    months.application_month,
    months.program_administrator,
    months.pdp_id,
    months.due_at_utc,
    case
        when uploads.receipt_id is not null
            then if(uploads.is_late, 'success late', 'success')
        when parameters.as_of_utc < {{ csi_month_end_utc('months.application_month') }}
            then 'not due'
        when parameters.as_of_utc < months.due_at_utc + interval 1 second then 'open'
        else 'overdue'
    end as calendar_status,
    uploads.receipt_id,
    coalesce(uploads.attempts, 0) as attempts,
    coalesce(uploads.failures, 0) as failures
from {{ ref('int_csi_application_months') }} as months
left join uploads
    on months.application_id = uploads.application_id
    and months.application_month = uploads.application_month
cross join {{ ref('stg_csi_build__csi_parameters') }} as parameters
where months.is_in_term
order by months.application_id, months.application_month
