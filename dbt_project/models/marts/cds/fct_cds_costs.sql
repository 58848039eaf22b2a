{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

-- A cost is an interval of a series of its own, so that it holds or not as any other value does.
-- The time of the rows is joined as well, since the stored ones lie in its order.
select
    held.cds_server,
    held.cds_resource,
    costs.segment_version_id,
    costs.format_position,
    costs.set_position,
    costs.described_position,
    described.series_id as described_series_id,
    costs.interval_start_utc,
    costs.cds_interval_end_utc,
    held.utc_date,
    costs.currency,
    costs.cds_cost,
    costs.described_count,
    costs.value_status
from {{ ref('fct_usage_intervals') }} as held
inner join {{ ref('int_cds_versions') }} as versions
    on held.segment_version_id = versions.segment_version_id
inner join {{ ref('int_cds_costs_stored') }} as costs
    on versions.stored_receipt_id = costs.receipt_id
    and held.segment_version_id = costs.segment_version_id
    and held.format_position = costs.format_position
    and held.set_position = costs.set_position
    and held.interval_start_utc = costs.interval_start_utc
left join {{ ref('int_cds_formats_held') }} as described
    on costs.segment_version_id = described.segment_version_id
    and costs.described_position = described.format_position
where
    {{ in_touched_cds_days('held') }}
    and held.cds_value_type = 'cost'
order by costs.interval_start_utc
