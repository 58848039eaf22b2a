"""What the warehouse still has to take in, and what its last build saw."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from cei_assets.storage.atomic import sync_folder, write_bytes
from cei_assets.storage.cds_hand_over import remove_marks, tell_days
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError

_CLOCK = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, kw_only=True)
class PendingReceipt:
    """A judged receipt that the warehouse does not hold yet.

    `is_rejudged` says that the warehouse may hold rows of it under another judgement.
    """

    receipt_id: str
    received_date: date
    is_rejudged: bool


@dataclass(frozen=True, kw_only=True)
class BuildPlan:
    """What one build takes in; times are naive UTC in whole seconds.

    `reasons` says why it is a full refresh, and is empty when it is not. `cds_marks` name the marks
    of meter days whose CDS readings changed.
    """

    as_of_utc: datetime
    previous_as_of_utc: datetime | None
    reasons: tuple[str, ...]
    receipts: tuple[PendingReceipt, ...]
    register_fingerprint: str
    project_fingerprint: str
    cds_marks: tuple[str, ...] = ()

    @property
    def is_full_refresh(self) -> bool:
        """Whether everything is rebuilt."""
        return bool(self.reasons)


@dataclass(frozen=True, kw_only=True)
class _LastBuild:
    as_of_utc: datetime
    register_fingerprint: str
    project_fingerprint: str


def add_pending(
    paths: DataPaths,
    *,
    receipt_id: str,
    received_date: date,
    is_rejudged: bool,
    folder: Path | None = None,
) -> None:
    """Marks a receipt for the next build; `folder` holds the marks, by default `paths.pending`.

    A receipt that is still marked was not built since, so its mark keeps what it says.
    """
    path = (folder or paths.pending) / receipt_id
    if path.exists():
        return
    marker = {"received_date": received_date.isoformat(), "is_rejudged": is_rejudged}
    write_bytes(path, orjson.dumps(marker))


def pending_receipts(paths: DataPaths, folder: Path | None = None) -> list[PendingReceipt]:
    """Receipts marked for the next build, by day and identity."""
    marks = folder or paths.pending
    if not marks.exists():
        return []
    found = [_pending(path) for path in marks.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda receipt: (receipt.received_date, receipt.receipt_id))


def remove_pending(
    paths: DataPaths, receipts: tuple[PendingReceipt, ...], folder: Path | None = None
) -> None:
    """Removes the marks of receipts that the warehouse holds."""
    marks = folder or paths.pending
    for receipt in receipts:
        (marks / receipt.receipt_id).unlink(missing_ok=True)
    if receipts:
        sync_folder(marks)


def prepare_build(
    paths: DataPaths,
    *,
    as_of: datetime,
    register_fingerprint: str,
    project_fingerprint: str,
    full_refresh: bool = False,
) -> BuildPlan:
    """Decides what the next build takes in and tells dbt by three files below `paths.build`.

    `as_of` is aware. Everything is rebuilt when there is no warehouse or no record of a build,
    when register or dbt project changed, when `as_of` lies before the last build's, and when a
    receipt was judged again after it was built.
    """
    instant = as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    last = _last_build(paths)
    receipts = tuple(pending_receipts(paths))
    causes = {
        "asked for": full_refresh,
        "no warehouse": not paths.warehouse.exists(),
        "no record of a build": last is None,
        "a receipt was judged again": any(receipt.is_rejudged for receipt in receipts),
    }
    if last is not None:
        causes["the register changed"] = last.register_fingerprint != register_fingerprint
        causes["the dbt project changed"] = last.project_fingerprint != project_fingerprint
        causes["the clock went back"] = instant < last.as_of_utc
    reasons = tuple(cause for cause, holds in causes.items() if holds)
    plan = BuildPlan(
        as_of_utc=instant,
        previous_as_of_utc=None if last is None else last.as_of_utc,
        reasons=reasons,
        receipts=receipts,
        register_fingerprint=register_fingerprint,
        project_fingerprint=project_fingerprint,
        cds_marks=tell_days(paths, everything=bool(reasons)),
    )
    _tell_dbt(paths, plan)
    return plan


def finish_build(paths: DataPaths, plan: BuildPlan) -> None:
    """Records a build that succeeded: removes its marks, then writes `state/build.json`."""
    remove_pending(paths, plan.receipts)
    remove_marks(paths, plan.cds_marks)
    record = {
        "as_of_utc": plan.as_of_utc.strftime(_CLOCK),
        "register_fingerprint": plan.register_fingerprint,
        "project_fingerprint": plan.project_fingerprint,
    }
    write_bytes(_record(paths), orjson.dumps(record, option=orjson.OPT_INDENT_2))


def built_project(paths: DataPaths, half: str) -> str | None:
    """Fingerprint of the dbt project with which a half was last built; None when it never was."""
    try:
        return _project_record(paths, half).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def remember_project(paths: DataPaths, half: str, fingerprint: str) -> None:
    """Records the dbt project with which a half was built."""
    write_bytes(_project_record(paths, half), fingerprint.encode())


def _project_record(paths: DataPaths, half: str) -> Path:
    return paths.state / f"{half}_project"


def _pending(path: Path) -> PendingReceipt:
    try:
        marker = orjson.loads(path.read_bytes())
        return PendingReceipt(
            receipt_id=path.name,
            received_date=date.fromisoformat(marker["received_date"]),
            is_rejudged=bool(marker["is_rejudged"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise IntakeError(
            what=f"a marker of a pending receipt cannot be read ({error})",
            where=str(path),
            expected="the JSON that the platform wrote",
            fix="remove the marker and run a full refresh, which reads every receipt",
        ) from error


def _last_build(paths: DataPaths) -> _LastBuild | None:
    """What the last build saw; None when that is not known, which leads to a full refresh."""
    try:
        record = orjson.loads(_record(paths).read_bytes())
        return _LastBuild(
            as_of_utc=datetime.fromisoformat(record["as_of_utc"]),
            register_fingerprint=record["register_fingerprint"],
            project_fingerprint=record["project_fingerprint"],
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _tell_dbt(paths: DataPaths, plan: BuildPlan) -> None:
    previous = plan.previous_as_of_utc
    parameters = {
        "as_of_utc": plan.as_of_utc.strftime(_CLOCK),
        "previous_as_of_utc": None if previous is None else previous.strftime(_CLOCK),
        "is_full_refresh": plan.is_full_refresh,
    }
    receipts = [
        {"receipt_id": receipt.receipt_id, "received_date": receipt.received_date.isoformat()}
        for receipt in plan.receipts
    ]
    write_bytes(paths.build / "parameters.json", orjson.dumps([parameters]))
    write_bytes(paths.build / "pending_receipts.json", orjson.dumps(receipts))


def _record(paths: DataPaths) -> Path:
    return paths.state / "build.json"
