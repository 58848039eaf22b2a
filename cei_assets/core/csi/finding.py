"""What is said of an upload: findings with rule, line, column, value and message."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import CsiResult, CsiRule, CsiSeverity


@dataclass(frozen=True, kw_only=True)
class CsiFinding:
    """One finding; `line` is the physical line where the record starts, the header is line 1.

    `column` is the letter of a spreadsheet, `value` has its control characters escaped and is cut
    at 80 characters, `message` is the whole sentence with its id and place. `count` is how often
    the rule was broken in the file; the first 20 are listed.
    """

    rule: CsiRule
    severity: CsiSeverity
    message: str
    line: int | None = None
    column: str | None = None
    column_name: str | None = None
    value: str | None = None
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "rule": self.rule.value,
            "line": self.line,
            "column": self.column,
            "column_name": self.column_name,
            "value": self.value,
            "message": self.message,
            "count": self.count,
        }


@dataclass(frozen=True, kw_only=True)
class CsiSums:
    """Sums of the columns D to H; None where no cell is filled. BTU are integers."""

    solar_btu: int | None = None
    total_btu: int | None = None
    backup_gas_therms: Decimal | None = None
    backup_electric_kwh: Decimal | None = None
    backup_propane_therms: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class CsiVerdict:
    """The verdict on form and content of one upload; history is the ledger's.

    `findings` reject, `warnings` warn, inform or flag. `due_at_utc` is naive UTC, the last second
    on time; None while the form names no month. `intervals` holds the accepted rows, columns of
    the contract table `csi_intervals` without receipt, for a successful application report.
    """

    findings: tuple[CsiFinding, ...]
    warnings: tuple[CsiFinding, ...]
    is_late: bool
    due_at_utc: datetime | None
    data_rows: int = 0
    empty_intervals: int | None = None
    zero_intervals: int | None = None
    sums: CsiSums = CsiSums()
    intervals: pa.Table | None = None

    @property
    def result(self) -> CsiResult:
        """Failure when any finding rejects."""
        return CsiResult.FAILURE if self.findings else CsiResult.SUCCESS
