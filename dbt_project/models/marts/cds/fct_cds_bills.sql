with charges as (
    select
        object_version_id,
        count(*) as charge_count,
        bool_and(
            is_in_amount_due is not null
            and (
                not is_in_amount_due
                or coalesce(abs(charge_amount) < {{ largest_amount() }}, false)
            )
        ) as are_known,
        coalesce(
            sum(charge_amount) filter (
                where is_in_amount_due and abs(charge_amount) < {{ largest_amount() }}
            ),
            0
        ) as included
    from {{ ref('int_cds_bill_charges') }}
    group by object_version_id
),

-- What was not paid of the last balance and the charges that count are what is due. Where the body
-- does not give both, there is nothing to hold the amount to.
balances as (
    select
        bills.object_version_id,
        charges.charge_count,
        case when charges.are_known then charges.included end as included_charges_amount,
        case
            when abs(bills.amount_due) < {{ largest_amount() }}
                and abs(bills.previous_balance_unpaid) < {{ largest_amount() }}
                then bills.amount_due - bills.previous_balance_unpaid - included_charges_amount
        end as unexplained_amount
    from {{ ref('int_cds_bill_statements') }} as bills
    inner join charges using (object_version_id)
)

select
    bills.cds_server,
    bills.cds_billstatement_id,
    bills.cds_account_id,
    bills.account_number,
    bills.statement_date,
    bills.currency,
    bills.previous_balance_amount,
    bills.previous_balance_paid,
    bills.previous_balance_unpaid,
    bills.new_charges_amount,
    bills.new_balance_amount,
    bills.amount_due,
    bills.amount_due_date,
    bills.shutoff_prevention_minimum_due,
    bills.shutoff_prevention_date,
    coalesce(balances.charge_count, 0) as charge_count,
    cast(balances.included_charges_amount as decimal(38, 12)) as included_charges_amount,
    cast(balances.unexplained_amount as decimal(38, 12)) as unexplained_amount,
    balances.unexplained_amount = 0 as is_balanced,
    bills.file_uri,
    bills.file_mimetype,
    bills.account_programs,
    bills.cds_created_utc,
    versions.cds_modified_utc,
    {{ cds_version_columns() }}
from {{ ref('int_cds_bill_statements') }} as bills
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
left join balances using (object_version_id)
where versions.is_current
