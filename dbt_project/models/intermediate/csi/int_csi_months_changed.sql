-- A file holds the intervals of all uploads that were ever a month's Success. Which of them holds,
-- and how they count, can change without the file, so both are noted beside it.
with files as (
    {{ monthly_files('csi/intervals', 'application_month') }}
),

inputs as (
    select
        uploads.application_month,
        md5(string_agg(
            concat_ws(
                '|',
                uploads.receipt_id,
                uploads.is_effective,
                months.tank_configuration,
                months.backup_type,
                parameters.catch_up_setting
            ),
            ',' order by uploads.receipt_id
        )) as input_digest
    from {{ ref('stg_csi__ledger') }} as uploads
    left join {{ ref('int_csi_application_months') }} as months
        using (application_id, application_month)
    cross join {{ ref('stg_csi_build__csi_parameters') }} as parameters
    where uploads.effective_from_utc is not null
    group by uploads.application_month
),

found as (
    select files.*, inputs.input_digest
    from files
    left join inputs using (application_month)
)

{{ months_that_changed(
    'found',
    'int_csi_months_loaded',
    'application_month',
    ['modified_at_utc', 'size_bytes', 'input_digest'],
    ref('stg_csi_build__csi_parameters'),
) }}
