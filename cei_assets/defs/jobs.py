"""Jobs: what is run together, by hand, by schedule or by sensor."""

import dagster as dg

from cei_assets.contracts.vocabulary import CSI_SOURCES, UploadSource
from cei_assets.defs.analysis import ANALYSIS_ASSETS
from cei_assets.defs.checks import GATE_CHECKS
from cei_assets.defs.csi import (
    REPORTS_KEY,
    csi_intake,
    csi_intervals,
    csi_ledger,
    csi_marts,
    csi_payment_runs,
    csi_register,
)
from cei_assets.defs.published import CLOSEOUT_KEY, MAPPING_KEY, PUBLISHED_KEY, quality_results
from cei_assets.defs.raw import intake, receipts_key, register
from cei_assets.defs.warehouse import analysis_marts, readings_marts

_JUDGING = dg.AssetSelection.assets(register, intake)
_CSI_JUDGING = dg.AssetSelection.assets(csi_register, csi_intake, csi_ledger)
_RECEIPTS = dg.AssetSelection.assets(*(receipts_key(source) for source in UploadSource))

TAKE_IN = dg.define_asset_job(
    "take_in",
    selection=_RECEIPTS | _JUDGING,
    description="Archive what waits in every landing folder and judge it.",
)
TAKE_IN_BY_SOURCE = {
    source: dg.define_asset_job(
        f"take_in_{source.value}",
        selection=dg.AssetSelection.assets(receipts_key(source))
        | (_CSI_JUDGING if source in CSI_SOURCES else _JUDGING),
        description=f"Archive what waits in landing/{source.value} and judge it.",
    )
    for source in UploadSource
}
BUILD = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.assets(register, readings_marts, PUBLISHED_KEY),
    description="Facts and completeness from what was judged, then the published file.",
)
# A blocking check is not remembered between runs: the gate on the marts is evaluated again here.
ANALYSE = dg.define_asset_job(
    "analyse",
    selection=dg.AssetSelection.checks(*GATE_CHECKS)
    | dg.AssetSelection.assets(*ANALYSIS_ASSETS, analysis_marts, PUBLISHED_KEY),
    description="Baselines, episodes and savings of the given months, then the published file.",
)
REPORT = dg.define_asset_job(
    "report",
    selection=dg.AssetSelection.assets(quality_results, CLOSEOUT_KEY, MAPPING_KEY),
    description="Data quality over the published marts, and the pilot reports.",
)
VALIDATE = dg.define_asset_job(
    "validate",
    selection=dg.AssetSelection.assets(quality_results),
    description="Data quality over the published marts, without the pilot reports.",
)
TAKE_IN_CSI = dg.define_asset_job(
    "take_in_csi",
    selection=dg.AssetSelection.assets(*(receipts_key(source) for source in CSI_SOURCES))
    | _CSI_JUDGING,
    description="Archive what waits in the CSI landing folders and judge it.",
)
JUDGE_CSI = dg.define_asset_job(
    "judge_csi",
    selection=_CSI_JUDGING,
    description="Judge CSI uploads of the given days, then pass over the history of every month.",
)
CLOSE_CSI = dg.define_asset_job(
    "close_csi",
    selection=dg.AssetSelection.assets(
        csi_intervals, csi_marts, csi_payment_runs, PUBLISHED_KEY, REPORTS_KEY
    ),
    description="Intervals of the given application months, performance data, payments, reports.",
)

JOBS = [
    TAKE_IN,
    *TAKE_IN_BY_SOURCE.values(),
    BUILD,
    ANALYSE,
    REPORT,
    VALIDATE,
    TAKE_IN_CSI,
    JUDGE_CSI,
    CLOSE_CSI,
]
