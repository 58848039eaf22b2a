"""Layers staging, intermediate and marts: the four parts of the dbt project, two of them here."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC
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

from cei_assets.contracts.tables.dbt_models import INTERMEDIATE_TABLES, SOURCES, STAGING_TABLES
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.defs.metadata import OWNER, asset_key, asset_spec, column_schema
from cei_assets.defs.partitions import WAREHOUSE_POOL
from cei_assets.defs.raw import current_register
from cei_assets.defs.resources import Platform
from cei_assets.settings import Settings
from cei_assets.storage.build_state import (
    built_project,
    finish_build,
    prepare_build,
    remember_project,
)

DBT_PROJECT = DbtProject(
    project_dir=Path(__file__).parents[2] / "dbt_project",
    profiles_dir=Path(__file__).parents[2] / "dbt_project",
)
_MODELS = {table.name: table for table in (*STAGING_TABLES, *INTERMEDIATE_TABLES, *MART_TABLES)}
_SOURCES = {(source, table.name): table for source, tables in SOURCES.items() for table in tables}


def model_key(name: str) -> dg.AssetKey:
    """The key of a dbt model; KeyError when no contract declares it."""
    return asset_key(_MODELS[name])


class ContractTranslator(DagsterDbtTranslator):
    """Keys, groups, owners and columns of dbt nodes, from the contract of the same name."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`[layer, subject, name]` of the table that the model or source is declared as."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return asset_key(_SOURCES[dbt_resource_props["source_name"], name])
        return asset_key(_MODELS[name])

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


def project_fingerprint(project_dir: Path) -> str:
    """Digest of the SQL and settings of the dbt project: other models mean a full refresh."""
    digest = hashlib.sha256()
    for folder in ("models", "macros"):
        for path in sorted((project_dir / folder).rglob("*.sql")):
            digest.update(path.name.encode() + path.read_bytes())
    digest.update((project_dir / "dbt_project.yml").read_bytes())
    return digest.hexdigest()


def target_path(settings: Settings, half: str, fingerprint: str) -> Path:
    """Where dbt keeps its artifacts: one folder a part and project, so that none piles up.

    A part that was never built starts from what dbt has parsed for another one: the project is the
    same, and parsing it takes longer than most builds.
    """
    folder = settings.paths.state / "dbt"
    target = folder / f"{half}-{fingerprint[:12]}"
    parsed = target / _PARSED
    if not parsed.exists():
        for other in folder.glob(f"*-{fingerprint[:12]}/{_PARSED}"):
            target.mkdir(exist_ok=True)
            shutil.copyfile(other, parsed)
            break
    return target


_PARSED = "partial_parse.msgpack"
# Unit tests judge the SQL, not the data: they belong to `make test`.
BUILD_COMMAND = ["build", "--exclude-resource-type", "unit_test"]
TRANSLATOR = ContractTranslator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))


def run_dbt(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    *,
    target: Path,
    is_full_refresh: bool,
) -> Iterator[Any]:
    """Builds the selected part of the project with its data tests; yields Dagster's events."""
    refresh = ["--full-refresh"] if is_full_refresh else []
    yield from dbt.cli([*BUILD_COMMAND, *refresh], context=context, target_path=target).stream()


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
    with platform.warehouse_lock(), platform.raw_lock():
        plan = prepare_build(
            settings.paths,
            as_of=settings.now().replace(tzinfo=UTC),
            register_fingerprint=current_register(platform).fingerprint,
            project_fingerprint=project_fingerprint(DBT_PROJECT.project_dir),
        )
        reasons = ", ".join(plan.reasons) or "none: only what pending receipts touch"
        context.log.info(
            "%d pending receipts; full refresh because: %s", len(plan.receipts), reasons
        )
        yield from run_dbt(
            context,
            dbt,
            target=target_path(settings, "readings", plan.project_fingerprint),
            is_full_refresh=plan.is_full_refresh,
        )
        if context.is_subset:
            context.log.info("Part of the models was built: pending receipts stay pending.")
        else:
            finish_build(settings.paths, plan)


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
    settings = platform.settings
    project = project_fingerprint(DBT_PROJECT.project_dir)
    with platform.warehouse_lock():
        # A changed project may have changed columns, which an incremental model refuses.
        yield from run_dbt(
            context,
            dbt,
            target=target_path(settings, "analysis", project),
            is_full_refresh=built_project(settings.paths, "analysis") != project,
        )
        remember_project(settings.paths, "analysis", project)


# What a build tells dbt: files of the platform that no asset of their own writes.
_TOLD = [asset_spec(table, kinds={"json"}) for table in SOURCES["build"]]

DBT_ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [*_TOLD, readings_marts, analysis_marts]
