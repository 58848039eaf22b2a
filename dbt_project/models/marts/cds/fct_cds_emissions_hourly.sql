{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- Energy whose own supply mix says how much carbon it carries counts by that, the rest by the
-- emission factor of the mapped site and year.
with places as (
    select
        cds_server,
        cds_resource,
        arg_min(site_id, struct_pack(a := site_id, b := meter_id)) as site_id
    from {{ ref('int_cds_resource_meters') }}
    where mapping_status <> 'several'
    group by cds_server, cds_resource
),

hours as (
    select
        energy.* exclude (import_kwh, export_kwh, net_kwh),
        places.site_id,
        case
            when energy.import_kwh is null and energy.net_kwh is not null then 'net'
            when energy.import_kwh is not null then 'forward'
        end as flow_direction,
        coalesce(energy.import_kwh, energy.net_kwh) as hour_kwh,
        cast(factors.kgco2e_per_kwh as decimal(18, 9)) * 1000 as factor_grams
    from {{ ref('fct_cds_energy_hourly') }} as energy
    left join places using (cds_server, cds_resource)
    left join {{ ref('stg_cds_register__cds_site_factors') }} as factors
        on places.site_id = factors.site_id
        and year(energy.local_date) = factors.year
    where {{ in_touched_cds_days('energy') }}
),

rests as (
    select
        *,
        hour_kwh - coalesce(mix_kwh, 0) as rest_kwh,
        case
            when hour_kwh is null then 'no energy in the hour'
            when hour_kwh < 0 then 'net energy from the customer'
            when abs(hour_kwh) >= 1000000000000 then 'energy beyond a billion MWh'
            when hour_kwh = coalesce(mix_kwh, 0) then null
            when factor_grams is not null then null
            when site_id is null then 'not mapped to a site, so without an emission factor'
            else 'no emission factor for the site and year'
        end as obstacle
    from hours
)

select
    cds_server,
    cds_resource,
    resource_kind,
    resource_id,
    cds_hour_start_utc,
    utc_date,
    hour_start_local,
    local_date,
    site_id,
    flow_direction,
    hour_kwh,
    mix_kwh,
    mix_g,
    cast(factor_grams as decimal(18, 9)) as factor_grams,
    case when obstacle is null then {{ emissions_of_hour() }} end as hour_g,
    case
        when obstacle is not null then null
        when mix_kwh is null then 'emission_factor'
        when rest_kwh <> 0 then 'supply_mix_and_factor'
        when is_mix_stated then 'stated'
        else 'supply_mix'
    end as emission_source,
    obstacle,
    is_hour_complete
from rests
order by cds_hour_start_utc, cds_resource
