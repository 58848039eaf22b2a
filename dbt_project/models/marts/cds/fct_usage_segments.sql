select * exclude (recency_rank)
from {{ ref('int_cds_versions') }}
order by cds_server, segment_start_utc, cds_usagesegment_id
