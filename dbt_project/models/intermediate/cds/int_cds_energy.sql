{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- One value for every resource, direction, length and interval. Most have one series, which is
-- taken as it is. Of several, a total without designation counts, and the parts of a tariff are
-- added up where there is no such total, never to it.
with families as (
    select
        cds_server,
        cds_resource,
        coalesce(flow_direction, '') as direction,
        cds_interval_seconds
    from {{ ref('int_cds_formats_held') }}
    where
        cds_value_type = 'electric_usage'
        and not is_aggregated
        and {{ is_counted_series('series_kind') }}
    group by all
    having count(distinct series_id) > 1
),

intervals as not materialized (
    select
        *,
        coalesce(flow_direction, '') as direction
    from {{ ref('fct_usage_intervals') }} as held
    where
        {{ in_touched_cds_days('held') }}
        and cds_value_type = 'electric_usage'
        and {{ is_counted_series('series_kind') }}
),

-- few, so that they are found before anything is joined to them
of_several as (
    select *
    from intervals
    semi join families using (cds_server, cds_resource, direction, cds_interval_seconds)
),

candidates as (
    select
        of_several.*,
        of_several.value_status = 'value' as has_value,
        formats.quality_rank,
        formats.recency_rank,
        coalesce(of_several.tou, '') as part_tou,
        coalesce(of_several.tier, '') as part_tier,
        case
            when of_several.tou is null and of_several.tier is null then 0
            when of_several.tier is null then 1
            when of_several.tou is null then 2
            else 3
        end as partition_rank
    from of_several
    inner join {{ ref('int_cds_formats_held') }} as formats
        using (segment_version_id, format_position)
),

-- equal formats that both have a value: nothing says whether they are to be added
parts as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        partition_rank,
        count(distinct series_variant) filter (where has_value) > 1 as is_ambiguous,
        arg_min(
            struct_pack(
                cds_interval_end_utc := cds_interval_end_utc,
                resource_kind := resource_kind,
                resource_id := resource_id,
                utc_date := utc_date,
                value_status := value_status,
                has_value := has_value,
                energy_kwh := energy_kwh,
                quality_rank := quality_rank,
                series_kind := series_kind,
                segment_version_id := segment_version_id,
                format_position := format_position,
                set_position := set_position
            ),
            struct_pack(
                a := not has_value,
                b := series_kind <> 'settlement',
                c := quality_rank,
                d := recency_rank,
                e := series_id
            )
        ) as slot
    from candidates
    group by
        cds_server, cds_resource, direction, cds_interval_seconds, interval_start_utc,
        partition_rank, part_tou, part_tier
),

partitions as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        partition_rank,
        bool_or(is_ambiguous) as is_ambiguous,
        bool_or(slot.has_value) as has_value,
        sum(slot.energy_kwh) as energy_kwh,
        max(slot.quality_rank) filter (where slot.has_value) as worst_rank,
        count(*) filter (where slot.has_value) as value_count,
        arg_min(slot, struct_pack(
            a := not slot.has_value,
            b := slot.format_position,
            c := slot.segment_version_id
        )) as slot
    from parts
    group by
        cds_server, cds_resource, direction, cds_interval_seconds, interval_start_utc,
        partition_rank
),

chosen as (
    select
        cds_server,
        cds_resource,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        arg_min(
            struct_pack(
                partition_rank := partition_rank,
                is_ambiguous := is_ambiguous,
                has_value := has_value,
                energy_kwh := energy_kwh,
                worst_rank := worst_rank,
                value_count := value_count,
                slot := slot
            ),
            struct_pack(a := not has_value, b := partition_rank)
        ) as total
    from partitions
    group by cds_server, cds_resource, direction, cds_interval_seconds, interval_start_utc
),

energy as (
    select
        cds_server,
        cds_resource,
        resource_kind,
        resource_id,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        cds_interval_end_utc,
        utc_date,
        value_status,
        energy_kwh,
        reading_quality,
        series_kind,
        tou is not null or tier is not null as is_partition_sum,
        false as is_ambiguous,
        1 as value_count,
        segment_version_id,
        format_position,
        set_position
    from intervals
    anti join families using (cds_server, cds_resource, direction, cds_interval_seconds)
    union all by name
    select
        cds_server,
        cds_resource,
        total.slot.resource_kind as resource_kind,
        total.slot.resource_id as resource_id,
        direction,
        cds_interval_seconds,
        interval_start_utc,
        total.slot.cds_interval_end_utc as cds_interval_end_utc,
        total.slot.utc_date as utc_date,
        case when total.is_ambiguous then 'missing' else total.slot.value_status end
            as value_status,
        case when not total.is_ambiguous then total.energy_kwh end as energy_kwh,
        {{ cds_quality_of('coalesce(total.worst_rank, total.slot.quality_rank)') }}
            as reading_quality,
        total.slot.series_kind as series_kind,
        total.partition_rank > 0 as is_partition_sum,
        total.is_ambiguous as is_ambiguous,
        total.value_count as value_count,
        total.slot.segment_version_id as segment_version_id,
        total.slot.format_position as format_position,
        total.slot.set_position as set_position
    from chosen
),

supplied as (
    select *, coalesce(stated_kwh, share_kwh) as supplied_kwh
    from {{ ref('fct_cds_supply_mix') }} as mix
    where mix.is_counted and mix.described_position is not null
    and {{ in_touched_cds_days('mix') }}
),

mixes as (
    select
        segment_version_id,
        described_position as format_position,
        set_position,
        any_value(described_kwh) as mix_kwh,
        sum(coalesce(stated_tco2e * 1000000, emissions_g)) as mix_g,
        bool_or(stated_tco2e is not null) as is_mix_stated
    from supplied
    group by segment_version_id, described_position, set_position
    having
        {{ is_whole_mix('true') }}
        and bool_and(
            stated_tco2e is not null or emissions_g is not null or supplied_kwh = 0
        )
)

select
    energy.cds_server,
    energy.cds_resource,
    energy.resource_kind,
    energy.resource_id,
    nullif(energy.direction, '') as flow_direction,
    energy.cds_interval_seconds,
    energy.interval_start_utc,
    energy.cds_interval_end_utc,
    energy.utc_date,
    energy.value_status,
    energy.energy_kwh,
    energy.reading_quality,
    energy.series_kind,
    energy.is_partition_sum,
    energy.is_ambiguous,
    energy.segment_version_id,
    energy.format_position,
    energy.set_position,
    mixes.mix_kwh,
    cast(mixes.mix_g as decimal(38, 12)) as mix_g,
    mixes.is_mix_stated
from energy
left join mixes
    on energy.segment_version_id = mixes.segment_version_id
    and energy.format_position = mixes.format_position
    and energy.set_position = mixes.set_position
    -- a sum of parts has no single mix
    and energy.value_count = 1
    and energy.energy_kwh is not null
