"""Where accepted readings wait before they are published, in the order in which files move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.files import JUDGED_SOURCES
from cei_assets.storage.archive import Receipt, read_receipt, receipt_ids, received_dates
from cei_assets.storage.build_state import pending_receipts
from cei_assets.storage.intake import first_of_same_content
from cei_assets.storage.landing import LandedFile, waiting_files
from cei_assets.storage.paths import DataPaths

READING_SOURCES = tuple(source for source in JUDGED_SOURCES if source != UploadSource.TEMPERATURE)


@dataclass(frozen=True, kw_only=True)
class PublishedReceipts:
    """The latest receipts that the published marts hold.

    `since` is the first received day that `receipt_ids` covers, None while nothing is published.
    """

    since: date | None
    receipt_ids: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A journal that is being written: only its first `committed` bytes count, whole lines."""

    path: Path
    committed: int


@dataclass(frozen=True, kw_only=True)
class JudgedReceipt:
    """A receipt whose rows stand in raw Parquet."""

    receipt: Receipt
    readings: Path
    rejects: Path


@dataclass(frozen=True, kw_only=True)
class UnjudgedReceipt:
    """A receipt of which there are archived bytes only."""

    receipt: Receipt
    content: Path


Waiting = Journal | LandedFile | JudgedReceipt | UnjudgedReceipt


def waiting(
    paths: DataPaths,
    *,
    journals: Sequence[tuple[Path, int]],
    published: PublishedReceipts,
    now: datetime,
) -> Iterator[Waiting]:
    """What the published marts do not hold, stage by stage.

    A file may be seen in two stages when it moves meanwhile, never in none: each stage is listed
    after the ones before it were, and the published marts are to be opened when this is exhausted.
    Receipts are looked for on days from `published.since` on and on those of marked receipts,
    so that the time does not grow with history. `now` is aware.
    """
    for path, committed in journals:
        yield Journal(path=path, committed=committed)
    landing = paths.landing(UploadSource.CEI_API.value)
    yield from waiting_files(landing, settle_seconds=0, now=now + timedelta(days=1))
    for day in _days(paths, published):
        for receipt_id in sorted(receipt_ids(paths, day) - published.receipt_ids):
            found = _receipt(paths, read_receipt(paths, day, receipt_id))
            if found is not None:
                yield found


def _days(paths: DataPaths, published: PublishedReceipts) -> list[date]:
    days = received_dates(paths)
    if published.since is None:
        return days
    marked = {
        receipt.received_date
        for receipt in pending_receipts(paths)
        if receipt.receipt_id not in published.receipt_ids and not receipt.is_rejudged
    }
    return [day for day in days if day >= published.since or day in marked]


def _receipt(paths: DataPaths, receipt: Receipt) -> JudgedReceipt | UnjudgedReceipt | None:
    """The receipt at its stage; None for one without readings of its own.

    The outcome is written last, so rows are complete where it is.
    """
    if receipt.upload_source not in READING_SOURCES:
        return None
    name = f"{receipt.receipt_id}.parquet"
    if (paths.raw_partition("outcomes", receipt.received_date) / name).exists():
        return JudgedReceipt(
            receipt=receipt,
            readings=paths.raw_partition("readings", receipt.received_date) / name,
            rejects=paths.raw_partition("rejects", receipt.received_date) / name,
        )
    if first_of_same_content(receipt, paths) != receipt:
        return None
    return UnjudgedReceipt(receipt=receipt, content=paths.archived(receipt.sha256))
