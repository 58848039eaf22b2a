"""A bound on the rejects of a file, which are held in memory."""

from collections.abc import Sequence

import pyarrow as pa

from cei_assets.core.intake.verdict import UnusableFileError


class RejectBound:
    """Counts the refused rows of a file; None as `most` bounds nothing."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._count = 0
        self._first: str | None = None

    def add(self, rejects: Sequence[pa.Table]) -> None:
        """Count rejects; raises UnusableFileError as soon as they are too many."""
        for part in rejects:
            if self._first is None and part.num_rows:
                self._first = _told(part)
            self.count(part.num_rows)

    def count(self, rows: int) -> None:
        """Count rows that are going to be refused, like `add`."""
        self._count += rows
        if self._most is not None and self._count > self._most:
            raise too_many_rejects(self._most, first=self._first)


def too_many_rejects(most: int, *, first: str | None) -> UnusableFileError:
    """What refuses a file whole for its rejects; `first` is one of them in words."""
    example = "" if first is None else f", one of them {first}"
    return UnusableFileError(
        f"more than {most} rows of the file are refused{example}; nothing of it was taken: mend "
        "what makes it so and drop it again"
    )


def _told(part: pa.Table) -> str:
    row = part.slice(0, 1).to_pylist()[0]
    return f"on line {row['line_number']} ({row['code']}: {row['detail'][:300]})"
