{{ cds_history('eacs', [
    'cds_eac_id',
    'beneficiary_type',
    'beneficiaries',
    'eac_numbers',
    'eac_format',
    'eac_data_url',
    'period_start_utc',
    'period_end_utc',
]) }}
