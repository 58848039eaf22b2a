select
    lines.cds_server,
    lines.cds_billsection_id,
    lines.part_position,
    lines.part_id,
    lines.part_name,
    lines.part_types,
    lines.line_start_date,
    lines.line_end_date,
    lines.has_own_dates,
    lines.currency,
    lines.detail_cost,
    lines.detail_cost_text,
    lines.detail_value,
    lines.native_unit,
    lines.line_rate,
    lines.line_rate_text,
    lines.is_total,
    lines.related_usage_details,
    lines.related_cost_details
from {{ ref('int_cds_bill_line_items') }} as lines
inner join {{ ref('int_cds_object_versions') }} as versions using (object_version_id)
where versions.is_current
