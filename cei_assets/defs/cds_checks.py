"""Asset checks of CDS customer data.

Contracts of what was judged block. What a utility sends is not ours to mend: that its bills, sums
or revisions do not agree only warns, as does usage that feeds no meter of the register.
"""

import dagster as dg

from cei_assets.checks import cds
from cei_assets.defs.checks import contract_check, warehouse_check
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES

CDS_CHECKS: list[dg.AssetChecksDefinition] = [
    *(contract_check(table) for table in CDS_INTAKE_TABLES),
    warehouse_check("fct_usage_segments", cds.changes_are_told, blocks=False),
    warehouse_check("fct_usage_segments", cds.segment_ids_are_of_one_start, blocks=False),
    warehouse_check("fct_usage_segments", cds.sources_are_checked_in_time, blocks=False),
    warehouse_check("fct_usage_intervals", cds.net_is_forward_plus_reverse, blocks=False),
    warehouse_check("fct_cds_bills", cds.bills_add_up, blocks=False),
    warehouse_check("fct_cds_bills_metered", cds.bills_agree_with_meters, blocks=False),
    warehouse_check("rpt_cds_unmapped", cds.usage_feeds_the_readings, blocks=False),
]
