{%- set columns = [
    'eac_number', 'certificate_from', 'certificate_to', 'certificate_count',
    'certificate_quantity', 'certificate_quantity_text', 'certificate_unit', 'certificate_kwh',
    'issuing_body', 'registry_id', 'issue_date', 'retirement_date', 'retirement_organisation',
    'beneficiary_id', 'beneficiary_name', 'program_type', 'device_id', 'device_name',
    'device_country', 'device_commissioned', 'device_origin', 'device_destination',
    'technology_code', 'technology_type', 'fuel_code', 'production_start_utc',
    'production_end_utc', 'direct_emission_factor', 'lca_emission_factor',
    'emission_factor_unit', 'emission_factor_source',
] -%}

select
    details.cds_server,
    details.cds_eac_id,
    details.part_position,
    {%- for column in columns %}
    details.{{ column }},
    {%- endfor %}
    versions.withdrawn_at_utc is not null as is_withdrawn
from {{ ref('int_cds_eac_details') }} as details
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
where versions.is_current
