-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(cds_server as varchar) as cds_server,
    cast(segment_version_id as varchar) as segment_version_id,
    cast(relation_kind as varchar) as relation_kind,
    cast(related_id as varchar) as related_id,
    cast(format_position as bigint) as format_position,
    cast(set_position as bigint) as set_position
from {{ cds_rows('cds_relations') }}
