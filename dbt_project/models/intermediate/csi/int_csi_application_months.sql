with term_months as (
    select
        application_id,
        cast(
            unnest(generate_series(first_data_month, last_data_month, interval 1 month)) as date
        ) as application_month
    from {{ ref('stg_csi_register__applications') }}
),

months as (
    select application_id, application_month from term_months
    union
    select application_id, application_month
    from {{ ref('stg_csi__ledger') }}
    where application_month is not null
),

-- a month for which no version holds is described by the nearest one that had begun
versions as (
    select
        months.application_month,
        applications.*,
        months.application_month >= coalesce(applications.valid_from_month, months.application_month)
            as has_begun,
        has_begun
        and months.application_month
        <= coalesce(applications.valid_to_month, months.application_month) as holds,
        holds
        and months.application_month
        between applications.first_data_month and applications.last_data_month as is_in_term
    from months
    inner join {{ ref('stg_csi_register__applications') }} as applications using (application_id)
    qualify row_number() over (
        partition by application_id, months.application_month
        order by
            holds desc,
            has_begun desc,
            abs(date_diff('month', applications.valid_from_month, months.application_month))
    ) = 1
),

paid as (
    select
        *,
        case displaced_fuel when 'gas' then 'therm' else 'kWh' end as quantity_unit,
        coalesce(
            max(application_month) filter (where is_in_term) over (
                partition by application_id, {{ csi_quarter('application_month') }}
            ),
            application_month
        ) as rate_month
    from versions
)

select
    paid.application_id,
    paid.application_month,
    {{ csi_quarter('paid.application_month') }} as paid_quarter,
    paid.program_administrator,
    paid.pdp_id,
    paid.tank_configuration,
    paid.backup_type,
    paid.displaced_fuel,
    paid.quantity_unit,
    paid.conversion_method,
    paid.baseline_efficiency,
    rates.rate,
    rates.rate_unit,
    rates.incentive_cap,
    {{ csi_due_at_utc('paid.application_month') }} as due_at_utc,
    paid.is_in_term,
    case
        when paid.conversion_method <> 'delivered_energy' then 'unknown conversion method'
        when coalesce(paid.baseline_efficiency, 0) = 0 then 'no efficiency in the register'
        when rates.rate is null or rates.rate_unit is distinct from paid.quantity_unit
            then 'no rate in the register'
        when not paid.is_in_term then 'outside the term'
    end as payment_obstacle
from paid
inner join versions as rates
    on paid.application_id = rates.application_id and paid.rate_month = rates.application_month
