"""What dbt is told about a build of the CDS tables, and what it has built.

A build counts as done only when its readings were handed over: the marks of its receipts and what
would ask for a full refresh stay until then, so a kill in between repeats the same work. While it
is under way its marks lie apart from those of files that are judged meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from cei_assets.storage.atomic import sync_folder, write_bytes
from cei_assets.storage.build_state import PendingReceipt, pending_receipts, remove_pending
from cei_assets.storage.paths import DataPaths

_CLOCK = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, kw_only=True)
class CdsBuildPlan:
    """What one build of the CDS tables takes in; times are naive UTC in whole seconds.

    `reasons` says why it is a full refresh, and is empty when it is not. `is_repeat` says that a
    build before was not handed over: its changes may stand in the tables already.
    """

    as_of_utc: datetime
    previous_as_of_utc: datetime | None
    reasons: tuple[str, ...]
    receipts: tuple[PendingReceipt, ...]
    register_fingerprint: str
    project_fingerprint: str
    is_repeat: bool

    @property
    def is_full_refresh(self) -> bool:
        """Whether everything is rebuilt."""
        return bool(self.reasons)

    @property
    def has_work(self) -> bool:
        """Whether the tables can come out otherwise than they are."""
        return self.is_full_refresh or bool(self.receipts)


def plan_cds_build(
    paths: DataPaths, *, as_of: datetime, register_fingerprint: str, project_fingerprint: str
) -> CdsBuildPlan:
    """Decides what the next build takes in; `as_of` is aware.

    Everything is rebuilt when there is no warehouse or no record of a build, when the register of
    CDS or the dbt project changed, when `as_of` lies before the last build's, and when a file was
    judged again after it was built.
    """
    instant = as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    receipts = _receipts(paths)
    last = _last_build(paths)
    causes = {
        "no warehouse": not paths.warehouse.exists(),
        "no record of a build": last is None,
        "a file was judged again": any(receipt.is_rejudged for receipt in receipts),
    }
    previous: datetime | None = None
    if last is not None:
        previous = datetime.fromisoformat(last["as_of_utc"])
        causes["the register of CDS changed"] = last["register_fingerprint"] != register_fingerprint
        causes["the dbt project changed"] = last["project_fingerprint"] != project_fingerprint
        causes["the clock went back"] = instant < previous
    return CdsBuildPlan(
        as_of_utc=instant,
        previous_as_of_utc=previous,
        reasons=tuple(cause for cause, holds in causes.items() if holds),
        receipts=receipts,
        register_fingerprint=register_fingerprint,
        project_fingerprint=project_fingerprint,
        is_repeat=bool(pending_receipts(paths, _aside(paths))),
    )


def begin_cds_build(paths: DataPaths, plan: CdsBuildPlan) -> None:
    """Takes the marks of the plan's receipts aside and tells dbt by two JSON files in `raw/build`.

    A mark that an interrupted build had taken aside and that came again stays: its file is taken in
    once more by the build after this one.
    """
    _built(paths).unlink(missing_ok=True)
    aside = _aside(paths)
    aside.mkdir(parents=True, exist_ok=True)
    for receipt in plan.receipts:
        mark = paths.pending_cds / receipt.receipt_id
        if mark.exists() and not (aside / mark.name).exists():
            mark.replace(aside / mark.name)
    sync_folder(aside)
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
    write_bytes(paths.build / "cds_parameters.json", orjson.dumps([parameters]))
    write_bytes(paths.build / "cds_pending_receipts.json", orjson.dumps(receipts))


def remember_cds_built(paths: DataPaths, plan: CdsBuildPlan) -> None:
    """Records that dbt has finished a build, for the hand-over."""
    record = {
        "as_of_utc": plan.as_of_utc.strftime(_CLOCK),
        "register_fingerprint": plan.register_fingerprint,
        "project_fingerprint": plan.project_fingerprint,
        "compares_all": plan.is_full_refresh or plan.is_repeat,
    }
    write_bytes(_built(paths), orjson.dumps(record, option=orjson.OPT_INDENT_2))


def needs_full_hand_over(paths: DataPaths) -> bool:
    """Whether any month can have changed.

    So it is after a build of everything, after one that followed one that was not handed over, and
    without a build: by hand, when nothing is known of what changed.
    """
    record = _read(_built(paths))
    return record is None or bool(record["compares_all"])


def finish_cds_build(paths: DataPaths) -> None:
    """Ends a build whose readings were handed over: removes its marks, then records it as the last.

    Does nothing when no build waits.
    """
    record = _read(_built(paths))
    if record is None:
        return
    remove_pending(paths, tuple(pending_receipts(paths, _aside(paths))), _aside(paths))
    del record["compares_all"]
    write_bytes(_last(paths), orjson.dumps(record, option=orjson.OPT_INDENT_2))
    _built(paths).unlink()


def _receipts(paths: DataPaths) -> tuple[PendingReceipt, ...]:
    """Receipts that wait, and those of a build that was interrupted; each once."""
    found: dict[str, PendingReceipt] = {}
    for folder in (_aside(paths), paths.pending_cds):
        for receipt in pending_receipts(paths, folder):
            earlier = found.get(receipt.receipt_id, receipt)
            is_rejudged = receipt.is_rejudged or earlier.is_rejudged
            found[receipt.receipt_id] = replace(receipt, is_rejudged=is_rejudged)
    return tuple(sorted(found.values(), key=lambda one: (one.received_date, one.receipt_id)))


def _last_build(paths: DataPaths) -> dict[str, str] | None:
    """What the last build saw; None when that is not known, which leads to a full refresh."""
    record = _read(_last(paths))
    wanted = {"as_of_utc", "register_fingerprint", "project_fingerprint"}
    return record if record is not None and wanted <= record.keys() else None


def _read(path: Path) -> dict | None:  # type: ignore[type-arg]  # JSON of our own
    try:
        record = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return record if isinstance(record, dict) else None


def _aside(paths: DataPaths) -> Path:
    return paths.state / "building_cds"


def _last(paths: DataPaths) -> Path:
    return paths.state / "cds_build.json"


def _built(paths: DataPaths) -> Path:
    return paths.state / "cds_built.json"
