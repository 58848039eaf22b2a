"""Jobs: what is run together, by hand, by schedule or by sensor."""

import dagster as dg

from cei_assets.contracts.vocabulary import CSI_SOURCES, UploadSource
from cei_assets.defs.analysis import ANALYSIS_ASSETS
from cei_assets.defs.cds import cds_hand_over, cds_intake, cds_marts, cds_register
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
from cei_assets.defs.pulling import PULLED_KEY
from cei_assets.defs.raw import intake, receipts_key, register
from cei_assets.defs.warehouse import analysis_marts, readings_marts

_JUDGING = dg.AssetSelection.assets(register, intake)
_CSI_JUDGING = dg.AssetSelection.assets(csi_register, csi_intake, csi_ledger)
_CDS_JUDGING = dg.AssetSelection.assets(cds_intake)
_RECEIPTS = dg.AssetSelection.assets(*(receipts_key(source) for source in UploadSource))


def _judging(source: UploadSource) -> dg.AssetSelection:
    """What judges the files of a landing folder."""
    if source in CSI_SOURCES:
        return _CSI_JUDGING
    return _CDS_JUDGING if source is UploadSource.CDS else _JUDGING


TAKE_IN = dg.define_asset_job(
    "take_in",
    selection=_RECEIPTS | _JUDGING,
    description="Archive what waits in every landing folder and judge it.",
)
TAKE_IN_BY_SOURCE = {
    source: dg.define_asset_job(
        f"take_in_{source.value}",
        selection=dg.AssetSelection.assets(receipts_key(source)) | _judging(source),
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
PULL_CDS = dg.define_asset_job(
    "pull_cds",
    selection=dg.AssetSelection.assets(PULLED_KEY),
    description="Pull customer data from a CDS server into landing/cds.",
)
JUDGE_CDS = dg.define_asset_job(
    "judge_cds",
    selection=_CDS_JUDGING,
    description="Judge the files of customer data of the given days.",
)
BUILD_CDS = dg.define_asset_job(
    "build_cds",
    selection=dg.AssetSelection.assets(cds_register, cds_marts, cds_hand_over),
    description="Marts of customer data, and what mapped meters hand over to the readings.",
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
    PULL_CDS,
    JUDGE_CDS,
    BUILD_CDS,
]
