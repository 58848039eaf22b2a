-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(application_id as varchar) as application_id,
    cast(program_administrator as varchar) as program_administrator,
    cast(pdp_id as varchar) as pdp_id,
    cast(tank_configuration as integer) as tank_configuration,
    cast(backup_type as varchar) as backup_type,
    cast(displaced_fuel as varchar) as displaced_fuel,
    cast(icf_approved as date) as icf_approved,
    cast(capacity_kwth as decimal(12,3)) as capacity_kwth,
    cast(baseline_efficiency as decimal(9,6)) as baseline_efficiency,
    cast(rate as decimal(12,6)) as rate,
    cast(rate_unit as varchar) as rate_unit,
    cast(incentive_cap as decimal(18,2)) as incentive_cap,
    cast(first_data_month as date) as first_data_month,
    cast(last_data_month as date) as last_data_month,
    cast(conversion_method as varchar) as conversion_method,
    cast(valid_from_month as date) as valid_from_month,
    cast(valid_to_month as date) as valid_to_month
from {{ source('csi_register', 'applications') }}
