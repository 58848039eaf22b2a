-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(received_date as date) as received_date,
    cast(cds_server as varchar) as cds_server,
    cast(segment_version_id as varchar) as segment_version_id,
    cast(set_position as bigint) as set_position,
    cast(format_position as bigint) as format_position,
    cast(described_position as bigint) as described_position,
    cast(described_count as bigint) as described_count,
    cast(interval_start_utc as timestamp) as interval_start_utc,
    cast(cds_interval_end_utc as timestamp) as cds_interval_end_utc,
    cast(currency as varchar) as currency,
    cast(value_status as varchar) as value_status,
    cast(cds_cost as decimal(38,12)) as cds_cost,
    cast(cds_cost_text as varchar) as cds_cost_text
from {{ cds_rows('cds_costs') }}
