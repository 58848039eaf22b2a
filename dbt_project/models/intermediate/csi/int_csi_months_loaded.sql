{{ config(materialized='incremental', incremental_strategy='replace_application_months') }}

-- Made after the months were taken in: a build that was killed in between takes them in again.
-- depends_on: {{ ref('int_csi_heat_counted') }}
-- depends_on: {{ ref('fct_csi_intervals') }}
select
    application_month,
    modified_at_utc,
    size_bytes,
    input_digest
from {{ ref('int_csi_months_changed') }}
where modified_at_utc is not null
