{#
    Delete and insert by group. dbt's own delete+insert removes the keys that the new rows carry,
    so a group that became empty (a gap that was filled) would stay; these remove the whole group
    and insert what it is now. Delete and insert are one transaction.
#}
{% macro replace_where(arguments, condition) -%}
    {%- set names = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    delete from {{ arguments.target_relation }} as held
    where {{ condition }};
    insert into {{ arguments.target_relation }} ({{ names }})
    select {{ names }} from {{ arguments.temp_relation }}
{%- endmacro %}

{% macro get_incremental_replace_receipts_sql(arguments) -%}
    {{ return(replace_where(arguments, of_pending_receipts('held'))) }}
{%- endmacro %}

{# The pending receipts' rows, and the rows of other receipts that were judged again. #}
{% macro get_incremental_replace_judged_sql(arguments) -%}
    {%- set query -%}
        select distinct received_date from {{ arguments.temp_relation }}
        union
        select distinct received_date from {{ ref('stg_build__pending_receipts') }}
    {%- endset -%}
    {%- set condition -%}
        {{ one_of_dates('held.received_date', query) }}
        and (
            held.receipt_id in (
                select pending.receipt_id from {{ ref('stg_build__pending_receipts') }} as pending
            )
            or exists (
                select 1
                from {{ arguments.temp_relation }} as judged
                where
                    judged.receipt_id = held.receipt_id
                    and judged.line_number = held.line_number
            )
        )
    {%- endset -%}
    {{ return(replace_where(arguments, condition)) }}
{%- endmacro %}

{% macro get_incremental_replace_days_sql(arguments) -%}
    {{ return(replace_where(arguments, in_touched_days('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_site_days_sql(arguments) -%}
    {{ return(replace_where(arguments, in_touched_site_days('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_receipt_dates_sql(arguments) -%}
    {{ return(replace_where(arguments, on_touched_receipt_dates('held.received_date'))) }}
{%- endmacro %}

{% macro get_incremental_replace_months_sql(arguments) -%}
    {{ return(replace_where(arguments, in_changed_months('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_application_months_sql(arguments) -%}
    {{ return(replace_where(arguments, in_changed_application_months('held'))) }}
{%- endmacro %}

{# For tables without a local date: the intervals that start in a touched day. #}
{% macro get_incremental_replace_intervals_sql(arguments) -%}
    {%- set condition -%}
        exists (
            select 1
            from {{ ref('int_days_touched') }} as touched
            where
                touched.site_id = held.site_id
                and touched.meter_id = held.meter_id
                and held.interval_start_utc >= touched.day_start_utc
                and held.interval_start_utc < touched.day_end_utc
        )
    {%- endset -%}
    {{ return(replace_where(arguments, condition)) }}
{%- endmacro %}

{# A gap goes when it overlaps a touched day or borders on it: only such gaps can have changed. #}
{% macro get_incremental_replace_gaps_sql(arguments) -%}
    {{ return(replace_where(arguments, borders_touched_day('held'))) }}
{%- endmacro %}

{% macro borders_touched_day(gap) -%}
    exists (
        select 1
        from {{ ref('int_days_touched') }} as touched
        where
            touched.site_id = {{ gap }}.site_id
            and touched.meter_id = {{ gap }}.meter_id
            and {{ gap }}.gap_start_utc <= touched.day_end_utc
            and {{ gap }}.gap_end_utc >= touched.day_start_utc
    )
{%- endmacro %}

{% macro get_incremental_replace_cds_receipts_sql(arguments) -%}
    {{ return(replace_where(arguments, of_cds_pending_receipts('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_cds_days_sql(arguments) -%}
    {{ return(replace_where(arguments, in_touched_cds_days('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_cds_resources_sql(arguments) -%}
    {{ return(replace_where(arguments, of_touched_cds_resources('held'))) }}
{%- endmacro %}

{% macro get_incremental_replace_cds_bills_sql(arguments) -%}
    {%- set condition -%}
        exists (
            select 1
            from {{ ref('int_cds_bills_touched') }} as touched
            where
                touched.cds_server = held.cds_server
                and touched.cds_billsection_id = held.cds_billsection_id
        )
    {%- endset -%}
    {{ return(replace_where(arguments, condition)) }}
{%- endmacro %}
