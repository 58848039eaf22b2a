{#
    Files of a table that is written month by month, below the data folder: the month that the
    folder names, when it was written and its size.
#}
{% macro monthly_files(folder, month) -%}
    select
        cast(
            regexp_extract(filename, '{{ month }}=(\d{4}-\d{2}-\d{2})', 1) as date
        ) as {{ month }},
        max(cast(last_modified as timestamp)) as modified_at_utc,
        cast(sum(size) as bigint) as size_bytes
    from read_blob(
        '{{ env_var("CEI_DATA_DIR", "data") | replace("'", "''") }}/{{ folder }}/{{ month }}=*/*.parquet'
    )
    group by all
{%- endmacro %}

{#
    Months whose file is another one than the warehouse holds, told by the columns `marks`; without
    them when the file has gone. What the warehouse holds is noted by the model `loaded` at the end
    of a build. It is found by name, because it is made from this one: the next build reads what
    the last one left.
#}
{% macro months_that_changed(found, loaded, month, marks, parameters) -%}
    {%- set held = adapter.get_relation(target.database, 'intermediate', loaded)
        if execute else none -%}
    {%- if not held or is_full_build() -%}
        select {{ month }}, {{ marks | join(', ') }} from {{ found }}
    {%- else -%}
        select
            coalesce(found.{{ month }}, held.{{ month }}) as {{ month }},
            found.{{ marks | join(',\n            found.') }}
        from {{ found }} as found
        full outer join {{ held }} as held using ({{ month }})
        where
            {% for mark in marks -%}
            found.{{ mark }} is distinct from held.{{ mark }}
            or {% endfor -%}
            (select is_full_refresh from {{ parameters }})
    {%- endif -%}
{%- endmacro %}
