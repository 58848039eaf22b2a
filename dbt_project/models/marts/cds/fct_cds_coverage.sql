{{ config(materialized='incremental', incremental_strategy='replace_cds_resources') }}

-- Daily and monthly values beside the shorter intervals of the same resource and direction. Of the
-- shorter lengths the finest that covers the longer interval is compared, else the one that covers
-- most of it. Days and what is longer are compared each by themselves.
{%- set grades = {'days': 'between 3600.000001 and 90000', 'months': '> 90000'} %}
with compared_resources as (
    select distinct cds_server, cds_resource
    from {{ ref('int_cds_formats_held') }}
    where cds_value_type = 'electric_usage' and not is_aggregated and cds_interval_seconds > 3600
),

energy as (
    select
        cds_server,
        cds_resource,
        resource_kind,
        resource_id,
        flow_direction,
        coalesce(flow_direction, '') as direction,
        cds_interval_seconds,
        interval_start_utc,
        cds_interval_end_utc,
        value_status,
        energy_kwh,
        reading_quality
    from {{ ref('int_cds_energy') }} as held
    semi join compared_resources using (cds_server, cds_resource)
    where {{ of_touched_cds_resources('held') }}
),

{% for grade, lengths in grades.items() -%}
{{ grade }} as (
    select * from energy where cds_interval_seconds {{ lengths }}
),

within_{{ grade }} as (
    select
        longer.cds_server,
        longer.cds_resource,
        longer.direction,
        longer.cds_interval_seconds,
        longer.interval_start_utc,
        finer.cds_interval_seconds as fine_seconds,
        sum(finer.energy_kwh) as fine_kwh,
        coalesce(
            sum(epoch_us(finer.cds_interval_end_utc) - epoch_us(finer.interval_start_utc))
                filter (where finer.value_status = 'value'),
            0
        ) as covered_us
    from energy as finer
    asof join {{ grade }} as longer
        on finer.cds_server = longer.cds_server
        and finer.cds_resource = longer.cds_resource
        and finer.direction = longer.direction
        and finer.interval_start_utc >= longer.interval_start_utc
    where
        finer.cds_interval_seconds < longer.cds_interval_seconds
        and finer.cds_interval_end_utc <= longer.cds_interval_end_utc
    group by all
),

{% endfor -%}

finest as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        arg_min(
            struct_pack(
                fine_seconds := fine_seconds, fine_kwh := fine_kwh, covered_us := covered_us
            ),
            struct_pack(
                a := greatest(cast(cds_interval_seconds * 1000000 as hugeint) - covered_us, 0),
                b := fine_seconds
            )
        ) as fine
    from (
        {% for grade in grades -%}
        select * from within_{{ grade }}
        {% if not loop.last -%}
        union all
        {% endif -%}
        {% endfor -%}
    ) as lengths
    group by cds_server, cds_resource, direction, cds_interval_seconds, interval_start_utc
),

compared as (
    select
        longer.*,
        finest.fine.fine_seconds as fine_seconds,
        finest.fine.fine_kwh as fine_kwh,
        coalesce(finest.fine.covered_us, 0) as covered_us,
        finest.fine.fine_kwh - longer.energy_kwh as difference_kwh
    from (
        {% for grade in grades -%}
        select * from {{ grade }}
        {% if not loop.last -%}
        union all
        {% endif -%}
        {% endfor -%}
    ) as longer
    left join finest
        using (cds_server, cds_resource, direction, cds_interval_seconds, interval_start_utc)
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    flow_direction,
    cds_interval_seconds,
    interval_start_utc,
    cds_interval_end_utc,
    energy_kwh,
    reading_quality,
    fine_seconds,
    fine_kwh,
    cast(covered_us as decimal(32, 0)) * cast('0.000001' as decimal(6, 6))
        as fine_covered_seconds,
    covered_us >= cds_interval_seconds * 1000000 as is_fine_complete,
    difference_kwh,
    -- DuckDB divides decimals in binary; a percentage is shown, not counted with
    try_cast(
        round(cast(difference_kwh as double) * 100 / nullif(cast(energy_kwh as double), 0), 6)
        as decimal(18, 6)
    ) as difference_percent
from compared
