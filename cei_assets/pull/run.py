"""A pull run: from the metadata of a server to page files in `landing/cds`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from filelock import FileLock, Timeout

from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS, CdsAccess, CdsObjectKind
from cei_assets.pull.grants import GrantState
from cei_assets.pull.objects import OBJECTS
from cei_assets.pull.pages import listed_ids, pages
from cei_assets.pull.planning import Identity, Plan
from cei_assets.pull.problem import (
    AccessLostError,
    BodyError,
    BusyError,
    PagingError,
    PullError,
    RefusedError,
)
from cei_assets.pull.servers import UsageBy
from cei_assets.pull.staging import Arrived, Listing, Run, finish_landing, opened_run
from cei_assets.pull.tokens import Reader
from cei_assets.pull.watermarks import (
    Descent,
    Watermarks,
    has_watermark,
    may_stop_early,
    watermarks,
)
from cei_assets.pull.windows import Window, filters, narrowed
from cei_assets.storage.paths import DataPaths

RESUME_FOR = timedelta(hours=24)
"""How long an unfinished run may be gone on with: later, what it has is no longer of one time."""
_STALE_CURSOR = frozenset({400, 404, 410, 422})


@dataclass(frozen=True, kw_only=True)
class PullReport:
    """What a run did; `files` are where the pages landed, `lost` says why a grant was left out."""

    batch_id: str | None
    files: tuple[Path, ...] = ()
    items: dict[str, int] = field(default_factory=dict)
    resumed_pages: int = 0
    finished_earlier: tuple[Path, ...] = ()
    grants: tuple[GrantState, ...] = ()
    skipped: tuple[GrantState, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def complaints(self) -> tuple[str, ...]:
        """Grants that somebody has to see to; empty when all is well or will be."""
        gone = (str(state) for state in self.skipped if state.access is CdsAccess.GONE)
        return (*gone, *self.lost)


def pull(
    plan: Plan,
    *,
    paths: DataPaths,
    on_page: Callable[[Arrived], None] = lambda _page: None,
) -> PullReport:
    """Asks for every listing of the plan and lands all pages, or none.

    A run that was interrupted within a day goes on behind its last page, with its own window.
    Raises PullError.
    """
    try:
        return _pull(plan, paths=paths, on_page=on_page)
    except OSError as error:
        raise PullError(
            f"the disk refuses ({error.strerror or error})",
            where=str(error.filename or paths.root),
            fix="free space or correct the permissions, and run the same command again; what has "
            "arrived is kept and not asked again",
        ) from error


def _pull(plan: Plan, *, paths: DataPaths, on_page: Callable[[Arrived], None]) -> PullReport:
    folder = paths.pulls / plan.server.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(folder / "pull.lock").acquire(timeout=0)
    except Timeout as error:
        raise BusyError(
            f"another process pulls from {plan.server.name}",
            where=str(folder),
            fix="wait until it has ended",
        ) from error
    with held:
        earlier = finish_landing(paths, server=plan.server.name)
        if not plan.identities:
            return PullReport(batch_id=None, finished_earlier=earlier, skipped=plan.skipped)
        return _locked_pull(plan, paths=paths, earlier=earlier, on_page=on_page)


def _locked_pull(
    plan: Plan,
    *,
    paths: DataPaths,
    earlier: tuple[Path, ...],
    on_page: Callable[[Arrived], None],
) -> PullReport:
    run = opened_run(
        paths,
        server=plan.server.name,
        facts={
            "window": plan.window.as_json(),
            "timezone": plan.zone if plan.zone_from else None,
            "timezone_from": plan.zone_from,
        },
        question=plan.question,
        now=plan.identities[0].reader.web.timing.now(),
        resume_for=RESUME_FOR,
    )
    marks = watermarks(paths, server=plan.server.name, question=plan.question)
    resumed = len(run.arrived)
    for page in run.arrived:
        on_page(page)
    lost = []
    taken: set[str] = set()
    try:
        for identity in plan.identities:
            reason = _take(run, plan, identity, marks=marks, taken=taken, on_page=on_page)
            if reason is not None:
                lost.append(reason)
    except (PagingError, BodyError, RefusedError):
        # Going on where it stopped would stop there again.
        run.discard()
        raise
    if len(lost) == len(plan.identities):
        run.discard()
        return PullReport(
            batch_id=None, finished_earlier=earlier, skipped=plan.skipped, lost=tuple(lost)
        )
    run.forget({page.listing for page in run.arrived} - taken)
    items: dict[str, int] = {}
    for page in run.arrived:
        kind = page.about["object"]
        items[kind] = items.get(kind, 0) + page.items
    newest = _newest(run, plan)
    files = run.land(paths)
    marks.advanced(newest)
    return PullReport(
        batch_id=run.batch_id,
        files=files,
        items=items,
        resumed_pages=resumed,
        finished_earlier=earlier,
        grants=tuple(state for identity in plan.identities for state in identity.grants),
        skipped=plan.skipped,
        lost=tuple(lost),
    )


def _take(
    run: Run,
    plan: Plan,
    identity: Identity,
    *,
    marks: Watermarks,
    taken: set[str],
    on_page: Callable[[Arrived], None],
) -> str | None:
    """All listings of an identity; the reason when its grant turns out to be lost.

    Keys of whole listings are added to `taken`. Raises AccessLostError when there is no grant
    whose loss it could be.
    """
    own: set[str] = set()
    try:
        for listing in _listings(run, plan, identity, marks=marks):
            _take_listing(run, listing, identity.reader, on_page=on_page)
            own.add(listing.key)
    except AccessLostError as error:
        if not plan.server.entry.grants:
            raise
        return str(error)
    taken |= own
    return None


def _take_listing(
    run: Run, listing: Listing, reader: Reader, *, on_page: Callable[[Arrived], None]
) -> None:
    before = run.of(listing.key)
    at, number = listing.first_url, 1
    descent = Descent(item=listing.item)
    for arrived in before:
        descent.feed(run.body(arrived))
    if before:
        if before[-1].next_url is None or _is_read(listing, descent):
            return
        at, number = before[-1].next_url, before[-1].number + 1
    asked = frozenset(page.url for page in before)
    timing = reader.web.timing
    try:
        for page in pages(
            reader,
            item=listing.item,
            first_url=listing.first_url,
            at=at,
            number=number,
            asked=asked,
        ):
            on_page(run.keep(listing, page, observed_at=timing.now()))
            descent.feed(page.body)
            if _is_read(listing, descent):
                return
    except RefusedError as error:
        is_first = len(run.of(listing.key)) == len(before)
        if not (before and is_first and error.status in _STALE_CURSOR):
            raise
        # The cursor of the interrupted run is no longer good: this listing begins anew.
        run.forget({listing.key})
        _take_listing(run, listing, reader, on_page=on_page)


def _is_read(listing: Listing, descent: Descent) -> bool:
    """Whether an earlier run has read all that can follow."""
    return listing.watermark is not None and descent.has_passed(listing.watermark)


def _newest(run: Run, plan: Plan) -> dict[str, datetime]:
    """The newest `cds_modified` of every list that a later run may stop at."""
    grants = {grant.grant_id: grant for identity in plan.identities for grant in identity.grants}
    descents: dict[str, Descent] = {}
    for page in run.arrived:
        item = CdsObjectKind(page.about["object"])
        read_with = tuple(grants[one["id"]] for one in page.about["grants"])
        if has_watermark(item, read_with):
            descents.setdefault(page.listing, Descent(item=item)).feed(run.body(page))
    return {key: one.newest for key, one in descents.items() if one.newest is not None}


def _listings(run: Run, plan: Plan, identity: Identity, *, marks: Watermarks) -> Iterator[Listing]:
    """Listings of an identity in order; lazily, since usage may be narrowed by what came before."""
    window = _window_of(run, plan)
    for item in OBJECTS:
        if item not in plan.endpoints.listings:
            continue
        parts: list[dict[str, str]] = [{}]
        if item is CdsObjectKind.USAGE_SEGMENTS:
            parts = _usage_parts(run, plan, identity)
        for number, part in enumerate(parts):
            chosen = filters(item, window=window, zone=plan.zone) | part
            url = httpx.URL(plan.endpoints.listings[item]).copy_merge_params(chosen)
            listing = Listing(
                item=item,
                grants=identity.grants,
                filters=chosen,
                part=number,
                first_url=str(url),
            )
            if may_stop_early(item, window=window, usage_by=plan.server.entry.usage_by):
                listing = replace(listing, watermark=marks.marks.get(listing.key))
            yield listing


def _usage_parts(run: Run, plan: Plan, identity: Identity) -> list[dict[str, str]]:
    """Filters of the usage listings, by the contracts or meters that have arrived."""
    usage_by = plan.server.entry.usage_by
    if usage_by is UsageBy.NONE:
        return [{}]
    item = (
        CdsObjectKind.SERVICE_CONTRACTS
        if usage_by is UsageBy.CONTRACT
        else CdsObjectKind.METER_DEVICES
    )
    if item not in plan.endpoints.listings:
        raise PullError(
            f"usage_by = {usage_by.value!r}, but the run lists no {item.value}",
            where=f"[{plan.server.name}]",
            fix=f"add {item.value} to its objects, or remove usage_by",
        )
    grants = {state.grant_id for state in identity.grants}
    ids: dict[str, None] = {}
    for page in run.arrived:
        is_own = {grant["id"] for grant in page.about["grants"]} == grants
        if page.about["object"] == item.value and is_own:
            ids |= dict.fromkeys(listed_ids(run.body(page), item=item, key=CDS_ID_FIELDS[item]))
    return narrowed(usage_by, tuple(ids), size=plan.server.entry.ids_per_request)


def _window_of(run: Run, plan: Plan) -> Window:
    """The run's own window: one that goes on keeps the edges it began with."""
    return Window.from_json(run.facts["window"]) if run.is_resumed else plan.window
