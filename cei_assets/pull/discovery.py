"""Where a server answers what: metadata, read from the well-known file on.

`cds-server-metadata.json` names `oauth_metadata`; that names token endpoint and client listing; the
client's entry may name metadata of its own, whose endpoints then hold (sandboxes have other hosts).
Servers of the 2024 text give the endpoints in the registration response: they are looked for in the
client's entry and in `endpoints` of the file of servers too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.pull.objects import OBJECTS
from cei_assets.pull.pages import next_address
from cei_assets.pull.problem import BodyError, PagingError, RefusedError, ServersFileError, shown
from cei_assets.pull.servers import LOOPBACK, CdsServer, web_address
from cei_assets.pull.tokens import Reader, TokenAsk, json_object, refused
from cei_assets.pull.web import Answer, Web

_OK = 200
_MOST_PAGES = 1000


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """What metadata name; `timezone` is the server's own, for relative dates."""

    token: str
    listings: Mapping[CdsObjectKind, str]
    clients: str | None = None
    grants: str | None = None
    timezone: str | None = None


def discover(web: Web, server: CdsServer) -> Endpoints:
    """Reads the metadata of a server, and of this client where the server has them.

    Raises PullError: ServersFileError when an object of the entry has no endpoint, BodyError for
    metadata that lack what they must have, AccessLostError, UnreachableError.
    """
    metadata, oauth = _described(
        server.entry.metadata_url, lambda url: _public(web, _checked(url, server=server))
    )
    known = {**metadata, **oauth, **server.entry.endpoints}
    first = _endpoints(known, server=server)
    if server.entry.client_scope is not None and first.clients is not None:
        own = _of_this_client(web, server, first)
        known |= own | dict(server.entry.endpoints)
        first = _endpoints(known, server=server)
    _refuse_unknown_scopes(known, server=server)
    missing = [item.value for item in server.entry.objects if item not in first.listings]
    if missing or not first.listings:
        what = ", ".join(missing) or "any object"
        raise ServersFileError(
            f"no endpoint for {what} in the metadata",
            where=shown(server.entry.metadata_url),
            fix=f"remove it from objects of [{server.name}], or copy the endpoints of your "
            "registration response into its endpoints, or set client_scope",
        )
    return first


def _of_this_client(web: Web, server: CdsServer, first: Endpoints) -> dict[str, Any]:
    """Endpoints of the client's entry and of the metadata it names."""
    reader = Reader(
        web=web,
        server=server,
        token_endpoint=first.token,
        ask_for=TokenAsk(scopes=(server.entry.client_scope or "",)),
    )
    listed = listed_objects(reader, first.clients or "", key="clients")
    entry = next(
        (item for item in listed if item.get("client_id") == server.entry.client_id),
        None,
    )
    if entry is None:
        raise BodyError(
            f"client_id of [{server.name}] is not among the clients",
            where=shown(first.clients or ""),
            fix="correct client_id, or remove client_scope when it belongs to another registration",
        )
    url = entry.get("cds_server_metadata")
    if url is None:
        return dict(entry)
    metadata, oauth = _described(url, lambda at: _own(web, reader, _checked(at, server=server)))
    return {**entry, **metadata, **oauth}


def listed_objects(reader: Reader, url: str, *, key: str) -> list[dict[str, Any]]:
    """All objects of a small listing of the server's own (clients, grants), by its pages.

    Raises PullError.
    """
    found: list[dict[str, Any]] = []
    asked: set[str] = set()
    at: str | None = url
    while at is not None:
        if len(asked) == _MOST_PAGES:
            raise PagingError(
                f"more than {_MOST_PAGES:,} pages of {key}",
                where=shown(at),
                fix="ask the utility why its listing does not end",
            )
        asked.add(at)
        content = json_object(reader.get(at))
        items = content.get(key)
        if not isinstance(items, list):
            raise BodyError(
                f"no list {key!r} in the answer", where=shown(at), fix="ask the utility"
            )
        found += [item for item in items if isinstance(item, dict)]
        at = next_address(content.get("next"), page_url=at, first_url=url, asked=asked)
    return found


def _described(
    url: object, get: Callable[[object], Answer]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metadata and the OAuth metadata that they name."""
    metadata = dict(json_object(get(url)))
    named = metadata.get("oauth_metadata")
    if named is None:
        return metadata, {}
    return metadata, dict(json_object(get(named)))


def _public(web: Web, url: str) -> Answer:
    answer = web.ask("GET", url)
    if answer.status != _OK:
        raise refused(answer)
    return answer


def _own(web: Web, reader: Reader, url: str) -> Answer:
    """Metadata of a client: with the bearer, and where they are public without."""
    try:
        return reader.get(url)
    except RefusedError:
        return _public(web, url)


def _endpoints(known: Mapping[str, Any], *, server: CdsServer) -> Endpoints:
    token = known.get("token_endpoint")
    if token is None:
        raise BodyError(
            "no token_endpoint in the metadata",
            where=shown(server.entry.metadata_url),
            fix=f"check metadata_url, or write it into endpoints of [{server.name}]",
        )
    listings = {}
    wanted = server.entry.objects or tuple(CdsObjectKind)
    for item in wanted:
        found = [known[key] for key in OBJECTS[item].endpoint_keys if known.get(key)]
        if found:
            listings[item] = _checked(found[0], server=server)

    def optional(key: str) -> str | None:
        return _checked(known[key], server=server) if known.get(key) else None

    return Endpoints(
        token=_checked(token, server=server),
        listings=listings,
        clients=optional("cds_clients_api"),
        grants=optional("cds_grants_api"),
        timezone=_zone(known.get("cds_timezone"), server=server),
    )


def _zone(named: object, *, server: CdsServer) -> str | None:
    """The server's zone; it stands in where the entry names none, so it must be one."""
    if named is None or server.entry.timezone is not None:
        return None
    try:
        return str(ZoneInfo(str(named)))
    # An unknown zone is a KeyError, a name that is no path below the database a ValueError.
    except (KeyError, ValueError, OSError) as error:
        raise ServersFileError(
            "the server names a zone that the IANA database does not have",
            where=shown(server.entry.metadata_url),
            fix=f'set timezone of [{server.name}], such as "America/New_York"',
        ) from error


def _refuse_unknown_scopes(known: Mapping[str, Any], *, server: CdsServer) -> None:
    """A scope is a name that the server chose, such as cds_usage_1; its type is in the metadata."""
    supported = known.get("scopes_supported")
    if not isinstance(supported, list):
        return
    entry = server.entry
    own = {*entry.scopes, *filter(None, (entry.client_scope, entry.grant_scope))}
    unknown = sorted(own - {scope for scope in supported if isinstance(scope, str)})
    if unknown:
        described = known.get("cds_scope_descriptions")
        types = described if isinstance(described, dict) else {}
        names = [f"{scope}{_type_of(types.get(scope))}" for scope in supported]
        raise ServersFileError(
            f"the server has no scope {', '.join(unknown)}",
            where=f"[{server.name}]",
            fix=f"its scopes are {', '.join(names) or 'none'}",
        )


def _type_of(description: object) -> str:
    kind = description.get("type") if isinstance(description, dict) else None
    return f" ({kind})" if isinstance(kind, str) else ""


def _checked(url: object, *, server: CdsServer) -> str:
    """An address of metadata; one on this machine only when the metadata are from here too."""
    address = _usable(url)
    is_here = httpx.URL(server.entry.metadata_url).host in LOOPBACK
    if httpx.URL(address).host in LOOPBACK and not is_here:
        raise BodyError(
            "metadata of another machine name an address on this one",
            where=shown(address),
            fix="ask the utility for its public address",
        )
    return address


def _usable(url: object) -> str:
    text = url if isinstance(url, str) else ""
    try:
        return web_address(text)
    except ValueError as error:
        raise BodyError(
            f"metadata hold an address that cannot be used ({error})",
            where=shown(text) or "an empty one",
            fix="ask the utility",
        ) from error
