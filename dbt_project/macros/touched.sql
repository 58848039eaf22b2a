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

{# A build that has to make everything anew cannot be done by an incremental run of dbt. #}
{% macro refuse_partial_build(parameters) -%}
    {%- if execute and not is_full_build() -%}
        {%- set query = 'select is_full_refresh or previous_as_of_utc is null from ' ~ parameters -%}
        {%- if run_query(query).columns[0].values()[0] -%}
            {%- do exceptions.raise_compiler_error(
                'raw/build/parameters.json asks for a full refresh or knows no build before this '
                ~ 'one, but dbt runs incrementally. Run dbt build --full-refresh.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Condition on a date column: one of the values that `query` yields, as literals. #}
{% macro one_of_dates(column, query) -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set dates = run_query(query).columns[0].values() | sort -%}
    {%- if dates | length == 0 -%}
        {{ return('false') }}
    {%- elif dates | length > 400 -%}
        {{ return(column ~ " between date '" ~ dates[0] ~ "' and date '" ~ dates[-1] ~ "'") }}
    {%- endif -%}
    {{ return(column ~ " in (date '" ~ dates | join("', date '") ~ "')") }}
{%- endmacro %}

{#
    The conditions below hold for every row where a table is made anew. Each asks for its ref
    before it looks at that, because dbt collects dependencies while no table exists yet.
#}

{# Condition: the row belongs to a pending receipt. `receipts` is the model that names these. #}
{% macro of_pending_receipts(
    alias, is_restricted=none, receipts='stg_build__pending_receipts'
) -%}
    {%- set pending = ref(receipts) -%}
    {%- if not (is_incremental() if is_restricted is none else is_restricted) -%}
        {%- if execute and not is_full_build() -%}
            {%- do exceptions.raise_compiler_error(
                this ~ ' does not exist, and only pending receipts are at hand. '
                ~ 'Run dbt build --full-refresh.'
            ) -%}
        {%- endif -%}
        {{ return('true') }}
    {%- endif -%}
    {{ one_of_dates(alias ~ '.received_date', 'select distinct received_date from ' ~ pending) }}
    and {{ alias }}.receipt_id in (select pending.receipt_id from {{ pending }} as pending)
{%- endmacro %}

{#
    Condition: the row lies in a touched day, told by the columns `keys` and its day. `days` is the
    model that names them.
#}
{% macro in_touched(alias, days, keys, day='local_date') -%}
    {%- set touched = ref(days) -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ one_of_dates(alias ~ '.' ~ day, 'select distinct ' ~ day ~ ' from ' ~ touched) }}
    and exists (
        select 1
        from {{ touched }} as touched
        where
            {% for key in keys -%}
            touched.{{ key }} = {{ alias }}.{{ key }}
            and {% endfor -%}
            touched.{{ day }} = {{ alias }}.{{ day }}
    )
{%- endmacro %}

{# Condition: the row lies in a touched meter day. #}
{% macro in_touched_days(alias) -%}
    {{ in_touched(alias, 'int_days_touched', ['site_id', 'meter_id']) }}
{%- endmacro %}

{# Condition: the date is that of a touched meter day; for rows that are joined to those. #}
{% macro on_touched_dates(column) -%}
    {%- set query = 'select distinct local_date from ' ~ ref('int_days_touched') -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ one_of_dates(column, query) }}
{%- endmacro %}

{# Condition: the row lies in a touched site day. #}
{% macro in_touched_site_days(alias) -%}
    {{ in_touched(alias, 'int_site_days_touched', ['site_id']) }}
{%- endmacro %}

{#
    Condition: the day of receipt is that of a pending receipt, or of rows that lie in a touched
    meter day: rows whose key was judged again are among these.
#}
{% macro on_touched_receipt_dates(column) -%}
    {%- set pending = ref('stg_build__pending_receipts') -%}
    {%- set received = ref('int_readings_received') -%}
    {%- set in_touched = in_touched_days('received') -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set query -%}
        select distinct received_date from {{ pending }}
        union
        select distinct received.received_date from {{ received }} as received
        where {{ in_touched }}
    {%- endset -%}
    {{ one_of_dates(column, query) }}
{%- endmacro %}

{#
    Condition: the month has to be taken in anew. `changed` is the model that names such months,
    `month` their column.
#}
{% macro in_changed_months(alias, changed='int_analysis_months_changed', month='usage_month') -%}
    {%- set query = 'select ' ~ month ~ ' from ' ~ ref(changed) -%}
    {%- if not is_incremental() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ one_of_dates(alias ~ '.' ~ month, query) }}
{%- endmacro %}

{# Condition: the month of the CSI programme has to be taken in anew. #}
{% macro in_changed_application_months(alias) -%}
    {{ in_changed_months(alias, 'int_csi_months_changed', 'application_month') }}
{%- endmacro %}
