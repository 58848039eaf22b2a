"""Layers published and reports: the file analysts read, its quality, the pages people read."""

import dagster as dg

from cei_assets.contracts.tables.analysis import QUALITY_RESULTS
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.defs.metadata import OWNER, asset_key, asset_spec
from cei_assets.defs.partitions import WAREHOUSE_POOL
from cei_assets.defs.raw import REGISTER_KEYS, current_register
from cei_assets.defs.resources import Platform
from cei_assets.defs.warehouse import model_key
from cei_assets.storage.register import write_integration_mapping

PUBLISHED_KEY = dg.AssetKey(["published", "marts", "cei"])
CLOSEOUT_KEY = dg.AssetKey(["reports", "pilot", "closeout"])
# Payment runs of the CSI-Thermal programme are published once they are sealed.
SEALED_KEY = dg.AssetKey(["published", "csi", "payment_runs"])
MAPPING_KEY = dg.AssetKey(["reports", "pilot", "integration_mapping"])


@dg.asset(
    key=PUBLISHED_KEY,
    group_name="published",
    kinds={"duckdb"},
    owners=[OWNER],
    pool=WAREHOUSE_POOL,
    deps=[
        *(model_key(table.name) for table in MART_TABLES if table.name != "fct_quality_results"),
        SEALED_KEY,
    ],
    description=(
        "published/cei.duckdb, schema marts: what analysts open. Replaced atomically, so an open "
        "connection keeps the old file and the next one sees the new."
    ),
)
def published(platform: Platform) -> dg.MaterializeResult[None]:
    """Copy the marts into a new file and put it in the old one's place."""
    from cei_assets.storage.published import publish

    settings = platform.settings
    with platform.warehouse_lock():
        result = publish(settings)
    return dg.MaterializeResult(
        metadata={"bytes": result.size_bytes, "tables": len(result.row_counts)}
        | {f"rows/{name}": count for name, count in result.row_counts.items()}
    )


@dg.multi_asset(
    name="quality_results",
    specs=[asset_spec(QUALITY_RESULTS, kinds={"greatexpectations"}, deps=[PUBLISHED_KEY])],
    pool="published",
)
def quality_results(platform: Platform) -> dg.MaterializeResult[None]:
    """Validate the published marts with Great Expectations and write its Data Docs."""
    from cei_assets.checks.gx_runner import run_quality

    settings = platform.settings
    outcome = run_quality(settings, validated_at=settings.now())
    return dg.MaterializeResult(
        asset_key=asset_key(QUALITY_RESULTS),
        metadata={
            "expectations": outcome.expectations,
            "failed": outcome.failed,
            "data_docs": dg.MetadataValue.path(str(outcome.data_docs)),
        },
    )


@dg.asset(
    key=CLOSEOUT_KEY,
    group_name="reports",
    kinds={"html"},
    owners=[OWNER],
    deps=[PUBLISHED_KEY],
    description="The pilot close-out report: one HTML file that opens offline.",
)
def closeout(platform: Platform) -> dg.MaterializeResult[None]:
    """Write reports/pilot_closeout.html from the published marts."""
    from cei_assets.storage.report_tables import write_closeout

    settings = platform.settings
    path = write_closeout(settings, as_of=settings.now())
    return dg.MaterializeResult(metadata={"report": dg.MetadataValue.path(str(path))})


@dg.asset(
    key=MAPPING_KEY,
    group_name="reports",
    kinds={"csv"},
    owners=[OWNER],
    deps=REGISTER_KEYS,
    description=(
        "Physical site and meter to site_id and meter_id with unit and an example timestamp, for "
        "the client's engineer."
    ),
)
def integration_mapping(platform: Platform) -> dg.MaterializeResult[None]:
    """Write reports/integration_mapping.csv from the register; needs no readings."""
    path = write_integration_mapping(platform.settings.paths, current_register(platform).tables)
    return dg.MaterializeResult(metadata={"table": dg.MetadataValue.path(str(path))})


PUBLISHED_ASSETS: list[dg.AssetsDefinition] = [
    published,
    quality_results,
    closeout,
    integration_mapping,
]
