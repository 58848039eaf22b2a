-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(receipt_id as varchar) as receipt_id,
    cast(finding_number as integer) as finding_number,
    cast(csi_rule as varchar) as csi_rule,
    cast(csi_severity as varchar) as csi_severity,
    cast(line_number as bigint) as line_number,
    cast(column_letter as varchar) as column_letter,
    cast(column_name as varchar) as column_name,
    cast(finding_value as varchar) as finding_value,
    cast(message as varchar) as message,
    cast(rule_count as bigint) as rule_count
from {{ source('csi', 'findings') }}
