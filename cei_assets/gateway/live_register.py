"""The register as the gateway uses it: read at start, read again when its files change."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cei_assets.core.intake.batch_body import Body
from cei_assets.core.intake.batch_judge import BatchJudge, JudgedBatch
from cei_assets.core.intake.plain_records import PlainReading
from cei_assets.settings import Settings
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.register import RegisterResult, load_register
from cei_assets.storage.register_files import is_cds_file, is_csi_file

_LOGGER = logging.getLogger("cei.gateway")

FileStates = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class RegisterVersion:
    """A register without errors, and the judge that works with it."""

    register: RegisterResult
    judge: BatchJudge
    files: FileStates


class LiveRegister:
    """The latest register without errors.

    A register with errors leaves the one before it in force, and `problem` says so. Raises
    RegisterError when the first one has errors.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._judging = threading.Lock()
        self.problem: str | None = None
        files = file_states(settings.paths.register, _is_ours)
        register = load_register(settings.paths)
        register.raise_for_errors()
        self._version = self._with_judge(register, files)

    @property
    def current(self) -> RegisterVersion:
        """The version in force."""
        return self._version

    def refresh(self) -> None:
        """Takes over changed files."""
        with self._lock:
            files = file_states(self._settings.paths.register, _is_ours)
            if files == self._version.files:
                self.problem = None
                return
            register = load_register(self._settings.paths)
            if register.has_errors:
                self._complain(register)
                return
            self._version = self._with_judge(register, files)
            self.problem = None
            _LOGGER.info("the register changed; the new one is in force")

    def judge(
        self,
        version: RegisterVersion,
        body: Body,
        *,
        organization_id: str,
        received_at: datetime,
        plain: list[PlainReading | None],
    ) -> JudgedBatch:
        """Judges a batch; one at a time, since the judge has one DuckDB connection."""
        with self._judging:
            return version.judge.judge(
                body, organization_id=organization_id, received_at=received_at, plain=plain
            )

    def _complain(self, register: RegisterResult) -> None:
        errors = [str(finding) for finding in register.findings if finding.is_error]
        problem = f"the register has errors, the one before stays in force: {'; '.join(errors)}"
        if problem != self.problem:
            _LOGGER.error(problem)
        self.problem = problem

    def _with_judge(self, register: RegisterResult, files: FileStates) -> RegisterVersion:
        judge = BatchJudge(
            connection=connect(None, read_only=False, settings=self._settings.session),
            register=register.tables,
            limits=self._settings.limits,
            year=self._settings.now().year,
        )
        return RegisterVersion(register=register, judge=judge, files=files)


def file_states(folder: Path, belongs: Callable[[Path], bool]) -> FileStates:
    """Name, size and change time of the CSV files that belong; equal as long as they are."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        if belongs(path):
            seen = path.stat()
            found.append((path.name, seen.st_size, seen.st_mtime_ns))
    return tuple(found)


def _is_ours(path: Path) -> bool:
    return not (is_csi_file(path) or is_cds_file(path))
