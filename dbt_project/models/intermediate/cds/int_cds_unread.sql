{{ config(materialized='incremental', incremental_strategy='replace_cds_resources') }}

-- Electric usage that no meter of the register can take, whatever other things give. A longer
-- interval beside shorter ones of a mapped resource is here too: it is the same energy again.
with energy as (
    select *
    from {{ ref('int_cds_energy') }} as held
    where {{ of_touched_cds_resources('held') }}
),

meters as (
    select
        cds_server,
        cds_resource,
        min(mapped_direction) as mapped_direction,
        string_agg(distinct site_id || ',' || meter_id, ' and ' order by site_id || ',' || meter_id)
            as meters
    from {{ ref('int_cds_resource_meters') }}
    group by cds_server, cds_resource
),

candidates as (
    select *
    from {{ ref('int_cds_reading_candidates') }} as mapped
    where {{ of_touched_cds_resources('mapped') }}
),

-- of things that lead to no meter, every interval
without_meter as (
    select
        energy.cds_server,
        energy.cds_resource,
        energy.cds_interval_seconds,
        case
            when energy.resource_id is null then 'several things and no single one are named'
            when resources.mapping_status = 'several'
                then 'leads to several meters: ' || meters.meters
            else 'not mapped'
        end as obstacle,
        case
            when energy.resource_id is null then null
            else concat_ws(
                ',',
                {{ csv_text('energy.cds_server') }},
                energy.resource_kind,
                {{ csv_text('energy.resource_id') }},
                'SITE,METER',
                coalesce(meters.mapped_direction, 'forward'),
                '',
                ''
            )
        end as obstacle_line,
        energy.interval_start_utc,
        energy.cds_interval_end_utc,
        energy.energy_kwh
    from energy
    inner join {{ ref('int_cds_resources') }} as resources using (cds_server, cds_resource)
    left join meters using (cds_server, cds_resource)
    where resources.mapping_status in ('none', 'several')
),

refused as (
    select
        cds_server,
        cds_resource,
        cds_interval_seconds,
        obstacle,
        case
            when cds_interval_seconds <> interval_seconds
                then 'meters.csv: interval_seconds of ' || site_id || ',' || meter_id || ' is '
                    || interval_seconds || ', the server sends '
                    || cast(cds_interval_seconds as decimal(18, 0))
        end as obstacle_line,
        interval_start_utc,
        cds_interval_end_utc,
        energy_kwh
    from candidates
    where obstacle is not null and obstacle <> 'no value'
),

uncounted as (
    select
        held.cds_server,
        held.cds_resource,
        held.cds_interval_seconds,
        'forecast, telemetry or of unknown kind' as obstacle,
        null as obstacle_line,
        held.interval_start_utc,
        held.cds_interval_end_utc,
        held.energy_kwh
    from {{ ref('fct_usage_intervals') }} as held
    where
        {{ of_touched_cds_resources('held') }}
        and held.cds_value_type = 'electric_usage'
        and not ({{ is_counted_series('held.series_kind') }})
),

unserved as (
    select
        energy.cds_server,
        energy.cds_resource,
        energy.cds_interval_seconds,
        'no values of the mapped direction' as obstacle,
        null as obstacle_line,
        energy.interval_start_utc,
        energy.cds_interval_end_utc,
        energy.energy_kwh
    from energy
    inner join {{ ref('int_cds_resources') }} as resources using (cds_server, cds_resource)
    anti join candidates using (
        cds_server, cds_resource, cds_interval_seconds, interval_start_utc)
    where resources.mapping_status in ('direct', 'bridged')
),

unread as (
    select * from without_meter
    union all by name
    select * from refused
    union all by name
    select * from uncounted
    union all by name
    select * from unserved
)

select
    unread.cds_server,
    unread.cds_resource,
    any_value(resources.resource_kind) as resource_kind,
    any_value(resources.resource_id) as resource_id,
    unread.cds_interval_seconds,
    unread.obstacle,
    min(unread.obstacle_line) as obstacle_line,
    count(*) as row_count,
    sum(unread.energy_kwh) as rows_kwh,
    min(unread.interval_start_utc) as first_start_utc,
    max(unread.cds_interval_end_utc) as last_end_utc
from unread
inner join {{ ref('int_cds_resources') }} as resources using (cds_server, cds_resource)
group by
    unread.cds_server, unread.cds_resource, unread.cds_interval_seconds, unread.obstacle
