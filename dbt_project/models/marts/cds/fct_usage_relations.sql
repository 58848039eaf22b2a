select
    relations.cds_server,
    relations.segment_version_id,
    versions.cds_usagesegment_id,
    versions.version_status,
    relations.relation_kind,
    relations.related_id,
    relations.format_position,
    relations.set_position
from {{ ref('int_cds_relations_stored') }} as relations
inner join {{ ref('int_cds_versions') }} as versions
    on relations.segment_version_id = versions.segment_version_id
    and relations.receipt_id = versions.stored_receipt_id
