with beside as (
    select
        periods.cds_server,
        periods.cds_billsection_id,
        sections.cds_billstatement_id,
        sections.cds_account_id,
        sections.account_number,
        periods.section_start_date,
        periods.section_end_date,
        periods.timezone,
        periods.timezone_source,
        periods.bill_start_utc,
        periods.bill_end_utc,
        billed.billed_way,
        billed.billed_direction,
        billed.billed_kwh,
        billed.is_billed_estimated,
        metered.metered_by,
        metered.metered_count,
        metered.metered_way,
        metered.metered_seconds,
        metered.metered_use_kwh,
        metered.covered_share,
        metered.estimated_share,
        metered.is_cut,
        case
            when billed.billed_obstacle is not null then billed.billed_obstacle
            when metered.metered_use_kwh is null then 'no intervals of what it bills'
            when metered.is_doubled then 'intervals overlap'
            when metered.covered_share < {{ bill_min_covered_share() }}
                then 'intervals do not cover the days'
            when billed.billed_direction = 'forward'
                and metered.metered_way in ('net', 'forward and reverse')
                then 'billed forward, metered net'
            when billed.billed_direction = 'net' and metered.metered_way = 'forward'
                then 'billed net, metered forward'
        end as comparison_obstacle
    from {{ ref('int_cds_billed_use') }} as billed
    inner join {{ ref('int_cds_bill_periods') }} as periods using (cds_server, cds_billsection_id)
    inner join {{ ref('int_cds_bill_sections') }} as sections using (object_version_id)
    inner join {{ ref('int_cds_metered_use') }} as metered
        on periods.cds_server = metered.cds_server
        and periods.cds_billsection_id = metered.cds_billsection_id
),

compared as (
    select
        *,
        case when comparison_obstacle is null then billed_kwh - metered_use_kwh end
            as bill_difference_kwh
    from beside
)

select
    cds_server,
    cds_billsection_id,
    cds_billstatement_id,
    cds_account_id,
    account_number,
    section_start_date,
    section_end_date,
    timezone,
    timezone_source,
    bill_start_utc,
    bill_end_utc,
    billed_way,
    billed_direction,
    billed_kwh,
    is_billed_estimated,
    metered_by,
    metered_count,
    metered_way,
    metered_seconds,
    metered_use_kwh,
    covered_share,
    estimated_share,
    is_cut,
    cast(bill_difference_kwh as decimal(38, 15)) as bill_difference_kwh,
    {{ percent_of('bill_difference_kwh', 'billed_kwh') }} as bill_difference_percent,
    comparison_obstacle is null as is_comparable,
    comparison_obstacle,
    {{ bill_agrees('billed_kwh', 'bill_difference_kwh') }} as is_within_tolerance
from compared
