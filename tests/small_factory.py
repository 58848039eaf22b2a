"""A small factory for end-to-end tests: one site in Rome, three meters, ten weeks, and `cei`."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from cei_assets.cli.pipeline import run_everything
from cei_assets.settings import Settings

FIRST = datetime(2026, 1, 19, tzinfo=UTC)
DAYS = 70
AS_OF = "2026-03-31T06:00:00Z"
REGISTER = {
    "organizations": "organization_id,organization_name\nacme,Acme\n",
    "sites": (
        "site_id,organization_id,site_name,timezone,country\nrome,acme,Plant,Europe/Rome,IT\n"
    ),
    "meters": (
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from,expected_to\n"
        "rome,main,Incomer,main_incomer,,3600,start,2026-01-20,\n"
        "rome,line,Process line,submeter,main,3600,start,2026-01-20,\n"
        "rome,hvac,Air handling,submeter,main,900,start,2026-01-20,2026-02-28\n"
    ),
    "tariffs": (
        "site_id,valid_from,valid_to,currency,price_per_kwh,hour_from,hour_to,weekday_from,"
        "weekday_to\nrome,2025-01-01,,EUR,0.215000,0,24,0,6\n"
    ),
    "operating_hours": "site_id,weekday,opens,closes,valid_from,valid_to\n"
    + "".join(f"rome,{day},06:00,18:00,2025-01-01,\n" for day in range(5)),
}
# Fixed, so that the same drops give the same receipts in every installation.
DROPPED_AT = 1_770_000_000_000_000_000


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A data folder and the command that works on it."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder)

    def cei(self, *arguments: str, as_of: str = AS_OF) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, whatever its exit code."""
        return subprocess.run(
            [*command(), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment(as_of=as_of),
        )

    def run(self, as_of: str = AS_OF) -> None:
        """What `cei run` does, in this process; a step that fails raises RunFailedError."""
        os.environ.update(self.environment(as_of=as_of))
        run_everything(Settings())

    def environment(self, as_of: str = AS_OF) -> dict[str, str]:
        return os.environ | {
            "CEI_DATA_DIR": str(self.folder),
            "CEI_AS_OF": as_of,
            "CEI_SETTLE_SECONDS": "0",
        }

    def drop(self, name: str, text: str, *, source: str = "csv_drop") -> Path:
        """Put a file into a landing folder."""
        path = self.settings.paths.landing(source) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(DROPPED_AT, DROPPED_AT))
        return path

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of a query on the published marts."""
        with duckdb.connect(str(self.settings.paths.published), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'; use marts")
            return connection.execute(query).fetchall()

    def digests(self, *, without: Sequence[str] = ()) -> dict[str, tuple[object, ...]]:
        """Rows and order-free digest of every published mart."""
        names = self.rows("select table_name from duckdb_tables() where schema_name = 'marts'")
        return {
            str(name): self.rows(
                f"select count(*), coalesce(bit_xor(hash(mart)), 0) from {name} as mart"
            )[0]
            for (name,) in names
            if name not in without
        }


def command() -> list[str]:
    """The `cei` command of this environment."""
    return [sys.executable, "-c", "from cei_assets.cli.app import main; main()"]


def new_installation(folder: Path) -> Installation:
    """A data folder with the register and ten weeks of drops, nothing run yet."""
    installation = Installation(folder=folder)
    register = installation.settings.paths.register
    register.mkdir(parents=True)
    for name, text in REGISTER.items():
        (register / f"{name}.csv").write_text(text, encoding="utf-8")
    installation.drop("readings.csv", readings())
    return installation


def readings(*, days: int = DAYS) -> str:
    """Hourly readings of two meters, quarter-hourly of the third; a gap, a duplicate, bad rows."""
    lines = ["site_id,meter_id,timestamp_utc,value,unit"]
    for hour in range(days * 24):
        start = FIRST + timedelta(hours=hour)
        working = start.weekday() < 5 and 5 <= start.hour < 17
        line = 40 + (60 if working else 0) + (hour * 7 % 11) / 10
        if not 600 <= hour < 605:
            lines.append(f"rome,line,{start:%Y-%m-%dT%H:%M:%SZ},{line:.1f},kWh")
        lines.append(f"rome,main,{start:%Y-%m-%dT%H:%M:%SZ},{line + 30:.1f},kWh")
        if start < datetime(2026, 3, 1, tzinfo=UTC):
            lines += [
                f"rome,hvac,{start + timedelta(minutes=quarter):%Y-%m-%dT%H:%M:%SZ},2.5,kWh"
                for quarter in (0, 15, 30, 45)
            ]
    lines.append(lines[1])
    lines.append("rome,unknown,2026-02-01T00:00:00Z,1,kWh")
    lines.append("rome,line,2026-02-01T00:00:00Z,-1,kWh")
    return "\n".join(lines) + "\n"
