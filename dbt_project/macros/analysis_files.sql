{# Glob of a monthly table of the analysis, as an SQL text. #}
{% macro analysis_files(table) -%}
    '{{ env_var("CEI_DATA_DIR", "data") | replace("'", "''") }}/analysis/{{ table }}/usage_month=*/*.parquet'
{%- endmacro %}
