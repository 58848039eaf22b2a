{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- What a register's meter of a direction stands for, interval by interval. Forward: what came from
-- the grid, else energy without direction, else a net that is not negative. Reverse: what went to
-- it, as a positive number. Net: as sent, else forward and reverse together.
with mapped as (
    select distinct
        cds_server,
        cds_resource,
        mapping_status,
        site_id,
        meter_id,
        mapped_direction,
        interval_seconds,
        organization_id,
        timezone
    from {{ ref('int_cds_resource_meters') }}
    where mapping_status <> 'several'
),

-- of resources with one direction every interval stands alone
several_directions as (
    select cds_server, cds_resource
    from {{ ref('int_cds_formats_held') }}
    where
        cds_value_type = 'electric_usage'
        and not is_aggregated
        and {{ is_counted_series('series_kind') }}
    group by cds_server, cds_resource
    having count(distinct coalesce(flow_direction, '')) > 1
),

slots as not materialized (
    select
        energy.cds_server,
        energy.cds_resource,
        energy.utc_date,
        energy.cds_interval_seconds,
        energy.interval_start_utc,
        energy.cds_interval_end_utc,
        coalesce(energy.flow_direction, 'plain') as direction,
        struct_pack(
            kwh := energy.energy_kwh,
            quality_rank := {{ cds_quality_rank('energy.reading_quality') }},
            seen := struct_pack(
                received_at_utc := versions.first_seen_utc,
                receipt_id := versions.first_receipt_id,
                received_date := versions.received_date,
                line_number := energy.set_position + 1
            ),
            is_ambiguous := energy.is_ambiguous
        ) as slot
    from {{ ref('int_cds_energy') }} as energy
    inner join {{ ref('int_cds_versions') }} as versions using (segment_version_id)
    where
        {{ in_touched_cds_days('energy') }}
        and (energy.cds_server, energy.cds_resource) in (
            select (mapped.cds_server, mapped.cds_resource) from mapped
        )
),

sides as (
    {% set sides = ['forward', 'plain', 'net', 'reverse'] -%}
    select
        cds_server,
        cds_resource,
        utc_date,
        cds_interval_seconds,
        interval_start_utc,
        cds_interval_end_utc,
        {% for side in sides -%}
        case when direction = '{{ side }}' then slot end as {{ side }}_slot
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from slots
    anti join several_directions using (cds_server, cds_resource)
    union all
    select
        cds_server,
        cds_resource,
        utc_date,
        cds_interval_seconds,
        interval_start_utc,
        cds_interval_end_utc,
        {% for side in sides -%}
        any_value(slot) filter (where direction = '{{ side }}') as {{ side }}_slot
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from slots
    semi join several_directions using (cds_server, cds_resource)
    group by
        cds_server, cds_resource, utc_date, cds_interval_seconds, interval_start_utc,
        cds_interval_end_utc
),

metered as (
    select
        sides.*,
        mapped.* exclude (cds_server, cds_resource),
        case
            when mapped.mapped_direction = 'forward'
                then case
                    when forward_slot.kwh is not null then forward_slot
                    when plain_slot.kwh is not null then plain_slot
                    when net_slot.kwh is not null then net_slot
                    else coalesce(forward_slot, plain_slot, net_slot)
                end
            when mapped.mapped_direction = 'reverse' then reverse_slot
            when net_slot.kwh is not null then net_slot
            when forward_slot.kwh is not null and reverse_slot.kwh is not null
                then struct_pack(
                    kwh := forward_slot.kwh,
                    quality_rank := greatest(
                        forward_slot.quality_rank, reverse_slot.quality_rank),
                    seen := greatest(forward_slot.seen, reverse_slot.seen),
                    is_ambiguous := false
                )
            else net_slot
        end as slot,
        mapped.mapped_direction = 'net'
        and net_slot.kwh is null
        and forward_slot.kwh is not null
        and reverse_slot.kwh is not null as is_forward_and_reverse
    from sides
    inner join mapped using (cds_server, cds_resource)
),

valued as (
    select
        metered.*,
        case
            when is_forward_and_reverse then forward_slot.kwh + reverse_slot.kwh
            when mapped_direction = 'reverse' then -slot.kwh
            else slot.kwh
        end as kwh,
        {{ local_time('metered.interval_start_utc', 'zone_days') }} as interval_start_local
    from metered
    inner join {{ ref('int_cds_zone_days') }} as zone_days
        on {{ zone_day_of('metered.interval_start_utc', 'metered.timezone', 'zone_days') }}
),

judged as (
    select
        valued.*,
        cast(interval_start_local as date) as local_date,
        case
            when cds_interval_seconds <> interval_seconds then 'another interval than the meter''s'
            when slot.is_ambiguous then 'equal formats, which of them counts is not said'
            when kwh is null then 'no value'
            when kwh < 0 then 'negative'
            when kwh > 1000000 then 'above the platform''s limit of 1,000,000 kWh'
        end as own_obstacle
    from valued
    where slot is not null
)

select
    judged.cds_server,
    judged.cds_resource,
    judged.utc_date,
    judged.site_id,
    judged.meter_id,
    judged.mapped_direction,
    judged.interval_start_utc,
    judged.cds_interval_end_utc,
    judged.cds_interval_seconds,
    judged.interval_seconds,
    judged.local_date,
    {{ month_of('judged.local_date') }} as usage_month,
    judged.kwh as energy_kwh,
    {{ cds_quality_of('judged.slot.quality_rank') }} as reading_quality,
    judged.mapped_direction as flow_direction,
    judged.slot.seen.receipt_id as receipt_id,
    judged.slot.seen.line_number as line_number,
    judged.slot.seen.received_at_utc as received_at_utc,
    judged.slot.seen.received_date as received_date,
    judged.organization_id,
    judged.mapping_status,
    case
        when
            not exists (
                select 1
                from {{ ref('int_cds_resource_meters') }} as periods
                where
                    periods.cds_server = judged.cds_server
                    and periods.cds_resource = judged.cds_resource
                    and periods.site_id = judged.site_id
                    and periods.meter_id = judged.meter_id
                    and periods.mapped_direction = judged.mapped_direction
                    and judged.local_date >= coalesce(periods.mapped_from, judged.local_date)
                    and judged.local_date <= coalesce(periods.mapped_to, judged.local_date)
            )
            then 'outside the days of the mapping'
        else judged.own_obstacle
    end as obstacle
from judged
