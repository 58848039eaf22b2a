select
    sites.site_id,
    sites.organization_id,
    sites.site_name,
    sites.timezone,
    sites.country,
    sites.subdivision,
    sites.floor_area_m2,
    sites.station_id,
    mains.meter_id as main_meter_id
from {{ ref('stg_register__sites') }} as sites
inner join {{ ref('stg_register__meters') }} as mains
    on sites.site_id = mains.site_id
    and mains.role = 'main_incomer'
