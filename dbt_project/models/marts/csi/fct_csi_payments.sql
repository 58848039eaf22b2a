-- A line is what a quarter is worth at a run less what the runs before it hold. Sealed runs are
-- taken as they are; those that are not are computed on top of them, in order. Therms and kWh do
-- not add up: a quarter whose unit was corrected after its payment is taken back in the old unit
-- and paid in the new one.
{%- set terms = ['baseline_efficiency', 'conversion_method', 'rate'] %}

-- lines are written before the run that seals them: without it they are what a kill left behind
with sealed as (
    select *
    from {{ ref('stg_csi__payment_lines') }}
    where
        run_quarter in (
            select run_quarter from {{ ref('int_csi_runs') }} where sealed_at_utc is not null
        )
),

held as (
    select
        application_id,
        paid_quarter,
        quantity_unit,
        sum(line_quantity) as line_quantity,
        sum(amount_usd) as amount_usd,
        {%- for term in terms %}
        max_by({{ term }}, run_quarter) as {{ term }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sealed
    group by application_id, paid_quarter, quantity_unit
),

quarters as (
    select application_id, paid_quarter, quantity_unit from held
    union
    select application_id, paid_quarter, quantity_unit from {{ ref('int_csi_entitlements') }}
),

-- a quarter that lost its last payable month keeps the terms that its earlier lines were paid by
worth as (
    select
        runs.run_quarter,
        runs.run_cutoff_utc,
        quarters.application_id,
        quarters.paid_quarter,
        quarters.quantity_unit,
        entitled.months_included,
        entitled.receipts_included,
        coalesce(entitled.entitled_quantity, 0) as entitled_quantity,
        coalesce(entitled.uncapped_usd, 0) as uncapped_usd,
        coalesce(entitled.entitled_usd, 0) as entitled_usd,
        entitled.incentive_cap,
        {%- for term in terms %}
        coalesce(
            last_value(entitled.{{ term }} ignore nulls) over by_run,
            held.{{ term }}
        ) as {{ term }},
        {%- endfor %}
        coalesce(entitled.entitled_quantity, 0) - lag(
            coalesce(entitled.entitled_quantity, 0), 1, coalesce(held.line_quantity, 0)
        ) over by_run as line_quantity,
        coalesce(entitled.entitled_usd, 0) - lag(
            coalesce(entitled.entitled_usd, 0), 1, coalesce(held.amount_usd, 0)
        ) over by_run as amount_usd
    from quarters
    inner join {{ ref('int_csi_runs') }} as runs on runs.sealed_at_utc is null
    left join {{ ref('int_csi_entitlements') }} as entitled
        on runs.run_quarter = entitled.run_quarter
        and quarters.application_id = entitled.application_id
        and quarters.paid_quarter = entitled.paid_quarter
        and quarters.quantity_unit = entitled.quantity_unit
    left join held
        on quarters.application_id = held.application_id
        and quarters.paid_quarter = held.paid_quarter
        and quarters.quantity_unit = held.quantity_unit
    window by_run as (
        partition by quarters.application_id, quarters.paid_quarter, quarters.quantity_unit
        order by runs.run_quarter
        rows between unbounded preceding and current row
    )
),

lines as (
    select * from sealed
    union all by name
    select
        worth.* replace (
            cast(worth.line_quantity as decimal(28, 4)) as line_quantity,
            cast(worth.amount_usd as decimal(28, 2)) as amount_usd
        ),
        if(worth.run_quarter = worth.paid_quarter, 'payment', 'adjustment') as line_kind,
        parameters.catch_up_setting,
        cast(null as timestamp) as sealed_at_utc
    from worth
    cross join {{ ref('stg_csi_build__csi_parameters') }} as parameters
    where worth.line_quantity <> 0 or worth.amount_usd <> 0
)

select
    run_quarter,
    run_cutoff_utc,
    application_id,
    paid_quarter,
    line_kind,
    months_included,
    receipts_included,
    entitled_quantity,
    line_quantity,
    quantity_unit,
    baseline_efficiency,
    conversion_method,
    catch_up_setting,
    rate,
    incentive_cap,
    uncapped_usd,
    entitled_usd,
    amount_usd,
    sealed_at_utc
from lines
order by run_quarter, application_id, paid_quarter, quantity_unit
