"""What is said about data that break a declaration: one form for files, tables and registers."""

from dataclasses import dataclass
from enum import StrEnum


class FindingLevel(StrEnum):
    """Whether the data may be used all the same."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: where it stands, what was found, what was expected, how to fix it.

    `where` is a file (`register/sites.csv`) or a table (`raw.readings`). `line` is the physical
    line of a file, header 1; empty when the finding concerns the whole file or several rows of a
    table. `rows` counts the rows concerned.
    """

    where: str
    expected: str
    found: str
    line: int | None = None
    column: str | None = None
    fix: str = ""
    rows: int = 1
    level: FindingLevel = FindingLevel.ERROR

    @property
    def is_error(self) -> bool:
        """Whether the finding makes the data unusable."""
        return self.level is FindingLevel.ERROR

    def __str__(self) -> str:
        """One line for people: `register/sites.csv:3: timezone: found 'x', expected y - fix`."""
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        column = "" if self.column is None else f"{self.column}: "
        warning = "" if self.is_error else "warning: "
        fix = f" - {self.fix}" if self.fix else ""
        return f"{place}: {warning}{column}found {self.found}, expected {self.expected}{fix}"
