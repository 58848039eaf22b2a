"""What asset bodies are given: settings with their paths, and the lock of the warehouse file."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import FileLock

from cei_assets.settings import Settings


class Platform(dg.ConfigurableResource[None]):
    """The installation a run works on; reads the environment when it is used, not when loaded."""

    lock_timeout_seconds: float = 3600.0

    @property
    def settings(self) -> Settings:
        """The settings as the environment gives them now."""
        return Settings()

    @contextmanager
    def warehouse_lock(self) -> Iterator[None]:
        """Hold the warehouse file alone.

        The Dagster pool keeps runs of one instance apart; this lock also keeps out processes that
        know nothing of the pool, and a killed process gives it up at once.
        """
        with self._lock("warehouse"):
            yield

    @contextmanager
    def raw_lock(self) -> Iterator[None]:
        """Hold the judged rows still: a build reads one state of them, whatever arrives."""
        with self._lock("raw"):
            yield

    def _lock(self, name: str) -> FileLock:
        folder = self.settings.paths.state
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{name}.lock", timeout=self.lock_timeout_seconds)
