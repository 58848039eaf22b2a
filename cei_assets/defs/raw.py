"""Layer raw: the register, receipts per landing folder, judged rows per day of receipt."""

from collections.abc import Iterable, Iterator
from datetime import date

import dagster as dg

from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.intake import INTAKE_TABLES
from cei_assets.contracts.tables.register import PUBLIC_HOLIDAYS, REGISTER_TABLES
from cei_assets.contracts.vocabulary import CSI_SOURCES, UploadSource
from cei_assets.defs.metadata import OWNER, asset_key, asset_spec
from cei_assets.defs.partitions import RECEIVED_DATE, SINGLE_RUN
from cei_assets.defs.pulling import PULLED_KEY
from cei_assets.defs.resources import Platform
from cei_assets.storage.register import RegisterResult, load_register, store_register
from cei_assets.storage.taking_in import IntakeSummary, claim, judge_days

INTAKE_POOL = "intake"
_OTHER_SOURCES = [
    source for source in UploadSource if source not in (*CSI_SOURCES, UploadSource.CDS)
]
# What a day's receipts hold can come from any server.
PULLED = dg.AssetDep(PULLED_KEY, partition_mapping=dg.AllPartitionMapping())
REGISTER_KEYS = [asset_key(table) for table in (*REGISTER_TABLES, PUBLIC_HOLIDAYS)]
INTAKE_KEYS = [asset_key(table) for table in INTAKE_TABLES]


def receipts_key(source: UploadSource) -> dg.AssetKey:
    """The receipts asset of a landing folder."""
    return dg.AssetKey(["raw", source.value, "receipts"])


@dg.multi_asset(
    name="register",
    specs=[
        asset_spec(table, kinds={"csv", "parquet"}) for table in (*REGISTER_TABLES, PUBLIC_HOLIDAYS)
    ],
    pool=INTAKE_POOL,
)
def register(platform: Platform) -> Iterator[dg.MaterializeResult[None]]:
    """Validate the register's CSV files and keep them as typed Parquet.

    Fails with every finding (file, line, column) when one of them is an error.
    """
    loaded = current_register(platform)
    for table in (*REGISTER_TABLES, PUBLIC_HOLIDAYS):
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "dagster/row_count": loaded.tables[table.name].num_rows,
                "fingerprint": loaded.fingerprint,
                "warnings": [str(finding) for finding in loaded.findings if not finding.is_error],
            },
        )


def current_register(platform: Platform) -> RegisterResult:
    """The register as its CSV files say now, stored; RegisterError names what is wrong in them."""
    paths = platform.settings.paths
    loaded = load_register(paths)
    loaded.raise_for_errors()
    store_register(paths, loaded)
    return loaded


def receipts_asset(source: UploadSource) -> dg.AssetsDefinition:
    """The asset that archives what waits in a landing folder, with a receipt per file."""

    @dg.asset(
        key=receipts_key(source),
        partitions_def=RECEIVED_DATE,
        backfill_policy=SINGLE_RUN,
        group_name="raw",
        kinds={"file"},
        owners=[OWNER],
        tags={"source": source.value},
        pool=INTAKE_POOL,
        deps=[PULLED] if source is UploadSource.CDS else [],
        description=(
            f"Files dropped into landing/{source.value}: archived unchanged under their SHA-256, "
            "one receipt each. Materialising today's partition takes what waits; an older one "
            "only counts, since bytes are never taken twice."
        ),
    )
    def receipts(
        context: dg.AssetExecutionContext, platform: Platform
    ) -> dg.MaterializeResult[None]:
        settings = platform.settings
        now = settings.now()
        if now.date().isoformat() not in context.partition_keys:
            return dg.MaterializeResult(metadata={"files_taken": 0})
        claimed = claim(source, settings=settings, received_at=now)
        for problem in claimed.problems:
            context.log.error(str(problem))
        return dg.MaterializeResult(
            metadata={
                "files_taken": len(claimed.receipts),
                "files_left": len(claimed.problems),
                "problems": [str(problem) for problem in claimed.problems],
                "bytes": sum(receipt.size_bytes for receipt in claimed.receipts),
            }
        )

    return receipts


class JudgeConfig(dg.Config):
    """How the rows of a day are judged."""

    force: bool = False


@dg.multi_asset(
    name="intake",
    specs=[
        asset_spec(
            table,
            kinds={"duckdb", "parquet"},
            deps=[*REGISTER_KEYS, *(receipts_key(source) for source in _OTHER_SOURCES)],
            partitions_def=RECEIVED_DATE,
        )
        for table in INTAKE_TABLES
    ],
    partitions_def=RECEIVED_DATE,
    backfill_policy=SINGLE_RUN,
    pool=INTAKE_POOL,
)
def intake(
    context: dg.AssetExecutionContext, config: JudgeConfig, platform: Platform
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every row of the receipts of the given days; nothing leaves without a verdict.

    A receipt is judged when it has no outcome yet or the register or the rules have changed since.
    """
    days = [date.fromisoformat(key) for key in context.partition_keys]
    with platform.raw_lock():
        summary = judge_days(
            days,
            register=current_register(platform),
            settings=platform.settings,
            force=config.force,
        )
    yield from judged_tables(context, summary, INTAKE_TABLES)


def judged_tables(
    context: dg.AssetExecutionContext, summary: IntakeSummary, tables: Iterable[Table]
) -> Iterator[dg.MaterializeResult[None]]:
    """Log what a judging came to and show it on every table that it wrote."""
    context.log.info(str(summary))
    for error in summary.errors:
        context.log.error(str(error))
    metadata = {
        "receipts_judged": summary.receipts_judged,
        "receipts_not_judged": len(summary.errors),
        "rows_read": summary.rows_read,
        "rows_accepted": summary.rows_accepted,
        "rows_rejected": summary.rows_rejected,
        "rows_exact_duplicate": summary.rows_exact_duplicate,
    }
    for table in tables:
        yield dg.MaterializeResult(asset_key=asset_key(table), metadata=metadata)


RAW_ASSETS: list[dg.AssetsDefinition] = [
    register,
    *(receipts_asset(source) for source in UploadSource),
    intake,
]
