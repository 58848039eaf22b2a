select
    findings.receipt_id,
    uploads.application_id,
    uploads.application_month,
    findings.finding_number,
    findings.csi_rule,
    findings.csi_severity,
    findings.line_number,
    findings.column_letter,
    findings.column_name,
    findings.finding_value,
    findings.message,
    findings.rule_count
from {{ ref('stg_csi__findings') }} as findings
left join {{ ref('stg_csi__ledger') }} as uploads using (receipt_id)
order by findings.receipt_id, findings.finding_number
