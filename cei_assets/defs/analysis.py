"""Layer analysis: baselines and flagged hours per month of use, then what they add up to."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from cei_assets.contracts.tables.analysis import (
    ANNUAL_AVOIDABLE,
    AVOIDABLE_HOURS,
    AVOIDED_ENERGY,
    BASELINE_MODELS,
    COUNTERFACTUAL_HOURLY,
    FLAGGED_HOURS,
)
from cei_assets.defs.metadata import asset_key, asset_spec
from cei_assets.defs.partitions import SINGLE_RUN, USAGE_MONTH, WAREHOUSE_POOL
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import model_key

MONTHLY_TABLES = (BASELINE_MODELS, COUNTERFACTUAL_HOURLY, FLAGGED_HOURS, AVOIDABLE_HOURS)
SUMMARY_TABLES = (ANNUAL_AVOIDABLE, AVOIDED_ENERGY)
_READ_BY_ANALYSIS = [
    model_key("fct_usage_hourly"),
    model_key("int_site_hours"),
    model_key("dim_meters"),
]


@dg.multi_asset(
    name="monthly_analysis",
    specs=[
        asset_spec(
            table,
            kinds={"python", "statsmodels", "parquet"},
            deps=_READ_BY_ANALYSIS,
            partitions_def=USAGE_MONTH,
        )
        for table in MONTHLY_TABLES
    ],
    partitions_def=USAGE_MONTH,
    backfill_policy=SINGLE_RUN,
    pool=WAREHOUSE_POOL,
)
def monthly_analysis(
    context: dg.AssetExecutionContext, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge the given months of every meter against the 365 days before each."""
    # statsmodels takes seconds to import and loading the definitions must not.
    from cei_assets.core.analysis import AnalysisSettings
    from cei_assets.storage.analysis_run import judge_months_of_warehouse
    from cei_assets.storage.analysis_state import digests_of, remember_judged

    settings, analysis = platform.settings, AnalysisSettings()
    months = [date.fromisoformat(key) for key in context.partition_keys]
    with platform.warehouse_lock():
        digests = digests_of(months, settings=settings, analysis=analysis)
        run = judge_months_of_warehouse(months, settings=settings, analysis=analysis)
        remember_judged(digests, settings=settings)
    for table in MONTHLY_TABLES:
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "dagster/row_count": run.rows[table.name],
                "meters": run.meters,
                "months": len(months),
            },
        )


@dg.multi_asset(
    name="analysis_summary",
    specs=[
        asset_spec(
            table,
            kinds={"python", "parquet"},
            deps=[*(asset_key(monthly) for monthly in MONTHLY_TABLES), *_READ_BY_ANALYSIS],
        )
        for table in SUMMARY_TABLES
    ],
    pool=WAREHOUSE_POOL,
)
def analysis_summary(platform: Platform) -> Iterator[dg.MaterializeResult[None]]:
    """Scale avoidable energy to a year and settle the measures, each with an interval."""
    from cei_assets.core.analysis import AnalysisSettings
    from cei_assets.storage.analysis_run import sum_up

    settings = platform.settings
    with platform.warehouse_lock():
        run = sum_up(settings=settings, analysis=AnalysisSettings(), as_of=settings.now())
    for table in SUMMARY_TABLES:
        yield dg.MaterializeResult(
            asset_key=asset_key(table), metadata={"dagster/row_count": run.rows[table.name]}
        )


ANALYSIS_ASSETS: list[dg.AssetsDefinition] = [monthly_analysis, analysis_summary]
