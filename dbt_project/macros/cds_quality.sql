{#
    Quality of values in the order of worth, best first (CDS_QUALITY_ORDER in the contracts). What
    is in no list cannot be: the contract closes it.
#}
{% macro cds_qualities() -%}
    ['corrected', 'revenue', 'valid', 'calculated', 'website', 'raw', 'manual',
        'estimated', 'unknown']
{%- endmacro %}

{% macro cds_quality_rank(quality) -%}
    cast(list_position({{ cds_qualities() }}, {{ quality }}) as integer)
{%- endmacro %}

{% macro cds_quality_of(rank) -%}
    list_extract({{ cds_qualities() }}, {{ rank }})
{%- endmacro %}

{#
    Energinet's state: there is no value; a part of the time has none; the value is estimated; it
    is as provided, which says nothing of a validation.
#}
{% macro energinet_state(has_value, is_whole, quality) -%}
    case
        when not {{ has_value }} then 'not_available'
        when not {{ is_whole }} then 'incomplete'
        when {{ quality }} = 'estimated' then 'estimated'
        else 'as_provided'
    end
{%- endmacro %}

{# Kinds of series that count as measured (COUNTED_SERIES_KINDS in the contracts). #}
{% macro is_counted_series(kind) -%}
    {{ kind }} in ('measured', 'settlement')
{%- endmacro %}
