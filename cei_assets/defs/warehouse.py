"""Layers staging, intermediate and marts: the two halves of the dbt project."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from cei_assets.contracts.tables import ANALYSIS_TABLES, DBT_TABLES, INTAKE_TABLES, REGISTER_TABLES
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS
from cei_assets.defs.metadata import OWNER, asset_key, column_schema
from cei_assets.defs.partitions import WAREHOUSE_POOL
from cei_assets.defs.resources import Platform
from cei_assets.storage.build_state import finish_build, prepare_build

DBT_PROJECT = DbtProject(
    project_dir=Path(__file__).parents[2] / "dbt_project",
    profiles_dir=Path(__file__).parents[2] / "dbt_project",
)
_MODELS = {table.name: table for table in DBT_TABLES}
_SOURCES = {
    table.name: table
    for table in (*REGISTER_TABLES, PUBLIC_HOLIDAYS, *INTAKE_TABLES, *ANALYSIS_TABLES)
}


def model_key(name: str) -> dg.AssetKey:
    """The key of a dbt model; KeyError when no contract declares it."""
    return asset_key(_MODELS[name])


class ContractTranslator(DagsterDbtTranslator):
    """Keys, groups, owners and columns of dbt nodes, from the contract of the same name."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`[layer, subject, name]` of the table that the model or source is declared as."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            if name in _SOURCES:
                return asset_key(_SOURCES[name])
            return dg.AssetKey(["raw", dbt_resource_props["source_name"], name])
        return asset_key(_MODELS[name]) if name in _MODELS else dg.AssetKey(["seeds", name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return self.get_asset_key(dbt_resource_props).path[0]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - Dagster's signature
        """One owner for the whole platform."""
        return [OWNER]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Columns with types, units and limits."""
        table = _MODELS.get(dbt_resource_props["name"])
        return {"dagster/column_schema": column_schema(table)} if table else {}


TRANSLATOR = ContractTranslator(
    settings=DagsterDbtTranslatorSettings(enable_asset_checks=True)
)


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    name="readings_marts",
    select="tag:readings",
    dagster_dbt_translator=TRANSLATOR,
    pool=WAREHOUSE_POOL,
)
def readings_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, platform: Platform
) -> Iterator[Any]:
    """Facts and completeness from raw Parquet; re-computes what pending receipts touch."""
    settings = platform.settings
    with platform.warehouse_lock():
        plan = prepare_build(settings)
        context.log.info(str(plan))
        arguments = ["build", "--full-refresh"] if plan.is_full_refresh else ["build"]
        yield from dbt.cli(arguments, context=context).stream()
        if context.is_subset:
            context.log.info("Part of the models was built: pending receipts stay pending.")
        else:
            finish_build(settings, plan)


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    name="analysis_marts",
    select="tag:analysis",
    dagster_dbt_translator=TRANSLATOR,
    pool=WAREHOUSE_POOL,
)
def analysis_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, platform: Platform
) -> Iterator[Any]:
    """Episodes, avoidable and avoided energy with cost, headline and scorecard."""
    with platform.warehouse_lock():
        yield from dbt.cli(["build"], context=context).stream()


DBT_ASSETS: list[dg.AssetsDefinition] = [readings_marts, analysis_marts]
