"""Asset checks: verdicts of `cei_assets.checks` as Dagster shows them, expected beside found.

Contract and conservation block; completeness, gaps, silence and fit warn. The gate on the hourly
facts is part of every job that reads marts made by an earlier run, since Dagster does not remember
a blocking check between runs.
"""

from collections.abc import Callable, Mapping
from datetime import date

import dagster as dg

from cei_assets.checks import marts
from cei_assets.checks.intake import conservation, contract
from cei_assets.checks.verdict import CheckVerdict
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.analysis import BASELINE_MODELS, QUALITY_RESULTS
from cei_assets.contracts.tables.intake import OUTCOMES, READINGS, REJECTS, TEMPERATURES
from cei_assets.defs.metadata import asset_key
from cei_assets.defs.partitions import RECEIVED_DATE, WAREHOUSE_POOL
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import model_key
from cei_assets.settings import Settings
from cei_assets.storage.duckdb_session import connect

WarehouseCheck = Callable[..., CheckVerdict]
"""Takes a connection to the warehouse, and the options that its asset check names."""


def check_result(verdict: CheckVerdict, *, warns: bool) -> dg.AssetCheckResult:
    """A verdict as Dagster's result, with what was expected and found."""
    metadata: dict[str, dg.MetadataValue | str | list[str]] = {
        "expected": verdict.expected,
        "found": verdict.found,
        "examples": list(verdict.examples),
    }
    if verdict.rows:
        metadata["rows"] = dg.MetadataValue.table([dg.TableRecord(row) for row in verdict.rows])
    return dg.AssetCheckResult(
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=verdict.found,
        metadata=metadata,
    )


def days_of(context: dg.AssetCheckExecutionContext) -> list[date]:
    """The days of receipt that the run covers."""
    return [date.fromisoformat(key) for key in context.partition_keys]


@dg.asset_check(
    asset=asset_key(OUTCOMES),
    name="conservation",
    blocking=True,
    partitions_def=RECEIVED_DATE,
    description="Read = accepted + rejected + exact duplicates, and as many rows are stored.",
)
def intake_conservation(
    context: dg.AssetCheckExecutionContext, platform: Platform
) -> dg.AssetCheckResult:
    """Whether a row of the days was lost."""
    verdict = conservation(days_of(context), paths=platform.settings.paths)
    return check_result(verdict, warns=False)


def contract_check(table: Table) -> dg.AssetChecksDefinition:
    """The blocking check of an intake table's rows against its contract, by day of receipt."""

    @dg.asset_check(
        asset=asset_key(table),
        name="contract",
        blocking=True,
        partitions_def=RECEIVED_DATE,
        description="Types, limits, closed lists and grain as declared (pandera).",
    )
    def check(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        verdict = contract(table, days_of(context), paths=platform.settings.paths)
        return check_result(verdict, warns=False)

    return check


def warehouse_check(
    model: str,
    verdict_of: WarehouseCheck,
    *,
    blocks: bool,
    options: Callable[[Settings], Mapping[str, object]] = lambda _: {},
) -> dg.AssetChecksDefinition:
    """A check in SQL over the warehouse, named as its function; it blocks or it warns."""

    @dg.asset_check(
        asset=model_key(model),
        name=verdict_of.__name__,
        blocking=blocks,
        pool=WAREHOUSE_POOL,
        description=(verdict_of.__doc__ or "").splitlines()[0],
    )
    def check(platform: Platform) -> dg.AssetCheckResult:
        settings = platform.settings
        with (
            platform.warehouse_lock(),
            connect(
                settings.paths.warehouse, read_only=True, settings=settings.session
            ) as connection,
        ):
            return check_result(verdict_of(connection, **options(settings)), warns=not blocks)

    return check


@dg.asset_check(
    asset=asset_key(BASELINE_MODELS),
    name="fit_quality",
    description="Newest baselines within ASHRAE Guideline 14's hourly limits, out of sample.",
)
def baseline_fit(platform: Platform) -> dg.AssetCheckResult:
    """Whether the counterfactuals are good enough to claim savings from."""
    settings = platform.settings
    models = str(settings.paths.analysis(BASELINE_MODELS.name) / "*" / "*.parquet")
    with connect(None, read_only=False, settings=settings.session) as connection:
        return check_result(marts.fit_quality(connection, models), warns=True)


@dg.asset_check(
    asset=asset_key(QUALITY_RESULTS),
    name="expectations",
    description="Every expectation of the newest validation held.",
)
def newest_expectations(platform: Platform) -> dg.AssetCheckResult:
    """Whether Great Expectations was content with the published marts."""
    settings = platform.settings
    results = str(settings.paths.analysis(QUALITY_RESULTS.name) / "*.parquet")
    with connect(None, read_only=False, settings=settings.session) as connection:
        return check_result(marts.failed_expectations(connection, results), warns=True)


GATE = warehouse_check("fct_usage_hourly", marts.hours_conserve_readings, blocks=True)
GATE_CHECKS: list[dg.AssetChecksDefinition] = [GATE]
CHECKS: list[dg.AssetChecksDefinition] = [
    intake_conservation,
    *(contract_check(table) for table in (READINGS, REJECTS, TEMPERATURES)),
    GATE,
    warehouse_check("fct_completeness_daily", marts.coverage, blocks=False),
    warehouse_check("fct_completeness_daily", marts.recent_gaps, blocks=False),
    warehouse_check(
        "fct_gaps",
        marts.silent_meters,
        blocks=False,
        options=lambda settings: {"silent_hours": settings.silent_hours},
    ),
    baseline_fit,
    newest_expectations,
]
