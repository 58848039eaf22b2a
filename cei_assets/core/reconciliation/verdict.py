"""What comparing a file with the stored readings yields."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa


class ReconciliationError(RuntimeError):
    """The rows of a file are not all accounted for: a fault of this program."""


@dataclass(frozen=True, kw_only=True)
class ShiftedStretch:
    """Rows of a meter in the file that equal stored ones after moving by `shift_seconds`.

    `first_start_utc` and `last_start_utc` are starts of intervals as the file has them (naive UTC).
    Of the `rows_in_file` between them `rows_matched` equal the stored value at their moved time.
    """

    first_start_utc: datetime
    last_start_utc: datetime
    shift_seconds: int
    rows_in_file: int
    rows_matched: int


@dataclass(frozen=True, kw_only=True)
class MeterReconciliation:
    """A meter's rows in the file against the stored ones between its first and last row there.

    Energies are exact sums in kWh; `rows_in_file` counts intervals, `rows_extra` stored intervals
    that the file does not have. Raises ReconciliationError when a row is unaccounted for.
    """

    site_id: str
    meter_id: str
    interval_seconds: int
    first_start_utc: datetime
    last_start_utc: datetime
    rows_in_file: int
    rows_equal: int
    rows_different: int
    rows_missing: int
    rows_extra: int
    kwh_in_file: Decimal
    kwh_stored: Decimal
    shifts: tuple[ShiftedStretch, ...] = ()

    def __post_init__(self) -> None:
        compared = self.rows_equal + self.rows_different + self.rows_missing
        if self.rows_in_file != compared:
            raise ReconciliationError(
                f"meter {self.meter_id!r} of site {self.site_id!r} has {self.rows_in_file} rows in "
                f"the file, but {compared} were compared; expected one stored reading an interval; "
                "please report it with the file"
            )

    @property
    def difference_kwh(self) -> Decimal:
        """Energy in the file minus energy stored."""
        return self.kwh_in_file - self.kwh_stored

    @property
    def is_equal(self) -> bool:
        """Whether file and stored readings say the same."""
        return not (self.rows_different or self.rows_missing or self.rows_extra)


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Verdict on a whole file: every row is equal, different, missing, refused or repeated.

    `differences` has one row an interval that differs (see `comparison.reconcile`). `rows_repeated`
    counts rows whose interval a later row or an identical one of the file gives. Raises
    ReconciliationError when a row is unaccounted for.
    """

    rows_read: int
    rows_refused: int
    rows_repeated: int
    meters: tuple[MeterReconciliation, ...]
    differences: pa.Table

    def __post_init__(self) -> None:
        compared = sum(
            meter.rows_equal + meter.rows_different + meter.rows_missing for meter in self.meters
        )
        accounted = compared + self.rows_refused + self.rows_repeated
        if self.rows_read != accounted:
            raise ReconciliationError(
                f"{self.rows_read} rows read, but {compared} compared + {self.rows_refused} "
                f"refused + {self.rows_repeated} repeated = {accounted}; please report it with "
                "the file"
            )

    @property
    def is_equal(self) -> bool:
        """Whether the file says exactly what is stored; a refused row is a difference."""
        return not self.rows_refused and all(meter.is_equal for meter in self.meters)
