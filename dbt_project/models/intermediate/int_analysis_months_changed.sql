{#
    The analysis replaces whole monthly files; which of them the warehouse has taken in is noted by
    int_analysis_months_loaded at the end of a build. It is found by name, because it is made from
    this table: the next build reads what the last one left.
#}
{%- set loaded = adapter.get_relation(
    target.database, 'intermediate', 'int_analysis_months_loaded'
) if execute else none %}
{%- set parameters = ref('stg_build__parameters') %}

with files as (
    select
        cast(regexp_extract(filename, 'usage_month=(\d{4}-\d{2}-\d{2})', 1) as date) as usage_month,
        max(cast(last_modified as timestamp)) as modified_at_utc,
        cast(sum(size) as bigint) as size_bytes
    from read_blob({{ analysis_files('counterfactual_hourly') }})
    group by all
)
{%- if loaded and not is_full_build() %},

loaded as (
    select * from {{ loaded }}
)

select
    coalesce(files.usage_month, loaded.usage_month) as usage_month,
    files.modified_at_utc,
    files.size_bytes
from files
full outer join loaded using (usage_month)
where
    files.modified_at_utc is distinct from loaded.modified_at_utc
    or files.size_bytes is distinct from loaded.size_bytes
    or (select is_full_refresh from {{ parameters }})
{%- else %}

select
    usage_month,
    modified_at_utc,
    size_bytes
from files
{%- endif %}
