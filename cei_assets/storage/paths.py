"""Where things lie below the data directory."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class DataPaths:
    """The folders and files of one installation; `root` is absolute."""

    root: Path

    @property
    def register(self) -> Path:
        """CSV files that people edit, one a table."""
        return self.root / "register"

    def landing(self, upload_source: str) -> Path:
        """Queue of one source: a file dropped here is taken."""
        return self.root / "landing" / upload_source

    def archived(self, sha256: str) -> Path:
        """Archived bytes, named by their digest."""
        return self.root / "archive" / sha256[:2] / sha256

    def receipts(self, received_date: date) -> Path:
        """Receipts of a UTC day, one JSON file each."""
        return self.root / "receipts" / received_date.isoformat()

    def raw(self, table: str) -> Path:
        """Parquet dataset of an intake table, partitioned by `received_date`."""
        return self.root / "raw" / table

    def raw_partition(self, table: str, received_date: date) -> Path:
        """One day of an intake table; one file per receipt."""
        return self.raw(table) / f"received_date={received_date.isoformat()}"

    @property
    def raw_register(self) -> Path:
        """Validated register tables as Parquet, one file each."""
        return self.root / "raw" / "register"

    @property
    def raw_csi_register(self) -> Path:
        """Validated register of the CSI-Thermal programme as Parquet, one file a table."""
        return self.root / "raw" / "csi_register"

    @property
    def raw_cds_register(self) -> Path:
        """Validated mapping of CDS meters, and what it needs of the register, as Parquet."""
        return self.root / "raw" / "cds_register"

    @property
    def build(self) -> Path:
        """What dbt is told about the run: parameters and pending receipts, as JSON."""
        return self.root / "raw" / "build"

    @property
    def pending(self) -> Path:
        """One marker per judged receipt that the warehouse does not hold yet."""
        return self.root / "state" / "pending"

    @property
    def pending_cds(self) -> Path:
        """One marker per judged CDS file that the CDS tables do not hold yet."""
        return self.root / "state" / "pending_cds"

    @property
    def pending_cds_days(self) -> Path:
        """Meter days whose CDS readings changed and that the readings' facts do not hold yet."""
        return self.root / "state" / "pending_cds_days"

    @property
    def state(self) -> Path:
        """State that is not data: markers, locks, what the last build saw."""
        return self.root / "state"

    def analysis(self, table: str) -> Path:
        """Parquet dataset of an analysis table."""
        return self.root / "analysis" / table

    def csi(self, table: str) -> Path:
        """Parquet dataset of the CSI-Thermal ledger, its intervals and its payment runs."""
        return self.root / "csi" / table

    def cds(self, table: str) -> Path:
        """Parquet dataset that the CDS tables hand over to the readings."""
        return self.root / "cds" / table

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt writes; no reader opens it during a run."""
        return self.root / "warehouse" / "cei.duckdb"

    @property
    def published(self) -> Path:
        """The DuckDB file for readers, replaced atomically."""
        return self.root / "published" / "cei.duckdb"

    @property
    def reports(self) -> Path:
        """HTML and CSV for people."""
        return self.root / "reports"

    @property
    def pulls(self) -> Path:
        """Pull runs that have not landed yet, one folder a server."""
        return self.root / "pull"

    @property
    def gateway(self) -> Path:
        """The gateway's own: state and journal."""
        return self.root / "gateway"

    @property
    def journal(self) -> Path:
        """Accepted batches that are not yet handed to the pipeline."""
        return self.gateway / "journal"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance: runs, events, schedules."""
        return self.root / "dagster"
