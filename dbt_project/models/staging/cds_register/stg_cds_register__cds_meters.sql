-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(cds_server as varchar) as cds_server,
    cast(resource_kind as varchar) as resource_kind,
    cast(cds_reference as varchar) as cds_reference,
    cast(site_id as varchar) as site_id,
    cast(meter_id as varchar) as meter_id,
    cast(mapped_direction as varchar) as mapped_direction,
    cast(mapped_from as date) as mapped_from,
    cast(mapped_to as date) as mapped_to
from {{ source('cds_register', 'cds_meters') }}
