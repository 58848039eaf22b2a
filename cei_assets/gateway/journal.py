"""The journal: accepted batches as lines of the file that the pipeline will take."""

import os
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.storage.atomic import sync_folder
from cei_assets.storage.paths import DataPaths

_SUFFIX = ".jsonl"
_CLOSED = -1


class Journal:
    """One open file below `gateway/journal`, appended to by one thread.

    `committed` bytes of it count; what lies behind them was never acknowledged and is cut off when
    the file is recovered or sealed. Sealing renames the file into `landing/cei_api`, where the
    pipeline takes it like any drop. A name ends in the id of the state that knows the file.
    `positions` are the files of the folder with the bytes that count, for readers in other threads:
    a file is among them until it lies in the landing folder.
    """

    def __init__(self, paths: DataPaths, *, state_id: str) -> None:
        self._state_id = state_id
        self._folder = paths.journal
        self._landing = paths.landing(UploadSource.CEI_API.value)
        self._descriptor = _CLOSED
        self._sealed: list[tuple[str, int]] = []
        self.positions: tuple[tuple[str, int], ...] = ()
        self._opened_at = 0.0
        self.name = ""
        self.committed = 0

    def recover(self, committed: Mapping[str, int]) -> list[str]:
        """Hands over what an earlier process left; `committed` are bytes by name, as the state has.

        A file of this state that it does not know never had a commit: nothing of it was
        acknowledged. A file of another state goes on whole, and what it repeats is dropped as any
        duplicate is. Returns the names of the files that were found.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._landing.mkdir(parents=True, exist_ok=True)
        found = sorted(self._folder.glob(f"*{_SUFFIX}"))
        for path in found:
            if path.name.endswith(f"-{self._state_id}{_SUFFIX}"):
                os.truncate(path, committed.get(path.name, 0))
            self._hand_over(path)
        return [path.name for path in found]

    def append(self, lines: bytes, *, now: datetime) -> None:
        """Writes lines behind the committed ones and syncs them; `now` is naive UTC."""
        self.prepare(now)
        offset, rest = self.committed, memoryview(lines)
        while rest:
            written = os.pwrite(self._descriptor, rest, offset)
            offset, rest = offset + written, rest[written:]
        os.fdatasync(self._descriptor)

    def commit(self, size: int) -> None:
        """Counts the first `size` bytes as acknowledged."""
        self.committed = size
        self._show()

    def roll_back(self) -> None:
        """Cuts off what was appended and not committed."""
        if self._descriptor != _CLOSED:
            os.ftruncate(self._descriptor, self.committed)

    @property
    def age_seconds(self) -> float:
        """Since the file was opened; 0 when none is."""
        return time.monotonic() - self._opened_at if self._descriptor != _CLOSED else 0.0

    def seal(self) -> list[str]:
        """Hands the file to the pipeline; the next append opens another.

        Returns the names of the files that went: one whose hand-over failed goes with a later call.
        """
        if self._descriptor != _CLOSED:
            self.roll_back()
            os.close(self._descriptor)
            self._sealed.append((self.name, self.committed))
            self._descriptor, self.name, self.committed = _CLOSED, "", 0
        gone = []
        while self._sealed:
            self._hand_over(self._folder / self._sealed[0][0])
            gone.append(self._sealed.pop(0)[0])
            self._show()
        return gone

    def prepare(self, now: datetime) -> None:
        """Opens a file where none is open, so that its name is known before its first line."""
        if self._descriptor != _CLOSED:
            return
        self.name = f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(4)}-{self._state_id}{_SUFFIX}"
        self.committed = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(self._folder / self.name, flags, 0o640)
        sync_folder(self._folder)
        self._opened_at = time.monotonic()

    def _show(self) -> None:
        open_one = [(self.name, self.committed)] if self.name else []
        self.positions = (*self._sealed, *open_one)

    def _hand_over(self, path: Path) -> None:
        if path.stat().st_size == 0:
            path.unlink()
            return
        path.rename(self._landing / path.name)
        sync_folder(self._landing)
        sync_folder(self._folder)
