{{ cds_history('production_projects', [
    'cds_productionproject_id',
    'project_number',
    'project_name',
    'project_timezone',
    'contract_start',
    'contract_end',
    'contract_end_known',
    'contract_rule',
    'contract_type',
    'available_formats',
    'available_reading_validity',
    'project_meter_numbers',
]) }}
