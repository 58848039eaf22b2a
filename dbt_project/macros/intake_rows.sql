{#
    Where a staging model of intake reads: every partition on a full refresh, else the partitions
    of the pending receipts. Listing every file that ever arrived, four tables over, would make an
    hourly update slower with every receipt.
#}
{% macro intake_rows(table) -%}
    {%- set everything = source('intake', table) -%}
    {%- set pending = source('build', 'pending_receipts') -%}
    {{ return(pending_partitions(table, everything, pending)) }}
{%- endmacro %}

{# The same for files of CDS customer data, whose builds have pending receipts of their own. #}
{% macro cds_rows(table) -%}
    {%- set everything = source('cds', table) -%}
    {%- set pending = source('cds_build', 'cds_pending_receipts') -%}
    {{ return(pending_partitions(table, everything, pending)) }}
{%- endmacro %}

{% macro pending_partitions(table, everything, pending) -%}
    {%- if not execute or is_full_build() -%}
        {{ return(everything) }}
    {%- endif -%}
    {%- set folder -%}
        {{ env_var('CEI_DATA_DIR', 'data') | replace("'", "''") }}/raw/{{ table }}
    {%- endset -%}
    {#- the typed empty file gives the columns when nothing is pending -#}
    {%- set patterns = [folder ~ '/received_date=1970-01-01/empty.parquet'] -%}
    {%- for date in run_query('select distinct received_date from ' ~ pending).columns[0] -%}
        {%- do patterns.append(folder ~ '/received_date=' ~ date ~ '/*.parquet') -%}
    {%- endfor -%}
    {%- set files = run_query(
        "select file from glob(['" ~ patterns | join("', '") ~ "']) order by file"
    ).columns[0].values() -%}
    {%- set quoted = [] -%}
    {%- for file in files -%}
        {%- do quoted.append("'" ~ file | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    read_parquet([{{ quoted | join(', ') }}], hive_partitioning = true)
{%- endmacro %}
