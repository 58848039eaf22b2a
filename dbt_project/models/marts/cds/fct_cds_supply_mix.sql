{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- The shares of the intervals that hold. An individual mix and the residual one share out the same
-- energy; the base mix is all of it again, so that one of the two sets counts: the former when it
-- is whole. What another kind of the set contains is counted in that.
with described as (
    select
        mix.* exclude (cds_server, receipt_id, received_date),
        held.cds_server,
        held.cds_resource
    from {{ ref('int_cds_mix_stored') }} as mix
    inner join {{ ref('int_cds_versions') }} as versions
        on mix.segment_version_id = versions.segment_version_id
        and mix.receipt_id = versions.stored_receipt_id
    inner join {{ ref('fct_usage_intervals') }} as held
        on mix.segment_version_id = held.segment_version_id
        and mix.described_position = held.format_position
        and mix.set_position = held.set_position
    where {{ in_touched_cds_days('held') }}
),

-- of shares that do not say what they describe every version that holds shows its own
undescribed as (
    select
        mix.* exclude (receipt_id, received_date),
        'segment/' || versions.cds_usagesegment_id as cds_resource
    from {{ ref('int_cds_mix_stored') }} as mix
    inner join {{ ref('int_cds_versions') }} as versions
        on mix.segment_version_id = versions.segment_version_id
        and mix.receipt_id = versions.stored_receipt_id
    where mix.described_position is null and versions.version_status = 'current'
),

shares as (
    select * from described
    union all by name
    select * from undescribed
    where {{ in_touched_cds_days('undescribed') }}
),

based as (
    select
        *,
        coalesce(supply_attribution, '') = 'base' as is_base,
        coalesce(stated_kwh, share_kwh) as supplied_kwh
    from shares
),

kinds as (
    select
        segment_version_id,
        set_position,
        described_position,
        is_base,
        bool_or(supply_type = 'carbonfree') as has_carbonfree,
        bool_or(supply_type = 'natural_gas') as has_natural_gas
    from based
    group by segment_version_id, set_position, described_position, is_base
),

contained as (
    select
        based.*,
        coalesce(
            (
                kinds.has_carbonfree
                and based.supply_type in ('solar', 'wind', 'hydro', 'geothermal', 'nuclear')
            )
            or (kinds.has_natural_gas and based.supply_type = 'peaker'),
            false
        ) as is_contained
    from based
    inner join kinds
        on based.segment_version_id = kinds.segment_version_id
        and based.set_position = kinds.set_position
        and based.described_position is not distinct from kinds.described_position
        and based.is_base = kinds.is_base
),

sets as (
    select
        segment_version_id,
        set_position,
        described_position,
        bool_or(is_base) as has_base,
        bool_or(not is_base) as has_parts,
        coalesce({{ is_whole_mix('is_base') }}, false) as is_base_whole,
        coalesce({{ is_whole_mix('not is_base') }}, false) as is_parts_whole
    from contained
    where not is_contained
    group by segment_version_id, set_position, described_position
)

select
    contained.cds_server,
    contained.cds_resource,
    contained.segment_version_id,
    contained.format_position,
    contained.set_position,
    contained.mix_part,
    contained.described_position,
    contained.interval_start_utc,
    contained.cds_interval_end_utc,
    contained.utc_date,
    contained.supply_attribution,
    contained.supply_type,
    contained.supply_type_text,
    contained.share,
    contained.carbon_intensity,
    contained.described_kwh,
    contained.share_kwh,
    contained.emissions_g,
    contained.stated_kwh,
    contained.stated_tco2e,
    not contained.is_contained
    and contained.is_base = case
        when sets.is_parts_whole then false
        when sets.is_base_whole then true
        else not sets.has_parts
    end as is_counted
from contained
inner join sets
    on contained.segment_version_id = sets.segment_version_id
    and contained.set_position = sets.set_position
    and contained.described_position is not distinct from sets.described_position
order by contained.interval_start_utc
