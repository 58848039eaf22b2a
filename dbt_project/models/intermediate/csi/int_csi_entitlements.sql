-- Whatever was submitted or decided before the cutoff counts, as it stood then.
with payable as (
    select
        runs.run_quarter,
        months.paid_quarter,
        uploads.receipt_id,
        uploads.application_id,
        uploads.application_month,
        uploads.displaced_quantity,
        months.quantity_unit,
        months.baseline_efficiency,
        months.conversion_method,
        months.rate,
        months.incentive_cap
    from {{ ref('int_csi_runs') }} as runs
    inner join {{ ref('int_csi_quantities') }} as uploads
        on uploads.effective_from_utc < runs.run_cutoff_utc
        and coalesce(uploads.effective_to_utc, timestamp 'infinity') >= runs.run_cutoff_utc
    inner join {{ ref('int_csi_application_months') }} as months
        on uploads.application_id = months.application_id
        and uploads.application_month = months.application_month
    left join {{ ref('int_csi_late_decisions') }} as decisions
        on uploads.receipt_id = decisions.receipt_id
        and decisions.late_decided_at_utc < runs.run_cutoff_utc
        and coalesce(decisions.late_decided_until_utc, timestamp 'infinity')
        >= runs.run_cutoff_utc
    where
        runs.sealed_at_utc is null
        and months.paid_quarter <= runs.run_quarter
        and months.payment_obstacle is null
        and (not uploads.csi_is_late or decisions.late_decision = 'pay')
),

quarters as (
    select
        run_quarter,
        application_id,
        paid_quarter,
        string_agg(strftime(application_month, '%Y-%m'), ',' order by application_month)
            as months_included,
        string_agg(receipt_id, ',' order by application_month) as receipts_included,
        cast(sum(displaced_quantity) as decimal(28, 4)) as entitled_quantity,
        max_by(quantity_unit, application_month) as quantity_unit,
        max_by(baseline_efficiency, application_month) as baseline_efficiency,
        max_by(conversion_method, application_month) as conversion_method,
        max(rate) as rate,
        max(incentive_cap) as incentive_cap
    from payable
    group by run_quarter, application_id, paid_quarter
),

-- from a decimal to one of fewer places DuckDB rounds halves up
priced as (
    select
        *,
        cast(entitled_quantity * rate as decimal(28, 2)) as uncapped_usd,
        coalesce(
            cast(incentive_cap as decimal(28, 2)),
            sum(cast(entitled_quantity * rate as decimal(28, 2))) over so_far
        ) as ceiling_usd,
        sum(cast(entitled_quantity * rate as decimal(28, 2))) over so_far as cumulated_usd
    from quarters
    window so_far as (
        partition by run_quarter, application_id
        order by paid_quarter
        rows unbounded preceding
    )
)

select
    run_quarter,
    application_id,
    paid_quarter,
    months_included,
    receipts_included,
    entitled_quantity,
    quantity_unit,
    baseline_efficiency,
    conversion_method,
    rate,
    incentive_cap,
    uncapped_usd,
    cast(
        least(ceiling_usd, cumulated_usd) - least(ceiling_usd, cumulated_usd - uncapped_usd)
        as decimal(28, 2)
    ) as entitled_usd
from priced
