{#
    What an incremental build has to make anew. Everything is derived from the receipts that
    raw/build names and from the clock, never from what a former model did or did not do, so a
    build that was killed anywhere can simply be repeated.

    Dates are written into the SQL as literals, so that DuckDB skips the Parquet partitions and
    the row groups of other days.
#}
{% macro is_full_build() -%}
    {{ return(flags.FULL_REFRESH) }}
{%- endmacro %}

{# Condition on a date column: one of the values that `query` yields, as literals. #}
{% macro one_of_dates(column, query, days_after=0) -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set found = run_query(query).columns[0].values() -%}
    {%- set dates = [] -%}
    {%- for date in found -%}
        {%- for shift in range(days_after + 1) -%}
            {%- do dates.append((date + modules.datetime.timedelta(days=shift)).isoformat()) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set dates = dates | unique | sort -%}
    {%- if dates | length == 0 -%}
        {{ return('false') }}
    {%- elif dates | length > 400 -%}
        {{ return(column ~ " between date '" ~ dates[0] ~ "' and date '" ~ dates[-1] ~ "'") }}
    {%- endif -%}
    {{ return(column ~ " in (date '" ~ dates | join("', date '") ~ "')") }}
{%- endmacro %}

{# Condition: the row belongs to a pending receipt. #}
{% macro of_pending_receipts(alias) -%}
    {%- set pending = ref('stg_build__pending_receipts') -%}
    {%- set query = 'select distinct received_date from ' ~ pending -%}
    {{ one_of_dates(alias ~ '.received_date', query) }}
    and {{ alias }}.receipt_id in (select pending.receipt_id from {{ pending }} as pending)
{%- endmacro %}

{# Condition: the row lies in a touched meter day. #}
{% macro in_touched_days(alias, date_column='local_date') -%}
    {%- set touched = ref('int_days_touched') -%}
    {%- set query = 'select distinct local_date from ' ~ touched -%}
    {{ one_of_dates(alias ~ '.' ~ date_column, query) }}
    and ({{ alias }}.site_id, {{ alias }}.meter_id, {{ alias }}.{{ date_column }}) in (
        select (touched.site_id, touched.meter_id, touched.local_date) from {{ touched }} as touched
    )
{%- endmacro %}

{# Condition: the date is a touched one, or up to `days_after` days later. #}
{% macro near_touched_days(column, days_after=0) -%}
    {%- set query = 'select distinct local_date from ' ~ ref('int_days_touched') -%}
    {{ one_of_dates(column, query, days_after) }}
{%- endmacro %}

{# Condition: the row lies in a touched site day. #}
{% macro in_touched_site_days(alias) -%}
    {%- set touched = ref('int_site_days_touched') -%}
    {%- set query = 'select distinct local_date from ' ~ touched -%}
    {{ one_of_dates(alias ~ '.local_date', query) }}
    and ({{ alias }}.site_id, {{ alias }}.local_date) in (
        select (touched.site_id, touched.local_date) from {{ touched }} as touched
    )
{%- endmacro %}
