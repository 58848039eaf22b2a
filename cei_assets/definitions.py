"""Assembles the Dagster definitions; no logic."""

import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from cei_assets.defs.analysis import ANALYSIS_ASSETS
from cei_assets.defs.cds import CDS_ASSETS
from cei_assets.defs.cds_checks import CDS_CHECKS
from cei_assets.defs.cds_schedules import CDS_SCHEDULES
from cei_assets.defs.checks import CHECKS
from cei_assets.defs.csi import CSI_ASSETS
from cei_assets.defs.csi_checks import CSI_CHECKS
from cei_assets.defs.jobs import JOBS
from cei_assets.defs.progress import progress_logger
from cei_assets.defs.published import PUBLISHED_ASSETS
from cei_assets.defs.pulling import PULL_ASSETS
from cei_assets.defs.raw import RAW_ASSETS
from cei_assets.defs.resources import Platform
from cei_assets.defs.schedules import SCHEDULES
from cei_assets.defs.sensors import SENSORS
from cei_assets.defs.warehouse import DBT_ASSETS, DBT_PROJECT
from cei_assets.settings import Settings


def build_definitions() -> dg.Definitions:
    """Everything Dagster knows of the platform, for the installation the environment names."""
    Settings().export()
    return dg.Definitions(
        assets=[
            *PULL_ASSETS,
            *RAW_ASSETS,
            *DBT_ASSETS,
            *ANALYSIS_ASSETS,
            *PUBLISHED_ASSETS,
            *CSI_ASSETS,
            *CDS_ASSETS,
        ],
        asset_checks=[*CHECKS, *CSI_CHECKS, *CDS_CHECKS],
        jobs=JOBS,
        schedules=[*SCHEDULES, *CDS_SCHEDULES],
        sensors=SENSORS,
        resources={
            "platform": Platform(),
            # The dbt of this environment, whether or not its folder is on the PATH.
            "dbt": DbtCliResource(
                project_dir=DBT_PROJECT, dbt_executable=str(Path(sys.executable).with_name("dbt"))
            ),
        },
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
