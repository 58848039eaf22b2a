select
    application_id,
    program_administrator,
    pdp_id,
    tank_configuration,
    backup_type,
    displaced_fuel,
    icf_approved,
    capacity_kwth,
    baseline_efficiency,
    rate,
    rate_unit,
    incentive_cap,
    first_data_month,
    last_data_month,
    conversion_method,
    coalesce(valid_from_month, first_data_month) as valid_from_month,
    valid_to_month
from {{ ref('stg_csi_register__applications') }}
order by application_id, valid_from_month
