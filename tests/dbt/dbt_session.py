"""Real dbt runs of the project against one data directory."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).parents[2] / "dbt_project"


@dataclass(frozen=True, kw_only=True)
class DbtRun:
    """What became of one dbt command; `failures` and `statuses` are by node."""

    success: bool
    error: str
    failures: dict[str, str]
    statuses: dict[str, str]


class DbtSession:
    """One process that runs dbt commands; the data directory stays the same."""

    def __init__(self, data_dir: Path) -> None:
        (data_dir / "warehouse").mkdir(parents=True, exist_ok=True)
        scratch = data_dir / "dbt"
        environment = os.environ | {
            "CEI_DATA_DIR": str(data_dir),
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(scratch / "target"),
            "DBT_LOG_PATH": str(scratch / "logs"),
        }
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dbt_worker.py"))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> "DbtSession":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def run(self, *arguments: str) -> DbtRun:
        """Run one dbt command and report on every node."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(["--quiet", *arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"dbt's process ended with {self._process.wait()} during {arguments}"
        return DbtRun(**json.loads(answer))

    def build(self, *arguments: str) -> DbtRun:
        """`dbt build` that has to succeed."""
        done = self.run("build", *arguments)
        assert done.success, done.failures or done.error
        return done
