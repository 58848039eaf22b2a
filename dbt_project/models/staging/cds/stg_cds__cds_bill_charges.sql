-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(observed_at_utc as timestamp) as observed_at_utc,
    cast(cds_server as varchar) as cds_server,
    cast(object_version_id as varchar) as object_version_id,
    cast(cds_billstatement_id as varchar) as cds_billstatement_id,
    cast(part_position as bigint) as part_position,
    cast(part_id as varchar) as part_id,
    cast(part_name as varchar) as part_name,
    cast(part_types as varchar) as part_types,
    cast(currency as varchar) as currency,
    cast(charge_amount as decimal(38,12)) as charge_amount,
    cast(charge_amount_text as varchar) as charge_amount_text,
    cast(is_in_amount_due as boolean) as is_in_amount_due,
    cast(charge_billsections as varchar) as charge_billsections
from {{ cds_rows('cds_bill_charges') }}
