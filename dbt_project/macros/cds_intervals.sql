{#
    The intervals that hold: of the versions that hold, one slot for every series and start. Where
    several segments give it (trimmed ones, two grants, a split anew), those of one quality are
    settled by the newest cds_modified, cds_synced, observation and id, and among qualities the
    best that has a value: formats of other quality are null where they do not apply.

    Only series whose spans overlap are compared, and of these only what is there twice.
#}
{% macro cds_intervals_that_hold(is_aggregated) -%}
{%- set kinds = {'single': 'not is_contested', 'contested': 'is_contested'} -%}
with {% for kind, condition in kinds.items() -%}
{{ kind }}_formats as (
    select *
    from {{ ref('int_cds_formats_held') }} as held
    where
        is_aggregated = {{ is_aggregated }}
        and cds_value_type <> 'electric_supply_mix'
        and {{ condition }}
        and {{ spans_touched_cds_days('held') }}
),

{{ kind }}_slots as (
    select
        formats.* exclude (receipt_id),
        stored.* exclude (receipt_id, received_date, segment_version_id, format_position)
    from {{ ref('int_cds_intervals_stored') }} as stored
    inner join {{ kind }}_formats as formats using (
        receipt_id, segment_version_id, format_position)
),

{% endfor -%}
candidates as (
    select * from contested_slots
    where {{ in_touched_cds_days('contested_slots') }}
),

repeated as (
    select series_id, interval_start_utc
    from candidates
    group by series_id, interval_start_utc
    having count(*) > 1
),

newest as (
    select
        candidates.series_id,
        candidates.interval_start_utc,
        candidates.quality_rank,
        arg_min(
            struct_pack(
                segment_version_id := candidates.segment_version_id,
                format_position := candidates.format_position,
                set_position := candidates.set_position,
                is_empty := candidates.value_status <> 'value'
            ),
            struct_pack(a := candidates.recency_rank, b := candidates.format_position)
        ) as slot
    from candidates
    semi join repeated using (series_id, interval_start_utc)
    group by candidates.series_id, candidates.interval_start_utc, candidates.quality_rank
),

best as (
    select
        series_id,
        interval_start_utc,
        arg_min(slot, struct_pack(a := slot.is_empty, b := quality_rank)) as slot
    from newest
    group by series_id, interval_start_utc
),

-- the slots lie in the order of time, which neither join disturbs
holding as (
    select * from single_slots
    where {{ in_touched_cds_days('single_slots') }}
    union all by name
    select contested.*
    from candidates as contested
    left join best using (series_id, interval_start_utc)
    where
        best.slot is null
        or (
            best.slot.segment_version_id = contested.segment_version_id
            and best.slot.format_position = contested.format_position
            and best.slot.set_position = contested.set_position
        )
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    series_id,
    cds_value_type,
    series_kind,
    flow_direction,
    native_unit,
    tou,
    tier,
    series_variant,
    cds_interval_seconds,
    is_point_in_time,
    utc_date,
    interval_start_utc,
    cds_interval_end_utc,
    instant_utc,
    value_status,
    cds_value,
    cds_value_text,
    is_value_exact,
    energy_wh,
    energy_kwh,
    normal_value,
    reading_quality,
    {{ energinet_state("value_status = 'value'", is_whole_quality('quality_text'),
        'reading_quality') }} as provision,
    segment_version_id,
    format_position,
    set_position
from holding
{%- endmacro %}

{# Whether the words of other lists leave the interval whole: A05 and incomplete do not. #}
{% macro is_whole_quality(text) -%}
    coalesce(lower({{ text }}) not in ('a05', 'incomplete'), true)
{%- endmacro %}
