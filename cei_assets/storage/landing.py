"""Landing folders as queues: which files wait to be taken."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cei_assets.contracts.vocabulary import CSI_SOURCES
from cei_assets.storage.problem import IntakeError

SIDECAR_SUFFIX = ".drop.json"
FORM_SUFFIX = ".form.json"
_NOT_A_DROP = (".tmp", ".part", SIDECAR_SUFFIX, FORM_SUFFIX)
_NEEDS_FORM = frozenset(source.value for source in CSI_SOURCES)


@dataclass(frozen=True, kw_only=True)
class LandedFile:
    """A file in a landing folder as it was seen: size in bytes, change time in ns since 1970."""

    path: Path
    size: int
    mtime_ns: int


def waiting_files(folder: Path, *, settle_seconds: float, now: datetime) -> list[LandedFile]:
    """Files that nobody has touched for `settle_seconds`, oldest first.

    `now` is aware. Names that begin with a dot or end in .tmp, .part, .drop.json or .form.json do
    not count. A folder that does not exist has none. Raises IntakeError for a folder that cannot
    be read.
    """
    settled_before_ns = int((now.timestamp() - settle_seconds) * 1e9)
    try:
        with os.scandir(folder) as entries:
            found = [_landed(entry) for entry in entries if is_drop_name(entry.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise IntakeError(
            what=f"cannot read the landing folder ({error.strerror})",
            where=str(folder),
            expected="a folder that the platform may read and write",
            fix="give the platform's user read, write and search permission on it",
        ) from error
    settled = [file for file in found if file is not None and file.mtime_ns <= settled_before_ns]
    return sorted(settled, key=lambda file: (file.mtime_ns, file.path.name))


def sidecar_suffix(upload_source: str) -> str:
    """What the name of the file beside a drop ends in: the form of a CSI upload, else settings."""
    return FORM_SUFFIX if upload_source in _NEEDS_FORM else SIDECAR_SUFFIX


def complete_drops(
    files: list[LandedFile], *, upload_source: str, settle_seconds: float, now: datetime
) -> list[LandedFile]:
    """Those of the waiting files that can be taken: a CSI upload only with its settled form."""
    if upload_source not in _NEEDS_FORM:
        return files
    settled_before_ns = int((now.timestamp() - settle_seconds) * 1e9)
    return [file for file in files if _has_settled_form(file.path, settled_before_ns)]


def _has_settled_form(path: Path, settled_before_ns: int) -> bool:
    try:
        form = path.with_name(path.name + FORM_SUFFIX).stat()
    except FileNotFoundError:
        return False
    return form.st_mtime_ns <= settled_before_ns


def is_drop_name(name: str) -> bool:
    """Whether a file of that name is taken."""
    return not name.startswith(".") and not name.endswith(_NOT_A_DROP)


def _landed(entry: os.DirEntry[str]) -> LandedFile | None:
    """The file as it is now; None for what is no file or has just gone."""
    try:
        if not entry.is_file():
            return None
        seen = entry.stat()
    except FileNotFoundError:
        return None
    return LandedFile(path=Path(entry.path), size=seen.st_size, mtime_ns=seen.st_mtime_ns)
