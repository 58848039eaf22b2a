{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_payments'}}}) }}

-- Applications that are paid more than their cap; the highest one where it changed mid-term.
select
    application_id,
    sum(amount_usd) as paid_usd,
    max(incentive_cap) as incentive_cap
from {{ ref('fct_csi_payments') }}
group by application_id
having
    bool_and(incentive_cap is not null or months_included is null)
    and sum(amount_usd) > max(incentive_cap)
