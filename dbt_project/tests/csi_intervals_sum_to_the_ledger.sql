{{ config(tags=['csi'], meta={'dagster': {'ref': {'name': 'fct_csi_intervals'}}}) }}

-- Uploads whose intervals are not those that were judged: another number, or another sum of any of
-- the columns D to H. Sums are exact, and a column without a value has none.
{%- set measured = {
    'solar_btu': 'solar_btu_sum',
    'total_btu': 'total_btu_sum',
    'backup_gas_therms': 'backup_gas_therms_sum',
    'backup_electric_kwh': 'backup_electric_kwh_sum',
    'backup_propane_therms': 'backup_propane_therms_sum',
} %}

with held as (
    select
        receipt_id,
        count(*) as data_rows,
        {%- for column, total in measured.items() %}
        cast(
            sum({{ column }}) as decimal(38, {{ 0 if column.endswith('btu') else 12 }})
        ) as {{ total }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_csi_intervals') }} as intervals
    where {{ rows_in_scope('intervals', 'application_months') }}
    group by receipt_id
),

judged as (
    select *
    from {{ ref('rpt_csi_performance_data') }} as uploads
    where
        {{ rows_in_scope('uploads', 'application_months') }}
        and uploads.is_effective
        and uploads.file_type = 'application_interval'
)

select
    receipt_id,
    judged.data_rows as judged_rows,
    held.data_rows as held_rows
from judged
full outer join held using (receipt_id)
where
    judged.data_rows is distinct from held.data_rows
    {%- for total in measured.values() %}
    or judged.{{ total }} is distinct from held.{{ total }}
    {%- endfor %}
