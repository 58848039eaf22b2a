"""Pages of a listing, followed by `next` to its end, as bytes that were checked for their form.

Only the form that a pull depends on is checked: envelope, list, `next`. What the objects hold is
judged at intake; numbers are never read here, so no digit can be lost.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx
import msgspec

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.pull.problem import BodyError, PagingError, encrypted, origin, shown
from cei_assets.pull.tokens import Reader
from cei_assets.pull.web import Answer, PassingFaultError

MOST_PAGES = 100_000
_JOSE = frozenset({"application/jose", "application/jose+json", "application/jwe"})
_COMPACT_JWE = re.compile(rb"\s*eyJ[\w-]+\.[\w-]*\.[\w-]*\.[\w-]*\.[\w-]*\s*")
_JWE_MEMBERS = frozenset({"ciphertext", "encrypted_key", "protected", "recipients"})
_ENVELOPE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page as it arrived; `number` counts from 1, `next_url` is None on the last."""

    number: int
    url: str
    body: bytes = field(repr=False)
    items: int
    next_url: str | None


def pages(
    reader: Reader,
    *,
    item: CdsObjectKind,
    first_url: str,
    at: str,
    number: int = 1,
    asked: AbstractSet[str] = frozenset(),
) -> Iterator[Page]:
    """Pages from the address `at` on; `asked` are those of pages that arrived before.

    `next` is followed as it is written. Raises PagingError when it was asked before or leads to
    another server than `first_url`, BodyError for a page that is no such listing, AccessLostError,
    RefusedError, UnreachableError.
    """
    seen = set(asked)
    current: str | None = at
    while current is not None:
        if number > MOST_PAGES:
            raise PagingError(
                f"more than {MOST_PAGES:,} pages",
                where=shown(current),
                fix="ask the utility why its listing does not end, or narrow it by usage_by",
            )
        seen.add(current)
        answer = reader.get(current, check=_cut_short)
        items, named = read_listing(answer, item=item)
        following = next_address(named, page_url=current, first_url=first_url, asked=seen)
        yield Page(number=number, url=current, body=answer.body, items=items, next_url=following)
        current, number = following, number + 1


def read_listing(answer: Answer, *, item: CdsObjectKind) -> tuple[int, object]:
    """How many objects a page has, and its `next`.

    Raises EncryptedBodyError, BodyError.
    """
    envelope = _envelope(answer)
    if _JWE_MEMBERS & envelope.keys() and "ciphertext" in envelope:
        raise encrypted(answer.url)
    where = shown(answer.url)
    if item.value not in envelope:
        known = ", ".join(sorted(envelope)[:8]) or "nothing"
        raise BodyError(
            f"a page without {item.value!r} (it has {known})",
            where=where,
            fix="check that the metadata's endpoints are not mixed up, and ask the utility",
        )
    try:
        items = len(_LIST.decode(envelope[item.value]))
        named = _ANY.decode(envelope["next"]) if "next" in envelope else None
    except msgspec.DecodeError as error:
        raise BodyError(
            f"{item.value!r} is no list", where=where, fix="ask the utility; nothing has landed"
        ) from error
    return items, named


def listed_ids(body: bytes, *, item: CdsObjectKind, key: str) -> list[str]:
    """Ids of a page's objects, as they come; objects without one are left out."""
    return [text for text in listed_texts(body, item=item, key=key) if text is not None]


def listed_texts(body: bytes, *, item: CdsObjectKind, key: str) -> list[str | None]:
    """A text of every object of a page, as they come; None where an object has none."""
    objects = _LIST.decode(_ENVELOPE.decode(body)[item.value])
    found: list[str | None] = []
    for raw in objects:
        try:
            value = _ANY.decode(_ENVELOPE.decode(raw)[key])
        except (KeyError, msgspec.DecodeError):
            value = None  # a malformed object is refused at intake, with its place
        found.append(value if isinstance(value, str) else None)
    return found


def next_address(
    named: object, *, page_url: str, first_url: str, asked: AbstractSet[str]
) -> str | None:
    """The address of the following page; None at the end.

    `named` is the envelope's `next`; absent is the end. Raises PagingError for one that was asked
    before, that is no address, or that would carry the bearer to another scheme, host or port.
    """
    if named is None:
        return None
    where = f"next of {shown(page_url)}"
    if not isinstance(named, str) or not named:
        raise PagingError("no address", where=where, fix="ask the utility; nothing has landed")
    try:
        following = urljoin(page_url, named)
        elsewhere = origin(following) != origin(first_url) or httpx.URL(following).userinfo
    except (httpx.InvalidURL, ValueError) as error:
        raise PagingError(
            "no address", where=where, fix="ask the utility; nothing has landed"
        ) from error
    if elsewhere:
        raise PagingError(
            f"it leads to another server ({shown(following)}), which must not see the token",
            where=where,
            fix="ask the utility; nothing has landed",
        )
    if following in asked:
        raise PagingError(
            "it leads to a page that was asked before, so the listing would never end",
            where=where,
            fix="ask the utility; nothing has landed",
        )
    return following


def _cut_short(answer: Answer) -> None:
    """A body that begins as JSON and stops: asked for again, as a broken connection is."""
    try:
        _ENVELOPE.decode(answer.body)
    except msgspec.DecodeError as error:
        if answer.body.lstrip()[:1] == b"{" and "truncated" in str(error):
            raise PassingFaultError("the body stops in the middle") from error


def _envelope(answer: Answer) -> dict[str, msgspec.Raw]:
    if answer.content_type in _JOSE or _COMPACT_JWE.fullmatch(answer.body):
        raise encrypted(answer.url)
    try:
        return _ENVELOPE.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        kind = answer.content_type or "a body without content type"
        raise BodyError(
            f"expected a JSON object, found {kind} that is none",
            where=shown(answer.url),
            fix="open the address in a browser: it may be a login page or an old address",
        ) from error
