select distinct
    cds_server,
    from_kind,
    from_id,
    object_relation,
    to_kind,
    to_id
from {{ ref('int_cds_object_relations') }}
