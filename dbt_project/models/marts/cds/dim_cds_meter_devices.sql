{{ cds_history('meter_devices', [
    'cds_meterdevice_id',
    'meter_number',
    'meter_types',
    'meter_apps',
]) }}
