"""What dbt is told about a build of the CSI-Thermal tables, and what it has built."""

import hashlib
from datetime import datetime
from pathlib import Path

import orjson

from cei_assets.contracts.csi_vocabulary import CatchUp
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.paths import DataPaths


def tell_csi_build(
    paths: DataPaths, *, as_of_utc: datetime, catch_up: CatchUp, is_full_refresh: bool
) -> None:
    """Writes `raw/build/csi_parameters.json`: clock (naive UTC) and settings of the build."""
    parameters = {
        "as_of_utc": as_of_utc.strftime("%Y-%m-%d %H:%M:%S"),
        "is_full_refresh": is_full_refresh,
        "catch_up_setting": catch_up.value,
    }
    write_bytes(paths.build / "csi_parameters.json", orjson.dumps([parameters]))


def csi_in_use(paths: DataPaths) -> bool:
    """Whether the installation takes part: applications are registered, or uploads arrived."""
    if has_rows(paths.register / "csi_applications.csv"):
        return True
    return any(paths.raw("csi_uploads").glob("received_date=2*/*.parquet"))


def readings_in_use(paths: DataPaths) -> bool:
    """Whether the installation takes readings: without the CSI programme always."""
    return has_rows(paths.register / "sites.csv") or not csi_in_use(paths)


def has_rows(file: Path) -> bool:
    """Whether a register file has a line below its header."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return False
    return sum(1 for line in lines if line.strip()) > 1


def csi_digest(paths: DataPaths) -> str:
    """Digest of the ledger and of the register's tables: another one asks for another build."""
    digest = hashlib.sha256()
    files = [paths.csi("ledger") / "part.parquet", paths.csi("findings") / "part.parquet"]
    for file in (*files, *sorted(paths.raw_csi_register.glob("*.parquet"))):
        if file.exists():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def built_csi(paths: DataPaths) -> str | None:
    """Digest of what the tables were last built from; None when they never were."""
    try:
        return _record(paths).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def remember_csi(paths: DataPaths, digest: str) -> None:
    """Records what the tables were built from."""
    write_bytes(_record(paths), digest.encode())


def _record(paths: DataPaths) -> Path:
    return paths.state / "csi_build"
