select
    site_id,
    valid_from,
    valid_to,
    currency,
    price_per_kwh,
    hour_from,
    hour_to,
    weekday_from,
    weekday_to
from {{ ref('stg_register__tariffs') }}
