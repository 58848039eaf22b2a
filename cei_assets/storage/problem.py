"""What can go wrong with files, for the person who has to mend it."""

import errno
from pathlib import Path


class IntakeError(Exception):
    """A file or folder that could not be dealt with; nothing of it was lost or half written."""

    def __init__(self, *, what: str, where: str, expected: str, fix: str) -> None:
        super().__init__(f"{what}: {where}; expected {expected}; {fix}")
        self.what = what
        self.where = where
        self.expected = expected
        self.fix = fix


class FileChangedError(IntakeError):
    """A landed file changed while it was read; it stays where it is and is taken later."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            what="the file changed while it was read",
            where=str(path),
            expected="a file that is complete when it lands",
            fix="it stays in the landing folder and is taken once it is at rest; write under a "
            "name ending in .part and rename",
        )


def intake_error(error: OSError, *, doing: str, path: Path) -> IntakeError:
    """The clear form of an operating system's error."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return IntakeError(
            what=f"no space left {doing}",
            where=str(error.filename or path),
            expected="room for a copy of every drop and its rows",
            fix="free space on that disk; the drop stays and is taken on the next run",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return IntakeError(
            what=f"no permission {doing}",
            where=str(error.filename or path),
            expected="files and folders that the platform's user may read and write",
            fix="correct owner or mode; the drop stays and is taken on the next run",
        )
    return IntakeError(
        what=f"{error.strerror or error} {doing}",
        where=str(error.filename or path),
        expected="a readable file on a working disk",
        fix="check the disk; the drop stays and is taken on the next run",
    )
