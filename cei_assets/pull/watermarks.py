"""How far lists without a window were read: a daily run stops where nothing newer can follow.

The text orders these lists by `cds_modified`, newest first; nothing says that a server keeps to it,
so a list is cut short only while every page of it is in that order. What is changed without a
newer `cds_modified` comes with the next whole list.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from cei_assets.contracts.cds_vocabulary import CdsAccess, CdsObjectKind
from cei_assets.pull.grants import GrantState
from cei_assets.pull.objects import OBJECTS, WindowKind
from cei_assets.pull.pages import listed_texts
from cei_assets.pull.servers import UsageBy
from cei_assets.pull.windows import Window, WindowName
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.paths import DataPaths

OVERLAP = timedelta(days=2)
"""What lies less than this before the watermark is read again."""
_NARROWING = {
    UsageBy.CONTRACT: CdsObjectKind.SERVICE_CONTRACTS,
    UsageBy.METER: CdsObjectKind.METER_DEVICES,
}


@dataclass(kw_only=True)
class Descent:
    """The order of a listing's objects, page by page; moments are aware."""

    item: CdsObjectKind
    newest: datetime | None = None
    oldest: datetime | None = None
    is_ordered: bool = True

    def feed(self, body: bytes) -> None:
        """Takes in the next page."""
        for text in listed_texts(body, item=self.item, key="cds_modified"):
            moment = _moment(text)
            if moment is None:
                self.is_ordered = False
                continue
            if self.oldest is not None and moment > self.oldest:
                self.is_ordered = False
            self.oldest = moment
            self.newest = moment if self.newest is None else max(self.newest, moment)

    def has_passed(self, watermark: datetime) -> bool:
        """Whether only objects can follow that an earlier run has read."""
        return self.is_ordered and self.oldest is not None and self.oldest < watermark - OVERLAP


@dataclass(frozen=True, kw_only=True)
class Watermarks:
    """Newest `cds_modified` of every list that landed, by listing, for one question to a server."""

    file: Path
    question: str
    marks: Mapping[str, datetime]

    def advanced(self, newest: Mapping[str, datetime]) -> None:
        """Records what has landed."""
        marks = {**self.marks, **newest}
        content = {
            "question": self.question,
            "marks": {key: mark.isoformat() for key, mark in sorted(marks.items())},
        }
        write_bytes(self.file, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def watermarks(paths: DataPaths, *, server: str, question: Mapping[str, object]) -> Watermarks:
    """What earlier runs read of a server; nothing when its entry has changed since.

    Other scopes or grants may show objects that have been there for long.
    """
    asked = {key: value for key, value in question.items() if key != "window"}
    digest = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    file = paths.state / "cds_watermarks" / f"{server}.json"
    marks: dict[str, datetime] = {}
    try:
        content = orjson.loads(file.read_bytes())
        if content["question"] == digest:
            marks = {key: datetime.fromisoformat(mark) for key, mark in content["marks"].items()}
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        marks = {}  # a cache of ours: without it the lists come whole
    return Watermarks(file=file, question=digest, marks=marks)


def may_stop_early(item: CdsObjectKind, *, window: Window, usage_by: UsageBy) -> bool:
    """Whether a list may be cut short: daily runs, lists without a window that nothing hangs on."""
    return (
        window.name == WindowName.HOT
        and OBJECTS[item].window is WindowKind.NONE
        and _NARROWING.get(usage_by) is not item
    )


def has_watermark(item: CdsObjectKind, grants: tuple[GrantState, ...]) -> bool:
    """Whether the newest of a list says something about the rest of it.

    Under a grant whose data are still to come, old objects appear later.
    """
    is_coming = any(state.access is CdsAccess.INCOMPLETE for state in grants)
    return OBJECTS[item].window is WindowKind.NONE and not is_coming


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
