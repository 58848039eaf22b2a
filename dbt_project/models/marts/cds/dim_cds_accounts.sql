{{ cds_history('accounts', [
    'cds_account_id',
    'cds_account_parent',
    'customer_number',
    'account_number',
    'account_name',
    'account_address',
    'account_types',
    'account_status',
    'account_entity',
    'account_contacts',
    'account_programs',
]) }}
