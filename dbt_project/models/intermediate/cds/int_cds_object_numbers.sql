{%- set numbers = {
    'account': ('accounts', 'cds_account_id', 'account_number'),
    'service_contract': ('service_contracts', 'cds_servicecontract_id', 'contract_number'),
    'service_point': ('service_points', 'cds_servicepoint_id', 'servicepoint_number'),
    'meter_device': ('meter_devices', 'cds_meterdevice_id', 'meter_number'),
} -%}

{% for thing, (kind, key, number) in numbers.items() -%}
select distinct
    cds_server,
    '{{ thing }}' as object_kind,
    {{ key }} as object_id,
    {{ number }} as visible_number
from {{ ref('int_cds_' ~ kind) }}
where {{ number }} is not null
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
