select
    charges.cds_server,
    charges.cds_billstatement_id,
    charges.part_position,
    charges.part_id,
    charges.part_name,
    charges.part_types,
    charges.currency,
    charges.charge_amount,
    charges.charge_amount_text,
    charges.is_in_amount_due,
    charges.charge_billsections
from {{ ref('int_cds_bill_charges') }} as charges
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
where versions.is_current
