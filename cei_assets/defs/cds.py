"""CDS customer data: mapping of meters, judged files, marts, and what they hand to the readings."""

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from cei_assets.contracts.tables.cds_hand_over import (
    CDS_BUILD_TABLES,
    CDS_HAND_OVER_TABLES,
    CDS_REGISTER_TABLES,
)
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.defs.metadata import asset_key, asset_spec
from cei_assets.defs.partitions import RECEIVED_DATE, SINGLE_RUN, WAREHOUSE_POOL
from cei_assets.defs.raw import (
    INTAKE_POOL,
    JudgeConfig,
    current_register,
    judged_tables,
    receipts_key,
)
from cei_assets.defs.raw import REGISTER_KEYS as SITE_REGISTER_KEYS
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import (
    DBT_PROJECT,
    TRANSLATOR,
    model_key,
    project_fingerprint,
    run_dbt,
    target_path,
)
from cei_assets.storage.cds_build import (
    begin_cds_build,
    finish_cds_build,
    needs_full_hand_over,
    plan_cds_build,
    remember_cds_built,
)
from cei_assets.storage.cds_hand_over import hand_over, touched_months
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES
from cei_assets.storage.cds_register import (
    CdsRegisterResult,
    load_cds_register,
    store_cds_register,
)
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.taking_in import judge_cds_days


@dg.multi_asset(
    name="cds_register",
    specs=[
        asset_spec(table, kinds={"csv", "parquet"}, deps=SITE_REGISTER_KEYS)
        for table in CDS_REGISTER_TABLES
    ],
    pool=INTAKE_POOL,
)
def cds_register(platform: Platform) -> Iterator[dg.MaterializeResult[None]]:
    """Validate which meter of the register a server's meter stands for; keep it as typed Parquet.

    Fails with every finding (file, line, column) when one of them is an error.
    """
    loaded = current_cds_register(platform)
    for table in CDS_REGISTER_TABLES:
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "dagster/row_count": loaded.tables[table.name].num_rows,
                "fingerprint": loaded.fingerprint,
                "warnings": [str(finding) for finding in loaded.findings if not finding.is_error],
            },
        )


def current_cds_register(platform: Platform) -> CdsRegisterResult:
    """The mapping as its file says now, stored; RegisterError names what is wrong in it."""
    paths = platform.settings.paths
    loaded = load_cds_register(paths, register=current_register(platform))
    store_cds_register(paths, loaded)
    return loaded


@dg.multi_asset(
    name="cds_intake",
    specs=[
        asset_spec(
            table,
            kinds={"python", "parquet"},
            deps=[receipts_key(UploadSource.CDS)],
            partitions_def=RECEIVED_DATE,
        )
        for table in CDS_INTAKE_TABLES
    ],
    partitions_def=RECEIVED_DATE,
    backfill_policy=SINGLE_RUN,
    pool=INTAKE_POOL,
)
def cds_intake(
    context: dg.AssetExecutionContext, config: JudgeConfig, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge the files of customer data of the given days: segments, values, objects, each exactly.

    A file is judged when it has no outcome yet or the rules have changed since.
    """
    days = [date.fromisoformat(key) for key in context.partition_keys]
    with platform.raw_lock():
        summary = judge_cds_days(days, settings=platform.settings, force=config.force)
    yield from judged_tables(context, summary, CDS_INTAKE_TABLES)


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    name="cds_marts",
    select="tag:cds",
    dagster_dbt_translator=TRANSLATOR,
    pool=WAREHOUSE_POOL,
)
def cds_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, platform: Platform
) -> Iterator[Any]:
    """Versions, intervals, objects and bills of customer data; makes anew what files touch."""
    settings = platform.settings
    with platform.warehouse_lock(), platform.raw_lock():
        plan = plan_cds_build(
            settings.paths,
            as_of=settings.now().replace(tzinfo=UTC),
            register_fingerprint=current_cds_register(platform).fingerprint,
            project_fingerprint=project_fingerprint(DBT_PROJECT.project_dir),
        )
        reasons = ", ".join(plan.reasons) or "none: only what pending files touch"
        context.log.info("%d pending files; full refresh because: %s", len(plan.receipts), reasons)
        if not plan.has_work:
            return
        begin_cds_build(settings.paths, plan)
        yield from run_dbt(
            context,
            dbt,
            target=target_path(settings, "cds", plan.project_fingerprint),
            is_full_refresh=plan.is_full_refresh,
        )
        if context.is_subset:
            context.log.info("Part of the models was built: pending files stay pending.")
        else:
            remember_cds_built(settings.paths, plan)


@dg.multi_asset(
    name="cds_hand_over",
    specs=[
        asset_spec(table, kinds={"parquet"}, deps=[model_key("int_cds_readings")])
        for table in CDS_HAND_OVER_TABLES
    ],
    pool=WAREHOUSE_POOL,
)
def cds_hand_over(
    context: dg.AssetExecutionContext, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Hand the readings of mapped meters over to the readings' facts, and say which days changed.

    Ends the build of the CDS tables: from here on its files are no longer pending.
    """
    settings = platform.settings
    with (
        platform.warehouse_lock(),
        platform.raw_lock(),
        connect(settings.paths.warehouse, read_only=True, settings=settings.session) as warehouse,
    ):
        months = None if needs_full_hand_over(settings.paths) else touched_months(warehouse)
        handed = hand_over(settings.paths, warehouse, months=months)
        finish_cds_build(settings.paths)
    context.log.info("%s", handed)
    for table in CDS_HAND_OVER_TABLES:
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "meter_days_changed": handed.days,
                "months_written": [month.isoformat() for month in handed.months],
                "months_emptied": [month.isoformat() for month in handed.emptied],
            },
        )


# What a build tells dbt: files of the platform that no asset of their own writes.
_TOLD = [asset_spec(table, kinds={"json"}) for table in CDS_BUILD_TABLES]

CDS_ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [
    cds_register,
    cds_intake,
    *_TOLD,
    cds_marts,
    cds_hand_over,
]
