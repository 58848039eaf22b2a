-- Generated from cei_assets/contracts by `python -m cei_assets.contracts.render`.
select
    cast(run_quarter as varchar) as run_quarter,
    cast(run_cutoff_utc as timestamp) as run_cutoff_utc,
    cast(application_id as varchar) as application_id,
    cast(paid_quarter as varchar) as paid_quarter,
    cast(line_kind as varchar) as line_kind,
    cast(months_included as varchar) as months_included,
    cast(receipts_included as varchar) as receipts_included,
    cast(entitled_quantity as decimal(28,4)) as entitled_quantity,
    cast(line_quantity as decimal(28,4)) as line_quantity,
    cast(quantity_unit as varchar) as quantity_unit,
    cast(baseline_efficiency as decimal(9,6)) as baseline_efficiency,
    cast(conversion_method as varchar) as conversion_method,
    cast(catch_up_setting as varchar) as catch_up_setting,
    cast(rate as decimal(12,6)) as rate,
    cast(incentive_cap as decimal(18,2)) as incentive_cap,
    cast(uncapped_usd as decimal(28,2)) as uncapped_usd,
    cast(entitled_usd as decimal(28,2)) as entitled_usd,
    cast(amount_usd as decimal(28,2)) as amount_usd,
    cast(sealed_at_utc as timestamp) as sealed_at_utc
from {{ source('csi', 'payment_lines') }}
