{{ config(materialized='incremental', incremental_strategy='replace_cds_days') }}

{{ cds_intervals_that_hold(is_aggregated='true') }}
