{#
    The conditions of `touched.sql` for CDS customer data, whose builds have receipts and clock of
    their own. A touched day is a day of UTC of one resource: what competes for an interval, and
    what becomes one hour, is of one resource.
#}

{# Condition: the row belongs to a pending receipt of CDS customer data. #}
{% macro of_cds_pending_receipts(alias, is_restricted=none) -%}
    {{ of_pending_receipts(alias, is_restricted, 'stg_cds_build__cds_pending_receipts') }}
{%- endmacro %}

{# Condition: the row lies in a touched day of its resource. #}
{% macro in_touched_cds_days(alias) -%}
    {{ in_touched(alias, 'int_cds_days_touched', ['cds_server', 'cds_resource'], 'utc_date') }}
{%- endmacro %}

{#
    Condition: the row can reach into a touched day of its resource: it starts in it, or on the
    day before it, from which an interval of at most an hour may last into it.
#}
{% macro reaches_touched_cds_days(alias) -%}
    {%- set touched = ref('int_cds_days_touched') -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set reached -%}
        select cds_server, cds_resource, utc_date from {{ touched }}
        union
        select cds_server, cds_resource, utc_date - 1 from {{ touched }}
    {%- endset -%}
    {{ one_of_dates(
        alias ~ '.utc_date', 'select distinct utc_date from (' ~ reached ~ ') as reached') }}
    and exists (
        select 1
        from ({{ reached }}) as reached
        where
            reached.cds_server = {{ alias }}.cds_server
            and reached.cds_resource = {{ alias }}.cds_resource
            and reached.utc_date = {{ alias }}.utc_date
    )
{%- endmacro %}

{# Condition: the row is of a resource that has a touched day. #}
{% macro of_touched_cds_resources(alias) -%}
    {%- set touched = ref('int_cds_days_touched') -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    exists (
        select 1
        from {{ touched }} as touched
        where
            touched.cds_server = {{ alias }}.cds_server
            and touched.cds_resource = {{ alias }}.cds_resource
    )
{%- endmacro %}

{# Condition: the span of a format reaches into a touched day of its resource. #}
{% macro spans_touched_cds_days(alias) -%}
    {%- set touched = ref('int_cds_days_touched') -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    exists (
        select 1
        from {{ touched }} as touched
        where
            touched.cds_server = {{ alias }}.cds_server
            and touched.cds_resource = {{ alias }}.cds_resource
            and touched.utc_date >= cast({{ alias }}.first_start_utc as date)
            and touched.utc_date <= cast({{ alias }}.last_end_utc as date)
    )
{%- endmacro %}
