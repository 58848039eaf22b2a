{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_payments'}}}) }}

-- Sealed lines that are shown otherwise than they were sealed, or not at all, and lines that are
-- shown as sealed and are not.
(
    select * from {{ ref('stg_csi__payment_lines') }}
    except all
    select * from {{ ref('fct_csi_payments') }} where sealed_at_utc is not null
)
union all
(
    select * from {{ ref('fct_csi_payments') }} where sealed_at_utc is not null
    except all
    select * from {{ ref('stg_csi__payment_lines') }}
)
