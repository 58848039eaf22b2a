"""The queries that give a backtest its hours: of the warehouse, and of judged drops."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BacktestQueries:
    """Usage and hours of `$sites`, all meters, and the time zones of all sites.

    Columns are those that `core.baseline.frame.site_frames` reads.
    """

    usage: str
    hours: str
    meters: str
    zones: str


WAREHOUSE = BacktestQueries(
    usage="""
    select site_id, meter_id, hour_start_utc, hour_usage_kwh, is_complete
    from marts.fct_usage_hourly
    where site_id in (select unnest($sites))
    """,
    hours="""
    select site_id, hour_start_utc, hour_start_local, local_date, local_hour, weekday,
        usage_month, is_operating, is_working_day, is_holiday, is_closure, has_operating_hours,
        temperature_c
    from intermediate.int_site_hours
    where site_id in (select unnest($sites))
    """,
    meters="select site_id, meter_id, role from marts.dim_meters order by site_id, meter_id",
    zones="select site_id, timezone from marts.dim_sites",
)

# The hours of a site run from its first to its last reading; an hour is complete when its accepted
# intervals cover it. Of two values for an interval the one read last counts, files in name order.
DROPS = BacktestQueries(
    usage="""
    with latest as (
        select site_id, meter_id, interval_start_utc,
            arg_max(usage_kwh, place) as usage_kwh,
            arg_max(interval_seconds, place) as interval_seconds
        from readings
        where site_id in (select unnest($sites))
        group by all
    )
    select site_id, meter_id, date_trunc('hour', interval_start_utc) as hour_start_utc,
        sum(usage_kwh)::double as hour_usage_kwh, sum(interval_seconds) = 3600 as is_complete
    from latest
    group by all
    """,
    hours="""
    with spans as (
        select site_id, timezone, station_id,
            min(date_trunc('hour', interval_start_utc)) as first_hour,
            max(date_trunc('hour', interval_start_utc)) as last_hour
        from readings join sites using (site_id)
        where site_id in (select unnest($sites))
        group by all
    ),
    hours as (
        select site_id, timezone, station_id,
            unnest(generate_series(first_hour, last_hour, interval 1 hour)) as hour_start_utc
        from spans
    ),
    local as (
        select *, timezone(timezone, timezone('UTC', hour_start_utc)) as hour_start_local
        from hours
    ),
    warm as (
        select site_id, station_id, date_trunc('hour', observed_at_utc) as hour_start_utc,
            avg(temperature_c)::double as temperature_c
        from temperatures
        group by all
    )
    select local.site_id, local.hour_start_utc, hour_start_local,
        hour_start_local::date as local_date, hour(hour_start_local) as local_hour,
        isodow(hour_start_local) - 1 as weekday,
        date_trunc('month', hour_start_local)::date as usage_month,
        false as is_operating, false as is_working_day,
        exists (
            from public_holidays as free
            where free.site_id = local.site_id and free.local_date = hour_start_local::date
        ) as is_holiday,
        exists (
            from closures
            where closures.site_id = local.site_id
                and hour_start_local::date between closures.first_day and closures.last_day
        ) as is_closure,
        false as has_operating_hours,
        coalesce(own.temperature_c, stations.temperature_c) as temperature_c
    from local
    left join warm as own
        on own.site_id = local.site_id and own.hour_start_utc = local.hour_start_utc
    left join warm as stations
        on stations.station_id = local.station_id
        and stations.hour_start_utc = local.hour_start_utc
    """,
    meters="""
    select site_id, meter_id, role from meters
    where site_id in (select site_id from readings) order by site_id, meter_id
    """,
    zones="select site_id, timezone from sites",
)
