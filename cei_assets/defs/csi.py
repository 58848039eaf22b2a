"""CSI-Thermal programme: register, judged uploads, ledger, months, marts, payment runs, reports."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from cei_assets.contracts.tables.csi import (
    CSI_INTAKE_TABLES,
    CSI_LEDGER,
    CSI_LEDGER_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_PARAMETERS,
    CSI_PAYMENT_LINES,
    CSI_PAYMENT_RUNS,
    CSI_REGISTER_TABLES,
)
from cei_assets.contracts.vocabulary import CSI_SOURCES
from cei_assets.core.csi.program import CsiRegister
from cei_assets.defs.metadata import OWNER, asset_key, asset_spec
from cei_assets.defs.partitions import (
    APPLICATION_MONTH,
    RECEIVED_DATE,
    SINGLE_RUN,
    WAREHOUSE_POOL,
)
from cei_assets.defs.published import PUBLISHED_KEY, SEALED_KEY
from cei_assets.defs.raw import INTAKE_POOL, JudgeConfig, judged_tables, receipts_key
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import (
    DBT_PROJECT,
    TRANSLATOR,
    model_key,
    project_fingerprint,
    run_dbt,
    target_path,
)
from cei_assets.storage.build_state import built_project, remember_project
from cei_assets.storage.csi_build import csi_digest, remember_csi, tell_csi_build
from cei_assets.storage.taking_in import judge_csi_days

CSI_POOL = "csi"
REGISTER_KEYS = [asset_key(table) for table in CSI_REGISTER_TABLES]
INTAKE_KEYS = [asset_key(table) for table in CSI_INTAKE_TABLES]
LEDGER_KEYS = [asset_key(CSI_LEDGER), asset_key(CSI_LEDGER_FINDINGS)]
REPORTS_KEY = dg.AssetKey(["reports", "csi", "performance_data"])


@dg.multi_asset(
    name="csi_register",
    specs=[asset_spec(table, kinds={"csv", "parquet"}) for table in CSI_REGISTER_TABLES],
    pool=INTAKE_POOL,
)
def csi_register(platform: Platform) -> Iterator[dg.MaterializeResult[None]]:
    """Validate the programme's register files and keep them as typed Parquet.

    Fails with every finding (file, line, column) when one of them is an error; readings go on.
    """
    from cei_assets.storage.csi_register import load_csi_register, store_csi_register

    paths = platform.settings.paths
    loaded = load_csi_register(paths.register, options=platform.settings.csi_options)
    loaded.raise_for_errors()
    store_csi_register(paths, loaded)
    for table in CSI_REGISTER_TABLES:
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "dagster/row_count": loaded.tables[table.name].num_rows,
                "fingerprint": loaded.fingerprint,
                "warnings": [str(finding) for finding in loaded.findings if not finding.is_error],
            },
        )


def current_csi_register(platform: Platform) -> CsiRegister:
    """The register as its files say now; RegisterError names what is wrong in them."""
    from cei_assets.storage.csi_register import load_csi_register

    settings = platform.settings
    loaded = load_csi_register(settings.paths.register, options=settings.csi_options)
    loaded.raise_for_errors()
    return loaded.register


@dg.multi_asset(
    name="csi_intake",
    specs=[
        asset_spec(
            table,
            kinds={"python", "parquet"},
            deps=[*REGISTER_KEYS, *(receipts_key(source) for source in CSI_SOURCES)],
            partitions_def=RECEIVED_DATE,
        )
        for table in CSI_INTAKE_TABLES
    ],
    partitions_def=RECEIVED_DATE,
    backfill_policy=SINGLE_RUN,
    pool=INTAKE_POOL,
)
def csi_intake(
    context: dg.AssetExecutionContext, config: JudgeConfig, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge form and content of the uploads of the given days, each by itself.

    An upload is judged when it has no outcome yet or register or rules have changed since.
    """
    days = [date.fromisoformat(key) for key in context.partition_keys]
    with platform.raw_lock():
        summary = judge_csi_days(
            days,
            register=current_csi_register(platform),
            settings=platform.settings,
            force=config.force,
        )
    yield from judged_tables(context, summary, CSI_INTAKE_TABLES)


@dg.multi_asset(
    name="csi_ledger",
    specs=[
        asset_spec(table, kinds={"python", "parquet"}, deps=[*INTAKE_KEYS, *REGISTER_KEYS])
        for table in (CSI_LEDGER, CSI_LEDGER_FINDINGS)
    ],
    pool=CSI_POOL,
)
def csi_ledger(
    context: dg.AssetExecutionContext, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Pass over all uploads in the order of submission: one Success a month, replacements, Late."""
    from cei_assets.storage.csi_ledger import rebuild_ledger

    run = rebuild_ledger(
        platform.settings.paths,
        register=current_csi_register(platform),
        zone=platform.settings.csi_options.deadline_zone,
    )
    context.log.info("%s", run)
    for table in (CSI_LEDGER, CSI_LEDGER_FINDINGS):
        yield dg.MaterializeResult(asset_key=asset_key(table), metadata=vars(run))


@dg.multi_asset(
    name="csi_intervals",
    specs=[
        asset_spec(
            CSI_LEDGER_INTERVALS,
            kinds={"duckdb", "parquet"},
            deps=LEDGER_KEYS,
            partitions_def=APPLICATION_MONTH,
        )
    ],
    partitions_def=APPLICATION_MONTH,
    backfill_policy=SINGLE_RUN,
    pool=CSI_POOL,
)
def csi_intervals(
    context: dg.AssetExecutionContext, platform: Platform
) -> dg.MaterializeResult[None]:
    """Keep the intervals of the given application months on the grid of 96 a day."""
    from cei_assets.storage.csi_ledger import write_months

    months = [date.fromisoformat(key) for key in context.partition_keys]
    rows = write_months(platform.settings.paths, months)
    return dg.MaterializeResult(
        asset_key=asset_key(CSI_LEDGER_INTERVALS),
        metadata={"dagster/row_count": sum(rows.values()), "months": len(months)},
    )


# What earlier runs sealed: read by the build, written by the asset of sealed runs after it.
SEALED_SPECS = [
    asset_spec(table, kinds={"parquet"}) for table in (CSI_PAYMENT_LINES, CSI_PAYMENT_RUNS)
]
# What a build tells dbt: a file of the platform that no asset of its own writes.
TOLD_SPEC = asset_spec(CSI_PARAMETERS, kinds={"json"})


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    name="csi_marts",
    select="tag:csi",
    dagster_dbt_translator=TRANSLATOR,
    pool=WAREHOUSE_POOL,
)
def csi_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, platform: Platform
) -> Iterator[Any]:
    """Performance data, months, quantities and payments of the CSI-Thermal programme."""
    settings = platform.settings
    project = project_fingerprint(DBT_PROJECT.project_dir)
    with platform.warehouse_lock():
        digest = csi_digest(settings.paths)
        is_full_refresh = (
            not settings.paths.warehouse.exists() or built_project(settings.paths, "csi") != project
        )
        tell_csi_build(
            settings.paths,
            as_of_utc=settings.now(),
            catch_up=settings.csi_catch_up,
            is_full_refresh=is_full_refresh,
        )
        yield from run_dbt(
            context,
            dbt,
            target=target_path(settings, "csi", project),
            is_full_refresh=is_full_refresh,
        )
        remember_project(settings.paths, "csi", project)
        remember_csi(settings.paths, digest)


@dg.asset(
    key=SEALED_KEY,
    group_name="published",
    kinds={"parquet"},
    owners=[OWNER],
    pool=WAREHOUSE_POOL,
    deps=[model_key("fct_csi_payments"), model_key("int_csi_runs")],
    description=(
        "Payment runs whose cutoff has passed, sealed: their lines are written once and never "
        "change; what comes later is an adjustment line of a later run."
    ),
)
def csi_payment_runs(
    context: dg.AssetExecutionContext, platform: Platform
) -> dg.MaterializeResult[None]:
    """Write the lines of runs that are due and not sealed yet to csi/payment_lines."""
    from cei_assets.storage.csi_sealing import seal_due_runs

    settings = platform.settings
    with platform.warehouse_lock():
        sealed = seal_due_runs(settings, sealed_at_utc=settings.now())
    for quarter in sealed.quarters:
        context.log.info("sealed payment run %s", quarter)
    return dg.MaterializeResult(
        metadata={
            "sealed_now": list(sealed.quarters),
            "lines": sealed.lines,
            "amount_usd": str(sealed.amount_usd),
        }
    )


@dg.asset(
    key=REPORTS_KEY,
    group_name="reports",
    kinds={"html", "csv"},
    owners=[OWNER],
    deps=[PUBLISHED_KEY],
    description=(
        "Performance Data List with details and calendar, and the payment report with every "
        "assumption: HTML pages that open offline."
    ),
)
def csi_reports(platform: Platform) -> dg.MaterializeResult[None]:
    """Write reports/csi_performance_data.html and reports/csi_payments.html."""
    from cei_assets.storage.csi_reports import write_csi_reports

    settings = platform.settings
    files = write_csi_reports(settings, as_of=settings.now())
    return dg.MaterializeResult(
        metadata={path.name: dg.MetadataValue.path(str(path)) for path in files[:10]}
        | {"files": len(files)}
    )


CSI_ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [
    csi_register,
    csi_intake,
    csi_ledger,
    csi_intervals,
    *SEALED_SPECS,
    TOLD_SPEC,
    csi_marts,
    csi_payment_runs,
    csi_reports,
]
