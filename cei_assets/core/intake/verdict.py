"""What judging a file needs and what it yields: limits, facts of the receipt, verdict."""

from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.core.intake.accepted import AcceptedReadings


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of what is taken; the defaults are those of the ingest API, sections 2 and 5.

    `max_unpacked_bytes` and `max_unpacked_ratio` bound compressed drops, `max_line_bytes` a single
    line of any drop (a batch of the API has at most 10 MB; the verdict given on it, which quotes
    its cells, can be longer than the batch). A CSV drop with more than `max_rejects` refused rows
    is refused whole, since rejects are held in memory.
    """

    max_future_seconds: int = 300
    max_age_days: int = 3650
    max_interval_kwh: int = 1_000_000
    max_unpacked_bytes: int = 1 << 30
    max_unpacked_ratio: int = 400
    max_line_bytes: int = 64 << 20
    max_rejects: int = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ReceiptFacts:
    """What judging needs to know of a receipt.

    `received_at_utc` is naive UTC and the clock of every rule. `organization_id` and `timezone`
    come from the drop's sidecar; None when it names none.
    """

    receipt_id: str
    upload_source: str
    received_at_utc: datetime
    received_date: date
    organization_id: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """How a file was read: encoding, delimiter, and what was odd but usable."""

    encoding: str | None = None
    delimiter: str | None = None
    warnings: tuple[str, ...] = ()


class UnusableFileError(Exception):
    """A file that is refused whole; the text says what was found, where, and how to mend it."""

    def __init__(
        self, detail: str, *, line_number: int = 1, column_name: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.line_number = line_number
        self.column_name = column_name


class ConservationError(RuntimeError):
    """Rows read are not accepted + rejected + exact duplicates: a fault of this program."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Verdict on a file: counts, the rows that go in, the rows that are refused.

    `readings` and `temperatures` are empty for a source that has none; `rejects` has the schema of
    the contract table. A file that is refused whole counts as one row, read and rejected, so that
    conservation holds for it too. Raises ConservationError when a row is unaccounted for.
    """

    rows_read: int
    rows_exact_duplicate: int
    rejects: pa.Table
    readings: AcceptedReadings | None = None
    temperatures: pa.Table | None = None
    facts: FileFacts = field(default_factory=FileFacts)
    detail: str | None = None

    def __post_init__(self) -> None:
        accounted = self.rows_accepted + self.rows_rejected + self.rows_exact_duplicate
        if self.rows_read != accounted:
            raise ConservationError(
                f"{self.rows_read} rows read, but {self.rows_accepted} accepted + "
                f"{self.rows_rejected} rejected + {self.rows_exact_duplicate} exact duplicates = "
                f"{accounted}; nothing of this file was stored, please report it with the file"
            )

    @property
    def rows_accepted(self) -> int:
        """Rows that go in."""
        return sum(rows.num_rows for rows in (self.readings, self.temperatures) if rows is not None)

    @property
    def rows_rejected(self) -> int:
        """Rows refused, one reject each."""
        return int(self.rejects.num_rows)

    @property
    def status(self) -> UploadStatus:
        """`accepted` without rejects, `rejected` when nothing but rejects, else `partial`."""
        if self.rows_rejected == 0:
            return UploadStatus.ACCEPTED
        if self.rows_rejected == self.rows_read:
            return UploadStatus.REJECTED
        return UploadStatus.PARTIAL
