"""Keeps dbt's manifest, from which the asset graph is read, as new as the project."""

import subprocess
import sys
from pathlib import Path

DBT_PROJECT_DIR = Path(__file__).parents[2] / "dbt_project"
MANIFEST = DBT_PROJECT_DIR / "target" / "manifest.json"
_PARTS = ("models", "macros", "tests", "seeds")


def project_files() -> list[Path]:
    """Every file of the dbt project that the manifest is made from."""
    files = [DBT_PROJECT_DIR / "dbt_project.yml", DBT_PROJECT_DIR / "profiles.yml"]
    for part in _PARTS:
        files += [path for path in (DBT_PROJECT_DIR / part).rglob("*") if path.is_file()]
    return files


def manifest_is_fresh() -> bool:
    """Whether the manifest exists and is newer than every file it is made from."""
    if not MANIFEST.exists():
        return False
    made = MANIFEST.stat().st_mtime_ns
    return all(path.stat().st_mtime_ns <= made for path in project_files())


def ensure_manifest() -> None:
    """Parse the dbt project when its manifest is missing or stale.

    Raises RuntimeError with dbt's own message when the project does not parse.
    """
    if manifest_is_fresh():
        return
    parsed = subprocess.run(  # noqa: S603 - our own interpreter and constant arguments
        [
            sys.executable, "-m", "dbt.cli.main", "--quiet", "parse",
            "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if parsed.returncode != 0:
        raise RuntimeError(f"dbt parse failed: {parsed.stdout.strip()} {parsed.stderr.strip()}")
    # dbt leaves the file alone when nothing changed; the stamp says that it was looked at.
    MANIFEST.touch()
