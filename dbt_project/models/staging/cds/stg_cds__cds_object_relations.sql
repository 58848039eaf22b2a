-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(observed_at_utc as timestamp) as observed_at_utc,
    cast(cds_server as varchar) as cds_server,
    cast(object_version_id as varchar) as object_version_id,
    cast(from_kind as varchar) as from_kind,
    cast(from_id as varchar) as from_id,
    cast(object_relation as varchar) as object_relation,
    cast(to_kind as varchar) as to_kind,
    cast(to_id as varchar) as to_id
from {{ cds_rows('cds_object_relations') }}
