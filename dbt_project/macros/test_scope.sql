{#
    Rows that a test looks at: all of them on a full refresh, else those that the build can have
    changed, so that the tests of an hourly update do not grow with the years of history. The
    tables are found by name: a ref here would give every test a second parent, and a test with
    two parents is no check of one asset.
#}
{% macro rows_in_scope(alias, scope) -%}
    {%- if scope == 'all' or not execute or is_full_build() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- if scope == 'touched_days' -%}
        {%- set touched = adapter.get_relation(target.database, 'intermediate', 'int_days_touched') -%}
        {{ one_of_dates(alias ~ '.local_date', 'select distinct local_date from ' ~ touched) }}
    {%- elif scope == 'touched_cds_days' -%}
        {%- set touched = adapter.get_relation(
            target.database, 'intermediate', 'int_cds_days_touched') -%}
        {{ one_of_dates(alias ~ '.utc_date', 'select distinct utc_date from ' ~ touched) }}
    {%- elif scope == 'application_months' -%}
        {%- set changed = adapter.get_relation(
            target.database, 'intermediate', 'int_csi_months_changed') -%}
        {{ one_of_dates(
            alias ~ '.application_month', 'select application_month from ' ~ changed) }}
    {%- else -%}
        {%- set pending = adapter.get_relation(
            target.database, 'staging', 'stg_build__pending_receipts') -%}
        {{ one_of_dates(
            alias ~ '.received_date', 'select distinct received_date from ' ~ pending) }}
    {%- endif -%}
{%- endmacro %}
