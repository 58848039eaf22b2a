select
    uploads.application_id,
    uploads.application_month,
    uploads.receipt_id,
    months.tank_configuration,
    months.backup_type,
    months.displaced_fuel,
    months.conversion_method,
    months.baseline_efficiency,
    months.rate,
    months.rate_unit,
    uploads.interval_count,
    96 * day(last_day(uploads.application_month)) as grid_intervals,
    uploads.empty_intervals,
    uploads.zero_intervals,
    uploads.unpaired_intervals,
    uploads.negative_backup_intervals,
    uploads.catch_up_intervals,
    uploads.held_catch_up_intervals,
    uploads.delivered_btu,
    uploads.backup_input_btu,
    uploads.displaced_quantity,
    months.quantity_unit,
    uploads.csi_is_late,
    decisions.late_decision,
    case
        when months.payment_obstacle is not null then months.payment_obstacle
        when not uploads.csi_is_late then 'payable'
        when decisions.late_decision is null then 'late, not decided'
        when decisions.late_decision = 'deny' then 'late, denied'
        else 'payable'
    end as payable_status
from {{ ref('int_csi_quantities') }} as uploads
inner join {{ ref('int_csi_application_months') }} as months
    on uploads.application_id = months.application_id
    and uploads.application_month = months.application_month
left join {{ ref('int_csi_late_decisions') }} as decisions
    on uploads.receipt_id = decisions.receipt_id
    and decisions.late_decided_until_utc is null
where uploads.is_effective
order by uploads.application_id, uploads.application_month
