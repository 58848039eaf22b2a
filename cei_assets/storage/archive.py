"""Taking drops: bytes to the archive, a receipt for each arrival, and what was received when."""

import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from cei_assets.storage.atomic import incoming, sync_folder, write_bytes
from cei_assets.storage.landing import (
    FORM_SUFFIX,
    SIDECAR_SUFFIX,
    LandedFile,
    sidecar_suffix,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import FileChangedError, IntakeError, intake_error

_COPY_BYTES = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One arrival of one file.

    Times are naive UTC. `sidecar` is the text of the `.drop.json` beside the file, or of the
    `.form.json` of a CSI upload, as it was dropped. `landed_at_utc` is when the complete file got
    its name in the landing folder; receipts from before it was noted have none.
    """

    receipt_id: str
    upload_source: str
    original_filename: str
    sha256: str
    size_bytes: int
    received_at_utc: datetime
    received_date: date
    sidecar: str | None = None
    landed_at_utc: datetime | None = None


def take(
    landed: LandedFile, *, paths: DataPaths, upload_source: str, received_at: datetime
) -> Receipt:
    """Archives a landed file, writes its receipt and removes it from the landing folder.

    `received_at` is aware. Safe to kill and repeat at any point: a file whose receipt was already
    written keeps that receipt and its time. Raises FileChangedError when the file changed since it
    was seen or while it was read, IntakeError when it cannot be read or there is no room; the file
    then stays where it is.
    """
    try:
        sha256, seen = _archive(landed, paths)
        sidecar = _sidecar(landed.path, upload_source)
        receipt = _known_receipt(paths, landed, upload_source, sha256, sidecar)
        if receipt is None:
            landed_at = datetime.fromtimestamp(seen.st_ctime, tz=UTC)
            receipt = _new_receipt(landed, upload_source, sha256, sidecar, (received_at, landed_at))
            write_bytes(_entry(paths, receipt), b"")
            write_bytes(_receipt_path(paths, receipt), _as_json(receipt))
        _release(landed, seen)
    except OSError as error:
        raise intake_error(error, doing="taking the drop", path=landed.path) from error
    return receipt


def finish_taking(landed: LandedFile, *, paths: DataPaths, upload_source: str) -> bool:
    """Removes a file whose taking was interrupted after its sidecar had gone; whether it was one.

    Raises IntakeError when the file cannot be read.
    """
    try:
        with landed.path.open("rb") as source:
            seen = os.fstat(source.fileno())
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        if _known_receipt(paths, landed, upload_source, sha256, None) is None:
            return False
        _release(landed, seen)
    except OSError as error:
        raise intake_error(error, doing="taking the drop", path=landed.path) from error
    return True


def receipts_of_content(paths: DataPaths, sha256: str) -> list[Receipt]:
    """Every receipt of these bytes, in order of time, then identity."""
    receipts = []
    for name in _names(_entries(paths, sha256), ""):
        day, _, receipt_id = name.partition("_")
        path = paths.receipts(date.fromisoformat(day)) / f"{receipt_id}.json"
        if path.exists():
            receipts.append(_read(path))
    return sorted(receipts, key=_by_time)


def _archive(landed: LandedFile, paths: DataPaths) -> tuple[str, os.stat_result]:
    """Copies the bytes under their digest; the digest and the file as it was while read."""
    digest = hashlib.sha256()
    with landed.path.open("rb") as source:
        before = os.fstat(source.fileno())
        if (before.st_size, before.st_mtime_ns) != (landed.size, landed.mtime_ns):
            raise FileChangedError(landed.path)
        with incoming(paths.root / "archive" / "incoming") as copy:
            while piece := source.read(_COPY_BYTES):
                digest.update(piece)
                copy.file.write(piece)
            if _identity(os.fstat(source.fileno())) != _identity(before):
                raise FileChangedError(landed.path)
            sha256 = digest.hexdigest()
            if not paths.archived(sha256).exists():
                copy.keep_as(paths.archived(sha256))
    return sha256, before


def _identity(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _release(landed: LandedFile, seen: os.stat_result) -> None:
    """Removes the file that was taken, sidecar first; a newer file of that name stays.

    A restart between the two finds the receipt by the file alone; the other way round a sidecar
    without a file would be read as the next file's.
    """
    if not landed.path.exists() or _identity(landed.path.stat()) != _identity(seen):
        return
    for suffix in (SIDECAR_SUFFIX, FORM_SUFFIX):
        landed.path.with_name(landed.path.name + suffix).unlink(missing_ok=True)
    landed.path.unlink(missing_ok=True)
    sync_folder(landed.path.parent)


def _sidecar(path: Path, upload_source: str) -> str | None:
    beside = path.with_name(path.name + sidecar_suffix(upload_source))
    try:
        return beside.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _new_receipt(
    landed: LandedFile,
    upload_source: str,
    sha256: str,
    sidecar: str | None,
    moments: tuple[datetime, datetime],
) -> Receipt:
    """`moments` are aware: when it was taken, and when it had landed."""
    instant, landed_at = (moment.astimezone(UTC).replace(tzinfo=None) for moment in moments)
    return Receipt(
        receipt_id=_receipt_id(upload_source, landed, sha256, sidecar),
        upload_source=upload_source,
        original_filename=_name(landed),
        sha256=sha256,
        size_bytes=landed.size,
        received_at_utc=instant,
        received_date=instant.date(),
        sidecar=sidecar,
        landed_at_utc=landed_at,
    )


def _known_receipt(
    paths: DataPaths, landed: LandedFile, upload_source: str, sha256: str, sidecar: str | None
) -> Receipt | None:
    """The receipt that an earlier, interrupted run wrote for this arrival.

    The run may have removed the sidecar already; one that is there must be the receipt's.
    """
    for receipt in receipts_of_content(paths, sha256):
        same = receipt.receipt_id == _receipt_id(upload_source, landed, sha256, receipt.sidecar)
        if same and sidecar in (None, receipt.sidecar):
            return receipt
    return None


def _receipt_id(upload_source: str, landed: LandedFile, sha256: str, sidecar: str | None) -> str:
    """Begins with the time of change, so that drops taken together keep the order of writing."""
    facts = [upload_source, _name(landed), str(landed.mtime_ns), sha256, sidecar or ""]
    digest = hashlib.sha256("\0".join(facts).encode()).hexdigest()
    return f"{max(landed.mtime_ns, 0):016x}{digest[:16]}"


def _name(landed: LandedFile) -> str:
    """The file's name as text; bytes that are no UTF-8 are replaced."""
    return os.fsencode(landed.path.name).decode("utf-8", "replace")


def _receipt_path(paths: DataPaths, receipt: Receipt) -> Path:
    return paths.receipts(receipt.received_date) / f"{receipt.receipt_id}.json"


def _entries(paths: DataPaths, sha256: str) -> Path:
    """Folder beside the archived bytes whose names tell their receipts."""
    return paths.archived(sha256).with_name(f"{sha256}.receipts")


def _entry(paths: DataPaths, receipt: Receipt) -> Path:
    name = f"{receipt.received_date.isoformat()}_{receipt.receipt_id}"
    return _entries(paths, receipt.sha256) / name


def _by_time(receipt: Receipt) -> tuple[datetime, str]:
    return receipt.received_at_utc, receipt.receipt_id


def _as_json(receipt: Receipt) -> bytes:
    return orjson.dumps(asdict(receipt), option=orjson.OPT_INDENT_2)


def _read(path: Path) -> Receipt:
    try:
        facts = orjson.loads(path.read_bytes())
        facts["received_at_utc"] = datetime.fromisoformat(facts["received_at_utc"])
        facts["received_date"] = date.fromisoformat(facts["received_date"])
        if facts.get("landed_at_utc"):
            facts["landed_at_utc"] = datetime.fromisoformat(facts["landed_at_utc"])
        return Receipt(**facts)
    except (ValueError, TypeError, KeyError) as error:
        raise IntakeError(
            what=f"a receipt cannot be read ({error})",
            where=str(path),
            expected="the JSON that the platform wrote",
            fix="restore the file from a backup; the archived bytes are not touched",
        ) from error


def received_dates(paths: DataPaths) -> list[date]:
    """Days that have receipts, in order."""
    try:
        names = sorted(os.listdir(paths.root / "receipts"))  # noqa: PTH208 - names only
    except FileNotFoundError:
        return []
    return [date.fromisoformat(name) for name in names]


def receipts_of(paths: DataPaths, received_date: date) -> list[Receipt]:
    """Receipts of a day in order of time, then identity."""
    receipts = [
        read_receipt(paths, received_date, name) for name in receipt_ids(paths, received_date)
    ]
    return sorted(receipts, key=_by_time)


def receipt_ids(paths: DataPaths, received_date: date) -> set[str]:
    """Identities of a day's receipts; only names are read."""
    return _names(paths.receipts(received_date), ".json")


def read_receipt(paths: DataPaths, received_date: date, receipt_id: str) -> Receipt:
    """One receipt of a day. Raises IntakeError when it is not as the platform wrote it."""
    return _read(paths.receipts(received_date) / f"{receipt_id}.json")


def unjudged_dates(paths: DataPaths, *, since: date | None = None) -> list[date]:
    """Days with a receipt that has no outcome; only names are compared, no file is opened.

    With `since` only that day and later ones are looked at, which keeps an hourly call independent
    of the years of history.
    """
    days = [day for day in received_dates(paths) if since is None or day >= since]
    return [day for day in days if _has_unjudged(paths, day)]


def _has_unjudged(paths: DataPaths, day: date) -> bool:
    receipts = _names(paths.receipts(day), ".json")
    return bool(receipts - _names(paths.raw_partition("outcomes", day), ".parquet"))


def _names(folder: Path, suffix: str) -> set[str]:
    try:
        return {
            name.removesuffix(suffix)
            for name in os.listdir(folder)  # noqa: PTH208 - names only, at a third of iterdir's time
            if name.endswith(suffix) and not name.startswith(".")
        }
    except FileNotFoundError:
        return set()
