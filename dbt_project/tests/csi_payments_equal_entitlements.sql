{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_payments'}}}) }}

-- Quarters for which the lines up to a run do not sum to what the quarter was worth at that run, in
-- any unit: what was paid in a unit that was corrected since is worth nothing.
with lines as (
    select
        run_quarter,
        application_id,
        paid_quarter,
        quantity_unit,
        entitled_quantity,
        entitled_usd,
        sum(line_quantity) over so_far as paid_quantity,
        sum(amount_usd) over so_far as paid_usd
    from {{ ref('fct_csi_payments') }}
    window so_far as (
        partition by application_id, paid_quarter, quantity_unit
        order by run_quarter
        rows unbounded preceding
    )
),

newest as (
    select *
    from {{ ref('int_csi_entitlements') }}
    where run_quarter = (select max(run_quarter) from {{ ref('int_csi_runs') }})
),

last_lines as (
    select *
    from lines
    qualify row_number() over (
        partition by application_id, paid_quarter, quantity_unit order by run_quarter desc
    ) = 1
)

select
    run_quarter,
    application_id,
    paid_quarter,
    quantity_unit,
    entitled_usd,
    paid_usd
from lines
where
    paid_usd <> entitled_usd
    or paid_quantity <> entitled_quantity
union all
select
    newest.run_quarter,
    newest.application_id,
    newest.paid_quarter,
    newest.quantity_unit,
    newest.entitled_usd,
    last_lines.paid_usd
from newest
left join last_lines using (application_id, paid_quarter, quantity_unit)
where
    coalesce(last_lines.paid_usd, 0) <> newest.entitled_usd
    or coalesce(last_lines.paid_quantity, 0) <> newest.entitled_quantity
