"""The partitionings: days of receipt, months of use, application months of the CSI programme."""

import dagster as dg

from cei_assets.settings import Settings

_SETTINGS = Settings()

RECEIVED_DATE = dg.DailyPartitionsDefinition(
    start_date=_SETTINGS.first_received_date, timezone="UTC", end_offset=1
)
USAGE_MONTH = dg.MonthlyPartitionsDefinition(
    start_date=_SETTINGS.first_usage_month, timezone="UTC", end_offset=1
)
APPLICATION_MONTH = dg.MonthlyPartitionsDefinition(
    start_date=_SETTINGS.first_application_month, timezone="UTC", end_offset=1
)

# Backfills of a range are one run: thousands of runs of one day each overload daemon and UI.
SINGLE_RUN = dg.BackfillPolicy.single_run()
WAREHOUSE_POOL = "warehouse"
