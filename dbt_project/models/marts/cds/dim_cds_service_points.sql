{{ cds_history('service_points', [
    'cds_servicepoint_id',
    'servicepoint_number',
    'servicepoint_types',
    'servicepoint_address',
    'latitude',
    'longitude',
    'premises',
]) }}
