{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- Of several lengths the finest that covers the hour counts, else the one that covers most of it:
-- they are the same energy and are never added. Intervals of more than an hour stay whole.
with intervals as not materialized (
    select
        cds_server,
        cds_resource,
        coalesce(flow_direction, '') as direction,
        cds_interval_seconds,
        interval_start_utc,
        cds_interval_end_utc,
        value_status = 'value' as has_value,
        energy_kwh,
        {{ cds_quality_rank('reading_quality') }} as quality_rank,
        is_partition_sum,
        is_ambiguous,
        mix_kwh,
        mix_g,
        is_mix_stated
    from {{ ref('int_cds_energy') }} as energy
    where {{ reaches_touched_cds_days('energy') }} and cds_interval_seconds <= 3600
),

pieces as (
    {{ pieces_of_hours('intervals', {'energy_kwh': 15, 'mix_kwh': 15, 'mix_g': 12}) }}
),

lengths as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_hour_start_utc,
        cds_interval_seconds,
        sum(energy_kwh) as energy_kwh,
        sum(mix_kwh) as mix_kwh,
        sum(mix_g) as mix_g,
        bool_or(is_mix_stated) as is_mix_stated,
        coalesce(sum(overlap_us) filter (where has_value), 0) as covered_us,
        coalesce(sum(overlap_us) filter (where not has_value), 0) as missing_us,
        max(quality_rank) filter (where has_value) as worst_rank,
        bool_or(is_split and has_value) as is_prorated,
        bool_or(is_partition_sum) as is_partition_sum,
        bool_or(is_ambiguous) as is_ambiguous
    from pieces
    group by cds_server, cds_resource, direction, cds_hour_start_utc, cds_interval_seconds
),

finest as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_hour_start_utc,
        arg_min(
            struct_pack(
                energy_kwh := energy_kwh,
                mix_kwh := mix_kwh,
                mix_g := mix_g,
                is_mix_stated := is_mix_stated,
                covered_us := covered_us,
                missing_us := missing_us,
                worst_rank := worst_rank,
                is_prorated := is_prorated,
                is_partition_sum := is_partition_sum,
                is_ambiguous := is_ambiguous,
                cds_interval_seconds := cds_interval_seconds
            ),
            struct_pack(
                a := greatest(3600000000 - covered_us, 0),
                b := cds_interval_seconds
            )
        ) as amount
    from lengths
    group by cds_server, cds_resource, direction, cds_hour_start_utc
),

directions as (
    select
        cds_server,
        cds_resource,
        cds_hour_start_utc,
        any_value(amount) filter (where direction = 'forward') as forward_part,
        any_value(amount) filter (where direction = 'reverse') as reverse_part,
        any_value(amount) filter (where direction = 'net') as net_part,
        any_value(amount) filter (where direction = '') as plain_part,
        min(amount.covered_us) as covered_us,
        max(amount.missing_us) as missing_us,
        max(amount.worst_rank) as worst_rank,
        bool_or(amount.is_prorated) as is_prorated,
        bool_or(amount.is_partition_sum) as is_partition_sum,
        bool_or(amount.is_ambiguous) as is_ambiguous,
        max(amount.cds_interval_seconds) as source_seconds
    from finest
    group by cds_server, cds_resource, cds_hour_start_utc
),

hours as (
    select
        * exclude (forward_part, reverse_part, net_part, plain_part),
        cast(cds_hour_start_utc as date) as utc_date,
        {{ cds_quality_of('worst_rank') }} as worst_quality,
        covered_us >= 3600000000 as is_hour_complete,
        coalesce(forward_part.energy_kwh, plain_part.energy_kwh) as import_kwh,
        -reverse_part.energy_kwh as export_kwh,
        coalesce(
            net_part.energy_kwh,
            forward_part.energy_kwh + reverse_part.energy_kwh,
            plain_part.energy_kwh
        ) as net_kwh,
        -- of what is imported, else of the net
        case
            when forward_part.energy_kwh is not null then forward_part
            when plain_part.energy_kwh is not null then plain_part
            else net_part
        end as emitting
    from directions
)

select
    hours.cds_server,
    hours.cds_resource,
    resources.resource_kind,
    resources.resource_id,
    hours.cds_hour_start_utc,
    hours.utc_date,
    {{ microseconds_as_seconds('hours.covered_us') }} as covered_seconds,
    {{ microseconds_as_seconds('hours.missing_us') }} as missing_seconds,
    hours.worst_quality,
    hours.is_prorated,
    hours.is_hour_complete,
    {{ energinet_state('hours.covered_us > 0', 'hours.is_hour_complete', 'hours.worst_quality') }}
        as provision,
    {{ local_time('hours.cds_hour_start_utc', 'zone_days') }} as hour_start_local,
    cast({{ local_time('hours.cds_hour_start_utc', 'zone_days') }} as date) as local_date,
    resources.timezone,
    resources.timezone_source,
    hours.source_seconds,
    hours.import_kwh,
    hours.export_kwh,
    hours.net_kwh,
    hours.is_partition_sum,
    hours.is_ambiguous,
    hours.emitting.mix_kwh as mix_kwh,
    hours.emitting.mix_g as mix_g,
    hours.emitting.is_mix_stated as is_mix_stated
from hours
inner join {{ ref('int_cds_resources') }} as resources using (cds_server, cds_resource)
inner join {{ ref('int_cds_zone_days') }} as zone_days
    on {{ zone_day_of('hours.cds_hour_start_utc', 'resources.timezone', 'zone_days') }}
where {{ in_touched_cds_days('hours') }}
order by hours.cds_hour_start_utc, hours.cds_resource
