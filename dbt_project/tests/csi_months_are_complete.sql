{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_months'}}}) }}

-- Months without exactly 96 intervals a day, and uploads that hold without a month: the register
-- does not know their application any more.
with uploads as (
    select receipt_id, true as is_held
    from {{ ref('rpt_csi_performance_data') }}
    where is_effective and file_type = 'application_interval'
)

select
    receipt_id,
    months.interval_count,
    months.grid_intervals
from uploads
full outer join {{ ref('fct_csi_months') }} as months using (receipt_id)
where
    uploads.is_held is null
    or months.interval_count is null
    or months.interval_count <> months.grid_intervals
