"""Asset checks of the CSI-Thermal programme.

Contracts, the second lock on accepted rows and everything that a payment rests on block: a run is
sealed only when they hold. That a sealed payment is no longer what the ledger says only warns,
since the next run adjusts it.
"""

import dagster as dg

from cei_assets.checks import csi
from cei_assets.contracts.tables.csi import CSI_INTAKE_TABLES, CSI_INTERVALS
from cei_assets.defs.checks import check_result, contract_check, days_of, warehouse_check
from cei_assets.defs.metadata import asset_key
from cei_assets.defs.partitions import RECEIVED_DATE
from cei_assets.defs.resources import Platform


@dg.asset_check(
    asset=asset_key(CSI_INTERVALS),
    name="exclusive_columns",
    blocking=True,
    partitions_def=RECEIVED_DATE,
    description="Accepted rows fill only the columns of their tank and back-up type (pandera).",
)
def exclusive_columns(
    context: dg.AssetCheckExecutionContext, platform: Platform
) -> dg.AssetCheckResult:
    """X01 and X02 once more, on what was stored."""
    settings = platform.settings
    verdict = csi.exclusive_columns(
        days_of(context), paths=settings.paths, zero_is_data=settings.csi_zero_is_data
    )
    return check_result(verdict, warns=False)


CSI_CHECKS: list[dg.AssetChecksDefinition] = [
    *(contract_check(table) for table in CSI_INTAKE_TABLES),
    exclusive_columns,
    warehouse_check("fct_csi_months", csi.effective_months_complete, blocks=True),
    warehouse_check("fct_csi_intervals", csi.intervals_unique, blocks=True),
    warehouse_check("fct_csi_payments", csi.payments_rest_on_effective_uploads, blocks=True),
    warehouse_check(
        "fct_csi_payments",
        csi.sealed_runs_unchanged,
        blocks=True,
        options=lambda settings: {"paths": settings.paths},
    ),
    warehouse_check("fct_csi_payments", csi.sealed_payments_still_hold, blocks=False),
]
