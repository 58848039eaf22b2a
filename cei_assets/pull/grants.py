"""Grants: what a customer allowed, and whether it can be read now, not yet, or no longer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cei_assets.contracts.cds_vocabulary import CdsAccess as Access
from cei_assets.pull.discovery import Endpoints, listed_objects
from cei_assets.pull.servers import CdsServer
from cei_assets.pull.tokens import Reader, TokenAsk
from cei_assets.pull.web import Web

UNKNOWN = "unknown"


ACCESS: Mapping[str, Access] = MappingProxyType(
    {
        "active": Access.COMPLETE,
        "stopped": Access.COMPLETE,
        "delayed": Access.INCOMPLETE,
        "partial": Access.INCOMPLETE,
        "needs_sub_grants": Access.INCOMPLETE,
        "errored": Access.INCOMPLETE,
        "pending": Access.INCOMPLETE,
        "needs_authorization": Access.INCOMPLETE,
        "future": Access.NOT_YET,
        "disabled": Access.GONE,
        "suspended": Access.GONE,
        "revoked": Access.GONE,
        "closed": Access.GONE,
        "expired": Access.GONE,
    }
)
"""The statuses of CDS-WG1-02. Status `pending` is read: part of the data may be there already."""


@dataclass(frozen=True, kw_only=True)
class GrantState:
    """A grant as the server lists it; `until` is its `eta` or `not_before`, as it was written."""

    grant_id: str
    status: str = UNKNOWN
    until: str | None = None

    @property
    def access(self) -> Access:
        """What the status says; unknown for a status that nobody has named."""
        return ACCESS.get(self.status, Access.UNKNOWN)

    @property
    def is_readable(self) -> bool:
        """Whether asking makes sense."""
        return self.access not in {Access.NOT_YET, Access.GONE}

    def __str__(self) -> str:
        """One line for people."""
        says = {
            Access.COMPLETE: "its data are all there",
            Access.INCOMPLETE: "not all of its data are there yet; absent is not 'no usage'",
            Access.NOT_YET: "nothing to read yet",
            Access.GONE: "its access is gone: remove it from grants, or ask for a new one",
            Access.UNKNOWN: "the server does not say what may be read",
        }[self.access]
        when = f" (until {self.until})" if self.until else ""
        return f"grant {self.grant_id} is {self.status}{when}: {says}"


def grant_states(
    web: Web, server: CdsServer, endpoints: Endpoints, grant_ids: Sequence[str]
) -> tuple[GrantState, ...]:
    """States of these grants; `unknown` where the server does not list them.

    Asks only when the entry has a grant_scope and metadata name the grants' listing.
    Raises PullError.
    """
    if not grant_ids:
        return ()
    listed: dict[str, GrantState] = {}
    if server.entry.grant_scope is not None and endpoints.grants is not None:
        reader = Reader(
            web=web,
            server=server,
            token_endpoint=endpoints.token,
            ask_for=TokenAsk(scopes=(server.entry.grant_scope,)),
        )
        listed = _states(listed_objects(reader, endpoints.grants, key="grants"))
    return tuple(listed.get(grant_id, GrantState(grant_id=grant_id)) for grant_id in grant_ids)


def _states(items: Iterable[Mapping[str, object]]) -> dict[str, GrantState]:
    states = {}
    for item in items:
        grant_id, status = item.get("grant_id"), item.get("status")
        until = item.get("eta") or item.get("not_before")
        if isinstance(grant_id, str):
            states[grant_id] = GrantState(
                grant_id=grant_id,
                status=status if isinstance(status, str) else UNKNOWN,
                until=until if isinstance(until, str) else None,
            )
    return states
