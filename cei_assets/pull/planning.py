"""What a run would ask: the server discovered, its window, and the tokens to ask with."""

from collections.abc import Callable
from dataclasses import dataclass

from cei_assets.pull.discovery import Endpoints, discover
from cei_assets.pull.grants import GrantState, grant_states
from cei_assets.pull.servers import CdsServer
from cei_assets.pull.tokens import Reader, TokenAsk
from cei_assets.pull.web import Web
from cei_assets.pull.windows import Window


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One token's view of a server: the grant it stands for, else all that the client may read."""

    reader: Reader
    grants: tuple[GrantState, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run would ask: endpoints, window, zone and grants; unreadable grants are in `skipped`.

    `zone_from` is `entry`, `server`, or None when nobody names a zone and UTC stands in.
    The usage listings of a narrowed entry are known only when contracts or meters have arrived.
    """

    server: CdsServer
    endpoints: Endpoints
    window: Window
    zone: str
    zone_from: str | None
    identities: tuple[Identity, ...]
    skipped: tuple[GrantState, ...]

    @property
    def question(self) -> dict[str, object]:
        """What two runs must share for one to go on with the other's pages."""
        entry = self.server.entry
        return {
            "window": self.window.question,
            "timezone": self.zone,
            "client_id": entry.client_id,
            "scopes": sorted(entry.scopes),
            "grants": sorted(s.grant_id for identity in self.identities for s in identity.grants),
            "usage_by": entry.usage_by.value,
            "ids_per_request": entry.ids_per_request,
            "endpoints": {item.value: url for item, url in self.endpoints.listings.items()},
        }


def plan_pull(web: Web, server: CdsServer, *, make_window: Callable[[str], Window]) -> Plan:
    """Discovers the server and asks for a token and the states of grants; nothing is listed.

    `make_window` gives the window in the zone of the entry, else of the server, else UTC.
    Raises PullError.
    """
    endpoints = discover(web, server)
    named = server.entry.timezone or endpoints.timezone
    zone, zone_from = named or "UTC", "entry" if server.entry.timezone else "server"
    states = grant_states(web, server, endpoints, server.entry.grants)
    if server.entry.grants:
        identities = tuple(
            Identity(reader=_reader(web, server, endpoints, state), grants=(state,))
            for state in states
            if state.is_readable
        )
    else:
        reader = _reader(web, server, endpoints, None)
        states = grant_states(web, server, endpoints, reader.token().grant_ids)
        identities = (Identity(reader=reader, grants=states),)
    return Plan(
        server=server,
        endpoints=endpoints,
        window=make_window(zone),
        zone=zone,
        zone_from=zone_from if named else None,
        identities=identities,
        skipped=tuple(state for state in states if server.entry.grants and not state.is_readable),
    )


def _reader(web: Web, server: CdsServer, endpoints: Endpoints, grant: GrantState | None) -> Reader:
    scope = server.entry.grant_scope
    ask_for = TokenAsk(scopes=server.entry.scopes)
    if grant is not None and scope is not None:
        ask_for = TokenAsk(scopes=(scope,), grant_id=grant.grant_id)
    return Reader(web=web, server=server, token_endpoint=endpoints.token, ask_for=ask_for)
