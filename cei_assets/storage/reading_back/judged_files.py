"""Files that are not published, judged once and kept in memory for as long as they wait."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import pyarrow as pa

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.verdict import Limits
from cei_assets.storage.duckdb_session import SessionSettings, connect
from cei_assets.storage.landing import LandedFile
from cei_assets.storage.reading_back.judged import (
    Content,
    JudgedRows,
    Judging,
    WaitingFile,
    joined,
    judge,
    judge_together,
    stored,
)
from cei_assets.storage.reading_back.stages import Journal, JudgedReceipt, UnjudgedReceipt, Waiting

_Key = tuple[object, ...]
# Enough to make the fixed price of judging small, little enough to hold in memory.
_TOGETHER_BYTES = 16 << 20
# A receipt's identity begins with the time of change that its file had when it landed.
_TIME_OF_CHANGE = 16


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Rows of a file up to byte `end`; where they begin is part of the piece's key."""

    rows: JudgedRows
    end: int = 0


class JudgedFiles:
    """The rows of waiting files; one object serves all threads of a process.

    A file is judged when it is first asked for and forgotten once it waits no more, a journal by
    what was added to it: a question costs what came in since the last one.
    """

    def __init__(self, *, limits: Limits, session: SessionSettings) -> None:
        self._limits = limits
        self._session = session
        self._lock = Lock()
        self._fingerprint = ""
        self._pieces: dict[_Key, _Piece] = {}

    def rows(
        self,
        files: Iterable[Waiting],
        *,
        register: Mapping[str, pa.Table],
        fingerprint: str,
        settled_before: datetime,
    ) -> list[JudgedRows]:
        """The rows of all files, which are listed meanwhile, for one thread at a time.

        What was judged under a register of another `fingerprint` is judged again. A landed file
        that changed after `settled_before` (aware) may still be written: its whole lines count.
        A file that has moved on since it was listed is left to the next stage.
        """
        with self._lock, ExitStack() as stack:

            def judging() -> Judging:
                connection = connect(None, read_only=False, settings=self._session)
                stack.callback(connection.close)
                return Judging(connection=connection, register=register, limits=self._limits)

            walk = _Walk(
                known=self._pieces if fingerprint == self._fingerprint else {},
                judging=judging,
                settled_before=settled_before,
            )
            for file in files:
                walk.take(file)
            rows = walk.rows()
            self._fingerprint, self._pieces = fingerprint, walk.asked
        return rows


class _Walk:
    """One round over the files: what was known before it, and what it asked for.

    What has to be judged is read when it is met, since it may be gone later, and small files are
    judged together.
    """

    def __init__(
        self,
        *,
        known: Mapping[_Key, _Piece],
        judging: Callable[[], Judging],
        settled_before: datetime,
    ) -> None:
        self.asked: dict[_Key, _Piece] = {}
        self._known = known
        self._make_judging = judging
        self._settled_ns = int(settled_before.timestamp() * 1e9)
        self._met: dict[_Key, None] = {}
        self._unjudged: dict[_Key, Content] = {}
        self._unjudged_bytes = 0

    @cached_property
    def _judging(self) -> Judging:
        """Made when something has to be judged, which is seldom."""
        return self._make_judging()

    def take(self, file: Waiting) -> None:
        """Looks at a file; nothing comes of one that has moved on."""
        try:
            match file:
                case Journal():
                    self._met |= dict.fromkeys(self._grown(file.path, file.committed))
                case LandedFile():
                    self._landed(file)
                case JudgedReceipt():
                    self._stored(file)
                case UnjudgedReceipt():
                    self._receipt(file)
        except FileNotFoundError:
            return
        if self._unjudged_bytes > _TOGETHER_BYTES:
            self._judge_together()

    def rows(self) -> list[JudgedRows]:
        """The rows of all files that were met."""
        self._judge_together()
        return [self.asked[key].rows for key in self._met]

    def _piece(self, key: _Key) -> _Piece | None:
        return self.asked.get(key) or self._known.get(key)

    def _ask(self, key: _Key, make: Callable[[], JudgedRows]) -> None:
        self.asked[key] = self._piece(key) or _Piece(rows=make())
        self._met[key] = None

    def _ask_content(self, key: _Key, read: Callable[[], Content]) -> None:
        """Like `_ask`, for a file of batches that is judged together with others.

        Among those judged together the first one has what a later one repeats, so a drop that is
        met at two stages must have one key: else its second rows would be none, and be all that is
        left of it once it has passed the first stage.
        """
        if key in self._met:
            return
        piece = self._piece(key)
        if piece is None:
            self._unjudged[key] = content = read()
            self._unjudged_bytes += len(content.content)
        else:
            self.asked[key] = piece
        self._met[key] = None

    def _judge_together(self) -> None:
        if self._unjudged:
            rows = judge_together(list(self._unjudged.values()), judging=self._judging)
            pieces = [_Piece(rows=one) for one in rows]
            self.asked.update(zip(self._unjudged, pieces, strict=True))
            self._unjudged, self._unjudged_bytes = {}, 0

    def _grown(self, path: Path, size: int) -> list[_Key]:
        """The parts of a journal, of which only the last can be new."""
        keys: list[_Key] = []
        with path.open("rb") as journal:
            inode = os.fstat(journal.fileno()).st_ino
            end = 0
            while end < size:
                key = (path.name, inode, end)
                piece = self._piece(key) or self._added(journal, path, first=end, end=size)
                self.asked[key] = piece
                keys.append(key)
                end = piece.end
        return keys

    def _added(self, journal: BinaryIO, path: Path, *, first: int, end: int) -> _Piece:
        journal.seek(first)
        rows = judge(
            BytesIO(journal.read(end - first)),
            file=_api_file(path.name, arrival=""),
            received_at_utc=_instant(os.fstat(journal.fileno()).st_mtime_ns),
            judging=self._judging,
            first_byte=first,
        )
        return _Piece(rows=rows, end=end)

    def _landed(self, file: LandedFile) -> None:
        """A file in the landing folder; a sealed journal keeps what was judged while it grew."""
        start = (file.path.name, file.path.stat().st_ino, 0)
        if self._piece(start) is None:
            self._landed_whole(file)
            return
        keys = self._grown(file.path, file.size)
        if len(keys) > 1:
            rows = joined([self.asked[key].rows for key in keys])
            self.asked[start] = _Piece(rows=rows, end=file.size)
        # Where it was sealed between two looks of this round, the second one has it all.
        for key in keys:
            self._met.pop(key, None)
        self._met[start] = None

    def _landed_whole(self, file: LandedFile) -> None:
        """A file that was not judged while it grew; whole lines of one that may still be written.

        A compressed file has no lines to be seen, and waits until it is settled.
        """
        waiting = _api_file(file.path.name, arrival=f"{max(file.mtime_ns, 0):016x}")
        received_at = _instant(file.mtime_ns)
        key = (waiting.original_filename, waiting.arrival, file.size)
        if file.mtime_ns > self._settled_ns and self._piece(key) is None:
            content = file.path.read_bytes()
            end = content.rfind(b"\n") + 1 if content.startswith(b"{") else 0
            if 0 < end < len(content):
                lines = BytesIO(content[:end])
                self._ask(
                    (*key, end),
                    lambda: judge(
                        lines, file=waiting, received_at_utc=received_at, judging=self._judging
                    ),
                )
            if end < len(content):
                return
        self._ask_content(
            key,
            lambda: Content(
                file=waiting, content=file.path.read_bytes(), received_at_utc=received_at
            ),
        )

    def _receipt(self, file: UnjudgedReceipt) -> None:
        receipt = file.receipt
        waiting = WaitingFile(
            upload_source=receipt.upload_source,
            original_filename=receipt.original_filename,
            arrival=receipt.receipt_id,
        )
        is_api = receipt.upload_source == UploadSource.CEI_API.value
        if is_api and receipt.sidecar is None and receipt.size_bytes <= _TOGETHER_BYTES:
            landed = receipt.receipt_id[:_TIME_OF_CHANGE]
            self._ask_content(
                (receipt.original_filename, landed, receipt.size_bytes),
                lambda: Content(
                    file=waiting,
                    content=file.content.read_bytes(),
                    received_at_utc=receipt.received_at_utc,
                ),
            )
        else:
            self._ask((receipt.receipt_id,), lambda: self._judged_alone(file, waiting))

    def _judged_alone(self, file: UnjudgedReceipt, waiting: WaitingFile) -> JudgedRows:
        with file.content.open("rb") as content:
            return judge(
                content,
                file=waiting,
                received_at_utc=file.receipt.received_at_utc,
                judging=self._judging,
                sidecar=file.receipt.sidecar,
            )

    def _stored(self, file: JudgedReceipt) -> None:
        """Judging again replaces the files, which shows in their identities."""
        key = (file.receipt.receipt_id, _identity(file.readings), _identity(file.rejects))
        self._ask(key, lambda: stored(file.receipt, readings=file.readings, rejects=file.rejects))


def _api_file(name: str, *, arrival: str) -> WaitingFile:
    return WaitingFile(
        upload_source=UploadSource.CEI_API.value, original_filename=name, arrival=arrival
    )


def _instant(mtime_ns: int) -> datetime:
    return datetime.fromtimestamp(mtime_ns / 1e9, tz=UTC).replace(tzinfo=None)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size
