{#
    Content of the versions that a table does not hold yet, each once, from the first receipt that
    shows it. A version's name is a digest of its content, so what is held stays as it is; when and
    where a version was seen is in int_cds_object_sightings.
#}
{% macro cds_versions_not_held(table) -%}
    {%- set shown = ref('stg_cds__' ~ table) -%}
    {%- set is_pending = of_cds_pending_receipts('shown') -%}
    select columns(name -> name not in (
        'receipt_id', 'received_date', 'observed_at_utc', 'json_pointer', 'content_sha256',
        'cds_modified_utc', 'cds_synced_utc'
    ))
    from {{ shown }} as shown
    where
        {{ is_pending }}
        {%- if is_incremental() %}
        and shown.object_version_id not in (
            select held.object_version_id from {{ this }} as held
        )
        {%- endif %}
    qualify shown.receipt_id = min(shown.receipt_id) over (partition by shown.object_version_id)
{%- endmacro %}

{# Kinds of object by the list key of their envelope: table, what one is called, its id. #}
{% macro cds_object_kinds() -%}
    {{ return([
        ('accounts', 'account', 'cds_account_id'),
        ('service_contracts', 'service_contract', 'cds_servicecontract_id'),
        ('service_points', 'service_point', 'cds_servicepoint_id'),
        ('meter_devices', 'meter_device', 'cds_meterdevice_id'),
        ('bill_statements', 'bill_statement', 'cds_billstatement_id'),
        ('bill_sections', 'bill_section', 'cds_billsection_id'),
        ('aggregations', 'aggregation', 'cds_aggregation_id'),
        ('eacs', 'eac', 'cds_eac_id'),
        ('production_projects', 'production_project', 'cds_productionproject_id'),
    ]) }}
{%- endmacro %}

{# History of one kind of object: its versions with what each of them says. #}
{% macro cds_history(kind, columns) -%}
    select
        versions.cds_server,
        {%- for column in columns %}
        content.{{ column }},
        {%- endfor %}
        content.cds_created_utc,
        versions.cds_modified_utc,
        {{ cds_version_columns() }}
    from {{ ref('int_cds_object_versions') }} as versions
    inner join {{ ref('int_cds_' ~ kind) }} as content using (object_version_id)
    where versions.object_kind = '{{ kind }}'
{%- endmacro %}

{% macro cds_version_columns() -%}
    versions.object_version_id,
    versions.object_version_number,
    versions.object_version_count,
    versions.valid_from_utc,
    versions.valid_to_utc,
    versions.is_current,
    versions.first_seen_utc,
    versions.last_seen_utc,
    versions.last_synced_utc,
    versions.withdrawn_at_utc is not null as is_withdrawn,
    versions.withdrawn_at_utc
{%- endmacro %}
