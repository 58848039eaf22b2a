"""Makes the folders of a data directory, with zero-row files where readers need a schema."""

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import ANALYSIS_TABLES
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.storage.analysis_run import MONTHLY_TABLES
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.cds_hand_over import ensure_cds_hand_over
from cei_assets.storage.cds_layout import ensure_cds_layout
from cei_assets.storage.csi_layout import ensure_csi_layout
from cei_assets.storage.intake import ensure_empty_partitions
from cei_assets.storage.monthly_parquet import ensure_empty_months
from cei_assets.storage.paths import DataPaths


def ensure_layout(paths: DataPaths) -> None:
    """Make what a first run needs: landing folders, warehouse folder, zero-row Parquet files.

    DuckDB refuses to read a folder without files, so every dataset starts with a typed empty one.
    """
    for source in UploadSource:
        paths.landing(source.value).mkdir(parents=True, exist_ok=True)
    for folder in (paths.register, paths.warehouse.parent, paths.published.parent, paths.reports):
        folder.mkdir(parents=True, exist_ok=True)
    ensure_empty_partitions(paths)
    ensure_csi_layout(paths)
    ensure_cds_layout(paths)
    ensure_cds_hand_over(paths)
    monthly = {table.name for table in MONTHLY_TABLES}
    for table in ANALYSIS_TABLES:
        folder = paths.analysis(table.name)
        if table.name in monthly:
            ensure_empty_months(table, folder=folder)
        elif not any(folder.glob("*.parquet")):
            write_parquet(folder / "part.parquet", [], schema=arrow_schema(table))
