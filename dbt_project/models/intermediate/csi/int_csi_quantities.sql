{%- set counts = [
    'interval_count', 'empty_intervals', 'zero_intervals', 'unpaired_intervals',
    'negative_backup_intervals', 'catch_up_intervals', 'held_catch_up_intervals'
] -%}

with uploads as (
    select
        uploads.receipt_id,
        uploads.application_id,
        uploads.application_month,
        uploads.is_effective,
        uploads.effective_from_utc,
        uploads.effective_to_utc,
        uploads.csi_is_late,
        {%- for count in counts %}
        coalesce(counted.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        coalesce(counted.delivered_btu, 0) as delivered_btu,
        coalesce(counted.backup_reading_sum, 0) as backup_reading_sum,
        months.backup_type,
        months.quantity_unit,
        months.baseline_efficiency,
        coalesce(months.payment_obstacle, 'outside the term') = 'outside the term' as has_terms
    from {{ ref('stg_csi__ledger') }} as uploads
    left join {{ ref('int_csi_heat_counted') }} as counted using (receipt_id)
    left join {{ ref('int_csi_application_months') }} as months
        on uploads.application_id = months.application_id
        and uploads.application_month = months.application_month
    where
        uploads.effective_from_utc is not null
        and uploads.file_type = 'application_interval'
),

fractions as (
    select
        receipt_id,
        {{ heat_numerator('delivered_btu', 'quantity_unit') }} as n1,
        {{ heat_denominator('baseline_efficiency', 'quantity_unit') }} as d1,
        {{ backup_numerator('backup_reading_sum', 'backup_type', 'quantity_unit') }} as n2,
        {{ backup_denominator('backup_type', 'quantity_unit') }} as d2
    from uploads
    where has_terms
)

select
    uploads.receipt_id,
    uploads.application_id,
    uploads.application_month,
    uploads.is_effective,
    uploads.effective_from_utc,
    uploads.effective_to_utc,
    uploads.csi_is_late,
    {%- for count in counts %}
    uploads.{{ count }},
    {%- endfor %}
    uploads.delivered_btu,
    {{ backup_btu('uploads.backup_reading_sum', 'uploads.backup_type') }} as backup_input_btu,
    {{ ten_thousandths(
        half_up_difference('fractions.n1', 'fractions.d1', 'fractions.n2', 'fractions.d2')
    ) }} as displaced_quantity
from uploads
left join fractions using (receipt_id)
