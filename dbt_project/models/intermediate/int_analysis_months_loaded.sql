{{ config(materialized='incremental', incremental_strategy='replace_months') }}

-- Made after the months were taken in: a build that was killed in between takes them in again.
-- depends_on: {{ ref('fct_counterfactual_hourly') }}
select
    usage_month,
    modified_at_utc,
    size_bytes
from {{ ref('int_analysis_months_changed') }}
where modified_at_utc is not null
