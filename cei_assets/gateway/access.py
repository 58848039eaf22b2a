"""Who may do what: bearer tokens, scopes, rates."""

import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from cei_assets.gateway.problem import GatewayError
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope, Token

_UNAUTHORIZED = (
    "the request needs a valid token in the header 'Authorization: Bearer cei_int_...'; tokens "
    "are made, and expired or revoked ones replaced, by the platform's operator"
)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What the token of a request allows."""

    token_id: str
    organization_id: str
    scopes: frozenset[Scope]


def requires(scope: Scope) -> Callable[[Request], Coroutine[Any, Any, Grant]]:
    """A dependency that gives the request's grant.

    Raises GatewayError: 401 without a valid token, 403 without the scope, 429 over the rate.
    """

    async def grant(request: Request) -> Grant:
        return authorize(request, scope)

    return grant


def authorize(request: Request, scope: Scope) -> Grant:
    """The grant of a request; errors as `requires` says."""
    services: Services = request.app.state.services
    token = _token(request.headers.get("authorization"), services)
    request.state.token_id = token.token_id
    if scope not in token.scopes:
        raise GatewayError(
            403,
            "FORBIDDEN",
            f"the token has not the scope {scope.value!r}; ask for one that has",
        )
    now = services.wall_clock()
    wait = services.rates.take(
        token.token_id,
        limit=token.requests_per_minute,
        now=now.timestamp(),
        moment=now.replace(tzinfo=None),
    )
    if wait is not None:
        seconds = max(1, math.ceil(wait))
        raise GatewayError(
            429,
            "RATE_LIMITED",
            f"more than {token.requests_per_minute} requests in a minute; send again in "
            f"{seconds} s, and more records in a request",
            headers={"Retry-After": str(seconds)},
        )
    return Grant(
        token_id=token.token_id, organization_id=token.organization_id, scopes=token.scopes
    )


def _token(header: str | None, services: Services) -> Token:
    kind, _, secret = (header or "").partition(" ")
    token = services.find_token(secret.strip()) if kind.lower() == "bearer" else None
    if token is None or not token.is_valid(services.wall_clock().replace(tzinfo=None)):
        raise GatewayError(
            401, "UNAUTHORIZED", _UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"}
        )
    return token
