-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(pdp_id as varchar) as pdp_id,
    cast(pdp_name as varchar) as pdp_name,
    cast(pdp_active as boolean) as pdp_active
from {{ source('csi_register', 'pdps') }}
