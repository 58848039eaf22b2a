"""The sidecar of a file of customer data: whose it is, and which listing of a pull it is a page of.

A pull writes all of it (docs/cds_pull.md). Of a file that a person drops it may name `server` and
`observed_at`, or be absent.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsAccess, CdsCode, CdsObjectKind
from cei_assets.contracts.fields import IDENTIFIER
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.core.cds.finding import CdsReadError, shown
from cei_assets.core.cds.interval_table import CdsSource

NO_SERVER = "file"
"""Name of the server of what was dropped as a file without saying."""

_OF_A_PULL = frozenset({"batch_id", "listing"})
_WINDOW_FILTERS = frozenset({"after", "before"})
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_MOST = 1 << 53
_EXPECTED: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
}
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, kw_only=True)
class PulledPage:
    """A page of a listing of a pull, and what the listing was asked for; edges are naive UTC.

    `listing_number` stands for the listing within its batch: a digest, since listings of a batch
    are told apart by their text. `access` is complete only where that of every grant is.
    """

    batch_id: str
    batch_files: int
    kind: CdsObjectKind
    listing_number: int
    page: int
    pages: int
    since: datetime | None
    until: datetime | None
    is_filtered: bool
    access: CdsAccess
    grants: tuple[str, ...]
    timezone: str | None


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """What is said of a file; `observed_at` is naive UTC, `page` None for what no pull brought."""

    server: str = NO_SERVER
    observed_at: datetime | None = None
    page: PulledPage | None = None


def read_sidecar(text: str | None) -> Sidecar:
    """The sidecar `<file>.drop.json`; members that it does not know are ignored.

    Raises CdsReadError BAD_SIDECAR, which names the member that is not as a pull writes it.
    """
    if text is None:
        return Sidecar()
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad("", f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise _bad("", "is no object", content)
    members = _Members(content)
    is_pulled = not _OF_A_PULL.isdisjoint(content)
    return Sidecar(
        server=members.identifier("server", default=None if is_pulled else NO_SERVER),
        observed_at=members.moment("observed_at", is_required=is_pulled),
        page=_page(members) if is_pulled else None,
    )


def listing_table(page: PulledPage | None, *, source: CdsSource) -> pa.Table:
    """The row of a pulled page in the contract's table `cds_listings`; none for other files."""
    schema = arrow_schema(CDS_LISTINGS)
    if page is None:
        return schema.empty_table()
    row = {
        "receipt_id": source.receipt_id,
        "received_date": source.received_date,
        "cds_server": source.server,
        "batch_id": page.batch_id,
        "object_kind": page.kind.value,
        "listing_number": page.listing_number,
        "page_number": page.page,
        "page_count": page.pages,
        "batch_file_count": page.batch_files,
        "window_since_utc": page.since,
        "window_until_utc": page.until,
        "is_filtered": page.is_filtered,
        "cds_access": page.access.value,
        "grant_ids": ",".join(page.grants) or None,
        "observed_at_utc": source.observed_at_utc,
        "server_timezone": page.timezone,
    }
    return pa.Table.from_pylist([row], schema=schema)


def _page(members: "_Members") -> PulledPage:
    window = _Members(members.get("window", dict), pointer="/window")
    grants = [
        _Members(grant, pointer=f"/grants/{place}")
        for place, grant in enumerate(members.get("grants", list))
    ]
    return PulledPage(
        batch_id=members.identifier("batch_id"),
        batch_files=members.count("batch_files", least=1),
        kind=members.parsed("object", CdsObjectKind, "a list key such as usage_segments"),
        listing_number=_number(members.identifier("listing")),
        page=members.count("page"),
        pages=members.count("pages", least=1),
        since=window.moment("since"),
        until=window.moment("until"),
        is_filtered=members.moment("watermark") is not None
        or not _WINDOW_FILTERS.issuperset(members.get("filters", dict)),
        access=_access(grants),
        grants=tuple(sorted(grant.identifier("id") for grant in grants)),
        timezone=members.zone("timezone"),
    )


def _access(grants: Sequence["_Members"]) -> CdsAccess:
    """What all grants together give: no more than the least of them."""
    words = f"one of {', '.join(CdsAccess)}"
    found = [grant.parsed("access", CdsAccess, words) for grant in grants]
    return max(found, key=list(CdsAccess).index, default=CdsAccess.UNKNOWN)


def _number(listing: str) -> int:
    return int.from_bytes(sha256(listing.encode()).digest()[:7])


class _Members:
    """Members of an object of the sidecar, each as the type that it should have."""

    def __init__(self, content: object, *, pointer: str = "") -> None:
        if not isinstance(content, dict):
            raise _bad(pointer, "is no object", content)
        self._content: Mapping[str, Any] = content
        self._pointer = pointer

    def get(self, name: str, kind: type[Parsed]) -> Parsed:
        found = self._content.get(name)
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self._bad(name, f"is not {_EXPECTED[kind]}")
        return found

    def identifier(self, name: str, *, default: str | None = None) -> str:
        if default is not None and self._content.get(name) is None:
            return default
        text = self.get(name, str)
        if not re.fullmatch(IDENTIFIER, text):
            raise self._bad(name, "is empty or has blanks around it")
        return text

    def count(self, name: str, *, least: int = 0) -> int:
        number = self.get(name, int)
        if not least <= number < _MOST:
            raise self._bad(name, f"is not a number from {least} on")
        return number

    def parsed(self, name: str, parse: Callable[[str], Parsed], expected: str) -> Parsed:
        try:
            return parse(self.get(name, str))
        except ValueError as error:
            raise self._bad(name, f"is not {expected}") from error

    def moment(self, name: str, *, is_required: bool = False) -> datetime | None:
        if self._content.get(name) is None and not is_required:
            return None
        return self.parsed(name, _utc, "an instant such as 2026-03-31T14:05:00Z")

    def zone(self, name: str) -> str | None:
        found = self._content.get(name)
        if found is None:
            return None
        try:
            return ZoneInfo(self.get(name, str)).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self._bad(name, "is no IANA zone such as Europe/Rome") from error

    def _bad(self, name: str, detail: str) -> CdsReadError:
        return _bad(f"{self._pointer}/{name}", detail, self._content.get(name))


def _utc(text: str) -> datetime:
    """Naive UTC. Raises ValueError for what names no offset, and for years that nobody means."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(text)
    return moment.astimezone(UTC).replace(tzinfo=None)


def _bad(pointer: str, detail: str, value: object = None) -> CdsReadError:
    place = f"{pointer} of the sidecar .drop.json" if pointer else "the sidecar .drop.json"
    text = shown(value)
    found = f" ({text})" if text is not None else ""
    return CdsReadError(
        CdsCode.BAD_SIDECAR,
        f"{place} {detail}{found}; correct the sidecar or drop the file without one, both again",
        value=value,
    )
