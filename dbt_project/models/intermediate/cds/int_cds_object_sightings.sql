{{ config(materialized='incremental', incremental_strategy='replace_cds_receipts') }}

{%- set spans = {
    'bill_statements': ('statement_date', 'statement_date'),
    'bill_sections': ('section_start_date', 'section_end_date'),
    'eacs': ('period_start_utc', 'period_end_utc'),
} %}

{% for kind, thing, key in cds_object_kinds() -%}
{% set start, end = spans.get(kind, ('null', 'null')) -%}
select
    receipt_id,
    received_date,
    '{{ kind }}' as object_kind,
    cds_server,
    {{ key }} as cds_object_id,
    object_version_id,
    cds_modified_utc,
    cds_synced_utc,
    observed_at_utc,
    cast({{ start }} as date) as span_start,
    cast({{ end }} as date) as span_end
from {{ ref('stg_cds__cds_' ~ kind) }} as seen
where {{ of_cds_pending_receipts('seen') }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
