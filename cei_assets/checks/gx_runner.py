"""Great Expectations over the published summary marts: verdicts as rows, Data Docs as pages.

Batches are pandas frames of summary marts only; the hourly facts are checked in SQL. The library is
imported when the suite runs, its usage analytics are switched off.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa

from cei_assets.checks.mart_expectations import expectations_for
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.expectations import Expectation
from cei_assets.contracts.tables.analysis import QUALITY_RESULTS
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_MARTS
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.published import open_published, refresh_quality_results

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation as GxExpectation

SUITE = "published_marts"
SUMMARY_MARTS = (
    "dim_organizations",
    "dim_sites",
    "dim_meters",
    "dim_tariffs",
    "fct_usage_daily",
    "fct_completeness_daily",
    "fct_gaps",
    "fct_uploads",
    "fct_rejects",
    "fct_error_counts_daily",
    "fct_revisions",
    "fct_baseline_models",
    "fct_anomaly_episodes",
    "fct_avoidable_energy",
    "fct_avoided_energy",
    "rpt_annual_avoidable",
    "rpt_pilot_scorecard",
)
CSI_SUMMARY_MARTS = (
    "dim_csi_applications",
    "rpt_csi_performance_data",
    "fct_csi_findings",
    "fct_csi_months",
    "fct_csi_payments",
    "rpt_csi_calendar",
)
CDS_SUMMARY_MARTS = (
    "dim_cds_series",
    "fct_usage_segments",
    "rpt_cds_unmapped",
    *(table.name for table in CDS_OBJECT_MARTS),
)
_PARTS = (SUMMARY_MARTS, CSI_SUMMARY_MARTS, CDS_SUMMARY_MARTS)


@dataclass(frozen=True, kw_only=True)
class QualityOutcome:
    """How a validation of the published marts ended, and where its pages are."""

    expectations: int
    failed: int
    failures: tuple[str, ...]
    data_docs: Path


def run_quality(settings: Settings, *, validated_at: datetime) -> QualityOutcome:
    """Validate the published summary marts; write Data Docs and the results, and publish these.

    Marts of a part that the installation does not use, all of them without rows, are left out.
    `validated_at` is naive UTC. Raises NothingPublishedError when there is no published file.
    """
    docs = settings.paths.reports / "data_quality"
    with open_published(settings.paths) as connection:
        frames: dict[str, pd.DataFrame] = {}
        for part in _PARTS:
            frames |= _frames(connection, part)
    results = _validate(frames, docs=docs, validated_at=validated_at)
    name = f"{validated_at:%Y%m%dT%H%M%S}.parquet"
    write_parquet(
        settings.paths.analysis(QUALITY_RESULTS.name) / name,
        results.to_batches(),
        schema=results.schema,
    )
    refresh_quality_results(settings)
    failures = [row for row in results.to_pylist() if not row["is_success"]]
    return QualityOutcome(
        expectations=results.num_rows,
        failed=len(failures),
        failures=tuple(
            f"{row['table_name']}.{row['column_name'] or '*'}: {row['expectation']}: found "
            f"{row['observed_value']}, expected {row['expected_value']}"
            for row in failures
        ),
        data_docs=docs / "index.html",
    )


def _frames(connection: duckdb.DuckDBPyConnection, marts: Sequence[str]) -> dict[str, pd.DataFrame]:
    tables = {name: connection.execute(f"from {name}").to_arrow_table() for name in marts}
    if not any(table.num_rows for table in tables.values()):
        return {}
    return {name: table.to_pandas() for name, table in tables.items()}


def _validate(frames: dict[str, pd.DataFrame], *, docs: Path, validated_at: datetime) -> pa.Table:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    context = _context(gx, docs)
    source = context.data_sources.add_pandas("published")
    rows: list[dict[str, Any]] = []
    for table in (table for table in MART_TABLES if table.name in frames):
        expected = expectations_for(table)
        suite = context.suites.add(
            gx.ExpectationSuite(
                name=f"{SUITE}.{table.name}",
                expectations=[_expectation(gx, expectation) for expectation in expected],
            )
        )
        batch = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe("all")
        validation = context.validation_definitions.add(
            gx.ValidationDefinition(name=table.name, data=batch, suite=suite)
        )
        result = validation.run(batch_parameters={"dataframe": frames[table.name]})
        rows += [_row(table, found, validated_at) for found in result.results]
    context.build_data_docs(site_names=[SUITE])
    return pa.Table.from_pylist(rows, schema=arrow_schema(QUALITY_RESULTS))


def _context(gx: ModuleType, docs: Path) -> "EphemeralDataContext":
    """A context that lives for this run; its pages replace those of the last one."""
    from great_expectations.data_context.types.base import ProgressBarsConfig

    shutil.rmtree(docs, ignore_errors=True)
    context: EphemeralDataContext = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.add_data_docs_site(
        site_name=SUITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs),
            },
        },
    )
    return context


def _expectation(gx: ModuleType, expectation: Expectation) -> "GxExpectation":
    from great_expectations.expectations.row_conditions import Column

    arguments = dict(expectation.arguments)
    if expectation.column:
        arguments["column"] = expectation.column
    if expectation.only_where:
        column, value = expectation.only_where
        arguments["row_condition"] = Column(column) == value
    built: GxExpectation = getattr(gx.expectations, expectation.kind)(**arguments)
    return built


def _row(
    table: Table, found: "ExpectationValidationResult", validated_at: datetime
) -> dict[str, Any]:
    configuration = found.expectation_config
    if configuration is None:
        raise RuntimeError(f"a result on {table.name} came without its expectation")
    expected = {
        name: value
        for name, value in configuration.kwargs.items()
        if name not in ("batch_id", "column")
    }
    return {
        "validated_at_utc": validated_at,
        "suite_name": SUITE,
        "table_name": table.name,
        "column_name": configuration.kwargs.get("column"),
        "expectation": configuration.type,
        "is_success": bool(found.success),
        "observed_value": _observed(found),
        "expected_value": ", ".join(f"{name}={value}" for name, value in expected.items()) or None,
    }


def _observed(found: "ExpectationValidationResult") -> str | None:
    if found.exception_info.get("raised_exception"):
        return str(found.exception_info.get("exception_message"))
    if "unexpected_count" in found.result:
        examples: Sequence[object] = found.result.get("partial_unexpected_list") or ()
        text = f"{found.result['unexpected_count']} of {found.result['element_count']} rows"
        return f"{text}, such as {examples[0]}" if examples else text
    observed = found.result.get("observed_value")
    return None if observed is None else str(observed)
