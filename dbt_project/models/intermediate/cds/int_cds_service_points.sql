{{ config(materialized='incremental', incremental_strategy='append') }}

{{ cds_versions_not_held('cds_service_points') }}
