"""Settings: one typed reading of the environment, prefix `CEI_`.

Everything below receives values from here; nothing else reads the environment.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cei_assets.contracts.csi_vocabulary import CatchUp
from cei_assets.storage.paths import DataPaths

if TYPE_CHECKING:
    from cei_assets.core.csi.program import CsiOptions
    from cei_assets.core.intake.verdict import Limits
    from cei_assets.storage.duckdb_session import SessionSettings


class Settings(BaseSettings):
    """Where the data lie and which limits hold; each can be set as `CEI_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="CEI_", frozen=True)

    data_dir: Path = Field(default=Path("data"), description="Folder of everything we store.")
    as_of: datetime | None = Field(
        default=None, description="Clock of the run, for reproducible results; empty: now."
    )
    max_future_seconds: int = Field(
        default=300, ge=0, description="How far ahead of the receipt an interval may start."
    )
    max_age_days: int = Field(
        default=3650, ge=1, description="How far before the receipt an interval may lie."
    )
    max_interval_kwh: int = Field(
        default=1_000_000, ge=1, description="Largest energy of one interval."
    )
    settle_seconds: float = Field(
        default=2.0, ge=0, description="How long a landed file must be left alone to count."
    )
    silent_hours: float = Field(
        default=24.0, gt=0, description="How long an expected meter may be silent without warning."
    )
    memory_limit: str = Field(default="4GB", description="DuckDB's memory limit per process.")
    threads: int = Field(default=2, ge=1, description="DuckDB's threads per process.")
    first_received_date: str = Field(
        default="2013-01-01", description="First daily partition of intake."
    )
    first_usage_month: str = Field(
        default="2010-01-01", description="First monthly partition of the analysis."
    )
    first_application_month: str = Field(
        default="2013-01-01", description="First monthly partition of the CSI-Thermal programme."
    )

    opendsm_python: Path | None = Field(
        default=None,
        description="Python of an environment with opendsm, which `cei backtest` compares with.",
    )

    csi_catch_up: CatchUp = Field(
        default=CatchUp.PAY,
        description="What a CSI-Thermal payment does with a value that follows empty intervals.",
    )
    csi_zero_is_data: bool = Field(
        default=True, description="Whether a zero in a column that must be empty is data."
    )
    csi_application_id_pattern: str = Field(
        default="[A-Z]{3}-[0-9]{5}", description="Form of a whole CSI-Thermal application ID."
    )
    csi_max_bytes: int = Field(
        default=10 << 20, ge=1, description="Largest CSI-Thermal application report."
    )
    csi_max_rows: int = Field(
        default=20_000, ge=1, description="Most data rows of a CSI-Thermal application report."
    )

    gateway_state_url: str | None = Field(
        default=None,
        description="SQLAlchemy address of the gateway's state, such as "
        "postgresql+psycopg://user@host/cei; empty: SQLite below the data folder.",
    )
    gateway_max_body_bytes: int = Field(
        default=10_000_000, ge=1, description="Largest body of a batch request."
    )
    gateway_max_records: int = Field(
        default=10_000, ge=1, description="Most records of a batch request."
    )
    gateway_max_upload_bytes: int = Field(
        default=1 << 30, ge=1, description="Largest file of an upload."
    )
    gateway_head_seconds: float = Field(
        default=10.0, gt=0, description="How long a request's address and headers may take."
    )
    gateway_body_seconds: float = Field(
        default=30.0, gt=0, description="How long the body of a batch request may take to arrive."
    )
    gateway_upload_seconds: float = Field(
        default=600.0, gt=0, description="How long an uploaded file may take to arrive."
    )
    gateway_seal_seconds: float = Field(
        default=20.0, gt=0, description="Age at which accepted batches are handed to the pipeline."
    )
    gateway_seal_bytes: int = Field(
        default=32 << 20, ge=1, description="Size at which they are handed over earlier."
    )
    gateway_settle_keys: int = Field(
        default=500_000, ge=1, description="Recent idempotency keys kept in memory (SQLite)."
    )
    gateway_max_connections: int = Field(
        default=512, ge=1, description="Connections beyond this are answered 503."
    )

    @field_validator("csi_application_id_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return pattern

    def now(self) -> datetime:
        """The run's clock as a naive UTC timestamp with whole seconds: `as_of` when it is given."""
        moment = self.as_of or datetime.now(tz=UTC)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return moment.replace(microsecond=0)

    def wall_clock(self) -> datetime:
        """The machine's clock, aware; files are compared with it whatever `as_of` says."""
        return datetime.now(tz=UTC)

    @property
    def paths(self) -> DataPaths:
        """The folders below `data_dir`, made absolute."""
        return DataPaths(root=self.data_dir.expanduser().resolve())

    @property
    def session(self) -> "SessionSettings":
        """What every DuckDB connection of ours is given."""
        # Here and below: `cei --help` must not wait for DuckDB and Arrow.
        from cei_assets.storage.duckdb_session import SessionSettings

        return SessionSettings(
            memory_limit=self.memory_limit,
            threads=self.threads,
            temp_directory=self.paths.root / "tmp",
        )

    @property
    def limits(self) -> "Limits":
        """Bounds of what intake takes."""
        from cei_assets.core.intake.verdict import Limits

        return Limits(
            max_future_seconds=self.max_future_seconds,
            max_age_days=self.max_age_days,
            max_interval_kwh=self.max_interval_kwh,
        )

    @property
    def csi_options(self) -> "CsiOptions":
        """Decisions about CSI-Thermal reports that an installation may change."""
        from cei_assets.core.csi.program import CsiOptions

        return CsiOptions(
            application_id_pattern=self.csi_application_id_pattern,
            max_bytes=self.csi_max_bytes,
            max_rows=self.csi_max_rows,
            zero_is_data=self.csi_zero_is_data,
            catch_up=self.csi_catch_up,
        )

    def export(self) -> None:
        """Write data directory and DuckDB limits back to the environment, made absolute.

        dbt is a process of its own whose profile reads the same variables.
        """
        os.environ["CEI_DATA_DIR"] = str(self.paths.root)
        os.environ["CEI_MEMORY_LIMIT"] = self.memory_limit
        os.environ["CEI_THREADS"] = str(self.threads)
