{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}
{{ refuse_partial_build(ref('stg_cds_build__cds_parameters')) }}

-- A receipt has a row for every version that it shows, and the version's values only when no
-- other receipt had stored them.
with stored as (
    select formats.receipt_id, formats.segment_version_id
    from {{ ref('int_cds_formats') }} as formats
    where {{ of_cds_pending_receipts('formats') }}
    union
    select mix.receipt_id, mix.segment_version_id
    from {{ ref('int_cds_mix_stored') }} as mix
    where {{ of_cds_pending_receipts('mix') }}
    union
    select relations.receipt_id, relations.segment_version_id
    from {{ ref('int_cds_relations_stored') }} as relations
    where {{ of_cds_pending_receipts('relations') }}
)

select received.*, stored.receipt_id is not null as holds_rows
from {{ ref('stg_cds__cds_segments') }} as received
left join stored using (receipt_id, segment_version_id)
where {{ of_cds_pending_receipts('received') }}
