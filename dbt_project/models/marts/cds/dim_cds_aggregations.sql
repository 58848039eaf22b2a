{{ cds_history('aggregations', [
    'cds_aggregation_id',
    'aggregation_number',
    'aggregation_types',
    'aggregation_scope',
    'authorization_details',
    'grouped_addresses',
    'grouped_regions',
    'consent_requirements',
    'aggregation_details',
]) }}
