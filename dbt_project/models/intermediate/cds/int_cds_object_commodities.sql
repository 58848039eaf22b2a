-- A thing is electric, or not, by what it was last called; where no commodity is named nobody knows.
{%- set things = {
    'service_point': ('service_points', 'cds_servicepoint_id', 'servicepoint_types'),
    'meter_device': ('meter_devices', 'cds_meterdevice_id', 'meter_types'),
    'service_contract': ('service_contracts', 'cds_servicecontract_id', 'service_types'),
} %}

{% for thing, (kind, key, types) in things.items() -%}
select
    versions.cds_server,
    '{{ thing }}' as resource_kind,
    content.{{ key }} as resource_id,
    content.{{ types }} like '%electric%' as is_electric
from {{ ref('int_cds_object_versions') }} as versions
inner join {{ ref('int_cds_' ~ kind) }} as content using (object_version_id)
where
    versions.is_current
    and regexp_matches(content.{{ types }}, 'electric|water|natural_gas|fuel_oil|solid_waste')
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
