"""A pull run on disk: pages as they arrive, what has arrived, and the one step into landing.

`pull/<server>/<batch id>/` below the data folder holds `run.json` (what is asked), one file a page
and `pages.jsonl` (a line for every page that is whole and durable). A run that was killed goes on
after the last line. `complete` marks the point of no return: from there on the files are moved,
sidecar first, and a kill in between is made good by the next run.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.pull.grants import GrantState
from cei_assets.pull.pages import Page
from cei_assets.storage.atomic import sync_folder, write_bytes
from cei_assets.storage.landing import SIDECAR_SUFFIX
from cei_assets.storage.paths import DataPaths

_RUN = "run.json"
_PAGES = "pages.jsonl"
_COMPLETE = "complete"
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One listing of a run: object, grant whose token reads it, filters, and its first address.

    `watermark` is set when the listing may stop at what an earlier run has read.
    """

    item: CdsObjectKind
    grants: tuple[GrantState, ...]
    filters: Mapping[str, str]
    part: int
    first_url: str
    watermark: datetime | None = None

    @property
    def key(self) -> str:
        """Names the listing within its run, whatever the addresses hold."""
        grants = "+".join(grant.grant_id for grant in self.grants)
        return f"{self.item.value}/{grants}/{self.part}"


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A page that is whole on disk; `listing` is its key, `observed_at` when it arrived."""

    listing: str
    number: int
    file: str
    url: str
    next_url: str | None
    items: int
    size: int
    observed_at: str
    about: Mapping[str, Any] = field(repr=False)


@dataclass(kw_only=True)
class Run:
    """The folder of one run. Only one process has it: the caller holds the server's lock."""

    folder: Path
    batch_id: str
    facts: Mapping[str, Any]
    is_resumed: bool = False
    arrived: list[Arrived] = field(default_factory=list)

    def of(self, listing_key: str) -> list[Arrived]:
        """Pages of a listing that have arrived, in their order."""
        return [page for page in self.arrived if page.listing == listing_key]

    def keep(self, listing: Listing, page: Page, *, observed_at: datetime) -> Arrived:
        """Writes a page, then its line; when this returns, it is never asked for again."""
        arrived = Arrived(
            listing=listing.key,
            number=page.number,
            file=f"{listing.item.value}-{len(self.arrived) + 1:06}.json",
            url=page.url,
            next_url=page.next_url,
            items=page.items,
            size=len(page.body),
            observed_at=f"{observed_at:%Y-%m-%dT%H:%M:%S.%fZ}",
            about={
                "object": listing.item.value,
                "filters": dict(listing.filters),
                "grants": [_grant(state) for state in listing.grants],
                "watermark": listing.watermark.isoformat() if listing.watermark else None,
            },
        )
        write_bytes(self.folder / arrived.file, page.body)
        with (self.folder / _PAGES).open("ab") as log:
            log.write(orjson.dumps(arrived) + b"\n")
            log.flush()
            os.fsync(log.fileno())
        self.arrived.append(arrived)
        return arrived

    def forget(self, listing_keys: set[str]) -> None:
        """Drops the pages of listings, so that they are asked for again or not at all."""
        if not listing_keys:
            return
        self.arrived = [page for page in self.arrived if page.listing not in listing_keys]
        lines = b"".join(orjson.dumps(page) + b"\n" for page in self.arrived)
        write_bytes(self.folder / _PAGES, lines)

    def body(self, page: Arrived) -> bytes:
        """Bytes of a page."""
        return (self.folder / page.file).read_bytes()

    def discard(self) -> None:
        """Removes the run and everything that has arrived for it."""
        shutil.rmtree(self.folder)

    def land(self, paths: DataPaths) -> tuple[Path, ...]:
        """Moves all pages into the landing folder, each after its sidecar.

        Repeating it after a kill moves what is left. Raises OSError.
        """
        landing = paths.landing(UploadSource.CDS)
        landing.mkdir(parents=True, exist_ok=True)
        write_bytes(self.folder / _COMPLETE, b"")
        last = {page.listing: page for page in self.arrived}
        landed = []
        for page in self.arrived:
            staged = self.folder / page.file
            target = landing / f"{self.batch_id}-{page.file}"
            if staged.exists():
                sidecar = target.with_name(target.name + SIDECAR_SUFFIX)
                write_bytes(sidecar, self._sidecar(page, last=last[page.listing]))
                staged.replace(target)
            landed.append(target)
        sync_folder(landing)
        self.discard()
        return tuple(landed)

    def _sidecar(self, page: Arrived, *, last: Arrived) -> bytes:
        """What intake is told of a page; `last` is the last one that was asked of its listing.

        The watermark is told of a listing that was cut short at it, and only then.
        """
        is_cut_short = last.next_url is not None
        facts = {
            "server": self.facts["server"],
            "batch_id": self.batch_id,
            **page.about,
            "watermark": page.about.get("watermark") if is_cut_short else None,
            "listing": page.listing,
            "page": page.number,
            "pages": last.number,
            "batch_files": len(self.arrived),
            "observed_at": page.observed_at,
            "window": self.facts["window"],
            "timezone": self.facts["timezone"],
            "timezone_from": self.facts["timezone_from"],
        }
        return orjson.dumps(facts, option=orjson.OPT_INDENT_2)


def opened_run(
    paths: DataPaths,
    *,
    server: str,
    facts: Mapping[str, Any],
    question: Mapping[str, Any],
    now: datetime,
    resume_for: timedelta,
) -> Run:
    """The unfinished run that asked the same question within `resume_for`, else a new one.

    `facts` (window, zone) of an unfinished run hold when it goes on. Other unfinished runs of the
    server are removed. Raises OSError.
    """
    for run, asked, started in _unfinished(paths.pulls / server):
        if asked == question and timedelta() <= now - started <= resume_for:
            return run
        run.discard()
    batch_id = f"cds-{server}-{now:%Y%m%dT%H%M%S%f}Z"
    folder = paths.pulls / server / batch_id
    folder.mkdir(parents=True)
    known = {"server": server, **facts}
    content = {
        "format": _FORMAT,
        "batch_id": batch_id,
        "started_at": now.isoformat(),
        "question": question,
        "facts": known,
    }
    write_bytes(folder / _RUN, orjson.dumps(content, option=orjson.OPT_INDENT_2))
    return Run(folder=folder, batch_id=batch_id, facts=known)


def finish_landing(paths: DataPaths, *, server: str) -> tuple[Path, ...]:
    """Lands what a killed process had begun to land; most often nothing. Raises OSError."""
    landed: list[Path] = []
    for folder in _folders(paths.pulls / server):
        if (folder / _COMPLETE).exists():
            found = _read(folder)
            if found is None:
                shutil.rmtree(folder)
            else:
                landed += found[0].land(paths)
    return tuple(landed)


def _unfinished(folder: Path) -> list[tuple[Run, Mapping[str, Any], datetime]]:
    found = []
    for run_folder in _folders(folder):
        read = _read(run_folder)
        if read is None:
            shutil.rmtree(run_folder)
        else:
            found.append(read)
    return found


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def _read(folder: Path) -> tuple[Run, Mapping[str, Any], datetime] | None:
    """A run as it was left; None when it was killed before it was written down."""
    try:
        content = orjson.loads((folder / _RUN).read_bytes())
    except FileNotFoundError:
        return None
    if content["format"] != _FORMAT:
        return None
    run = Run(
        folder=folder,
        batch_id=content["batch_id"],
        facts=content["facts"],
        is_resumed=True,
        arrived=_arrived(folder / _PAGES),
    )
    return run, content["question"], datetime.fromisoformat(content["started_at"])


def _arrived(log: Path) -> list[Arrived]:
    """Pages by their lines; a last line that a kill cut off is removed."""
    if not log.exists():
        return []
    content = log.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        write_bytes(log, whole)
    return [Arrived(**orjson.loads(line)) for line in whole.splitlines()]


def _grant(state: GrantState) -> dict[str, str]:
    return {"id": state.grant_id, "status": state.status, "access": state.access.value}
