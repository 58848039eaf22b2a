{#-
    Electric use that a bill section states, from details that say the same in several ways: a total
    beside its split by time of use or tier, a net beside forward and reverse, a meter's reading
    beside all of these. Ways are never added to one another. Within a direction a plain total
    counts, else readings of meters, else a split; between directions net counts, else forward
    with reverse, else what has no direction, else forward alone.
-#}
with details as (
    select
        sections.cds_server,
        sections.cds_billsection_id,
        sections.section_start_date,
        sections.section_end_date,
        sections.meter_count,
        case
            when abs(details.detail_kwh) < {{ largest_energy_kwh() }} then details.detail_kwh
        end as detail_kwh,
        details.is_estimated,
        case
            when details.flow_direction is not null then details.flow_direction
            when contains(details.types, 'directional') then 'not said'
            else 'unspecified'
        end as direction,
        -- moments of dialect B are midnights of some zone: the nearest one of UTC is the day
        coalesce(
            details.detail_start_date,
            cast(details.detail_start_utc + interval 12 hour as date),
            sections.section_start_date
        ) as from_date,
        coalesce(
            details.detail_end_date,
            cast(details.detail_end_utc + interval 12 hour as date) - 1,
            sections.section_end_date
        ) as to_date,
        concat_ws(
            ' and ',
            case
                when details.tou is not null or contains(details.types, 'time_of_use')
                    then 'time of use'
            end,
            case
                when details.tier is not null or contains(details.types, 'tiered') then 'tier'
            end,
            case
                when details.season is not null or contains(details.types, 'seasonal')
                    then 'season'
            end
        ) as split,
        concat_ws('|', details.tou, details.tier, details.season) as part,
        details.start_read is not null or details.end_read is not null as is_reading
    from {{ ref('int_cds_bill_sections_current') }} as sections
    inner join (
        select *, string_split(coalesce(part_types, ''), ',') as types
        from {{ ref('int_cds_bill_usage_details') }}
    ) as details using (object_version_id)
    where contains(details.types, 'electric_usage') or details.detail_kwh is not null
),

ways as (
    select
        *,
        case
            when split <> '' then split
            when is_reading then 'reading'
            else 'total'
        end as billed_way,
        case when split <> '' then 3 when is_reading then 2 else 1 end as way_rank
    from details
),

-- what one way says of one span of days
spans as (
    select
        cds_server,
        cds_billsection_id,
        direction,
        way_rank,
        billed_way,
        from_date,
        to_date,
        any_value(section_start_date) as section_start_date,
        any_value(section_end_date) as section_end_date,
        from_date = any_value(section_start_date)
        and to_date = any_value(section_end_date) as is_whole,
        bool_or(is_estimated) as is_estimated,
        case
            when count(detail_kwh) < count(*) then 'a value or its unit cannot be read'
            when way_rank < 3 and min(detail_kwh) = max(detail_kwh)
                and not (way_rank = 2 and count(*) = any_value(meter_count)) then null
            when way_rank = 1 then 'several totals differ'
            when way_rank = 2 and count(*) <> any_value(meter_count)
                then 'readings are not one for each meter'
            when way_rank = 3 and count(distinct part) < count(*) and any_value(meter_count) < 2
                then 'a part of the split stands twice'
        end as obstacle,
        case
            when way_rank = 1
                or (way_rank = 2 and count(*) <> any_value(meter_count)) then min(detail_kwh)
            else sum(detail_kwh)
        end as span_kwh
    from ways
    group by cds_server, cds_billsection_id, direction, way_rank, billed_way, from_date, to_date
),

-- a span beside the whole is a part of it; without a whole, spans count when they tile the days
counted as (
    select *
    from spans
    qualify
        is_whole
        or not bool_or(is_whole) over (
            partition by cds_server, cds_billsection_id, direction, billed_way
        )
),

ordered as (
    select
        *,
        coalesce(
            from_date - 1 <> lag(to_date) over (
                partition by cds_server, cds_billsection_id, direction, billed_way
                order by from_date, to_date
            ),
            from_date <> section_start_date
        ) as breaks
    from counted
),

said as (
    select
        cds_server,
        cds_billsection_id,
        direction,
        way_rank,
        billed_way,
        bool_or(is_estimated) as is_estimated,
        coalesce(
            min(obstacle),
            case
                when bool_or(breaks) or max(to_date) <> any_value(section_end_date)
                    then 'details do not cover the days of the section'
            end
        ) as obstacle,
        cast(sum(span_kwh) as decimal(38, 15)) as kwh
    from ordered
    group by cds_server, cds_billsection_id, direction, way_rank, billed_way
),

-- the first way that can be used; where none can, the first one's reason
by_direction as (
    select *
    from said
    qualify row_number() over (
        partition by cds_server, cds_billsection_id, direction
        order by obstacle is not null, way_rank, billed_way
    ) = 1
),

sections_said as (
    select
        cds_server,
        cds_billsection_id,
        {% for direction in ['net', 'forward', 'reverse', 'unspecified'] -%}
        max(kwh) filter (where direction = '{{ direction }}' and obstacle is null)
            as {{ direction }}_kwh,
        max(billed_way) filter (where direction = '{{ direction }}') as {{ direction }}_way,
        coalesce(bool_or(is_estimated) filter (where direction = '{{ direction }}'), false)
            as is_{{ direction }}_estimated,
        {% endfor -%}
        min(obstacle) as obstacle
    from by_direction
    group by cds_server, cds_billsection_id
)

select
    cds_server,
    cds_billsection_id,
    case
        when net_kwh is not null or (forward_kwh is not null and reverse_kwh is not null)
            then 'net'
        when unspecified_kwh is not null then 'unspecified'
        when forward_kwh is not null then 'forward'
    end as billed_direction,
    case
        when net_kwh is not null then net_way
        when forward_kwh is not null and reverse_kwh is not null
            then concat_ws(' and ', forward_way, nullif(reverse_way, forward_way))
        when unspecified_kwh is not null then unspecified_way
        when forward_kwh is not null then forward_way
    end as billed_way,
    cast(
        coalesce(net_kwh, forward_kwh + reverse_kwh, unspecified_kwh, forward_kwh)
        as decimal(38, 15)
    ) as billed_kwh,
    case
        when net_kwh is not null then is_net_estimated
        when forward_kwh is not null and reverse_kwh is not null
            then is_forward_estimated or is_reverse_estimated
        when unspecified_kwh is not null then is_unspecified_estimated
        else is_forward_estimated
    end as is_billed_estimated,
    case
        when coalesce(net_kwh, unspecified_kwh, forward_kwh) is null
            then coalesce(obstacle, 'no detail states use from the grid')
    end as billed_obstacle
from sections_said
