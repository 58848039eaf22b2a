"""Access tokens by client credentials with HTTP Basic, and requests that carry them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx
import orjson
from pydantic import SecretStr

from cei_assets.pull.problem import AccessLostError, BodyError, RefusedError, encrypted, shown
from cei_assets.pull.servers import CdsServer, secret_variable
from cei_assets.pull.web import Answer, Web

# Only these are repeated from an answer: free text of a server might repeat what was sent to it.
_KNOWN_ERRORS = frozenset(
    {
        "access_denied",
        "cds_grant_id_invalid_user",
        "cds_grant_id_invalid_value",
        "insufficient_scope",
        "invalid_authorization_details",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_token",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
_OK = 200
_UNAUTHORIZED = 401
_NO_ACCESS = frozenset({_UNAUTHORIZED, 403})
_REDIRECTS = range(300, 400)
_USUAL_LIFE_SECONDS = 3600.0
_SPARE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Token:
    """A bearer; `expires_at` is on the monotonic clock, `grant_ids` are those it reads."""

    value: SecretStr
    expires_at: float
    grant_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TokenAsk:
    """What a token is asked for: scopes, and the grant it should stand for."""

    scopes: tuple[str, ...]
    grant_id: str | None = None


@dataclass(kw_only=True)
class Reader:
    """Requests with a bearer of one kind; the token is fetched when it is needed and again on 401.

    Keeps the token in memory only.
    """

    web: Web
    server: CdsServer
    token_endpoint: str
    ask_for: TokenAsk
    _token: Token | None = field(default=None, repr=False)

    def token(self) -> Token:
        """A token that will last a while.

        Raises AccessLostError when the server gives none, UnreachableError.
        """
        now = self.web.timing.monotonic()
        if self._token is None or self._token.expires_at <= now:
            self._token = self._fetched()
        return self._token

    def get(self, url: str, *, check: Callable[[Answer], None] | None = None) -> Answer:
        """The answer with status 200 of an address that the bearer may be sent to.

        On 401 the token is fetched again, once. Raises AccessLostError for 401 and 403 after that,
        RefusedError for any other status, UnreachableError.
        """
        answer = self._get(url, check)
        if answer.status == _UNAUTHORIZED:
            self._token = None
            answer = self._get(url, check)
        if answer.status in _NO_ACCESS:
            raise AccessLostError(
                f"no access ({answer.status}{named_error(answer)}) although the token is fresh",
                where=f"{shown(url)}{self._for_grant()}",
                fix="the access was withdrawn or does not reach this far: ask the utility, or "
                f"correct scopes, grants or objects of [{self.server.name}]",
            )
        if answer.status != _OK:
            raise refused(answer)
        return answer

    def _get(self, url: str, check: Callable[[Answer], None] | None) -> Answer:
        bearer = self.token().value.get_secret_value()
        return self.web.ask(
            "GET", url, headers={"Authorization": f"Bearer {bearer}"}, check=_when_ok(check)
        )

    def _for_grant(self) -> str:
        return f" for grant {self.ask_for.grant_id}" if self.ask_for.grant_id else ""

    def _fetched(self) -> Token:
        client_id = self.server.entry.client_id
        # Form-encoded before Basic (RFC 6749, 2.3.1); usual ids and secrets stay as they are.
        answer = self.web.ask(
            "POST",
            self.token_endpoint,
            auth=httpx.BasicAuth(
                quote_plus(client_id), quote_plus(self.server.secret.get_secret_value())
            ),
            form=self._form(client_id),
        )
        if answer.status in {400, *_NO_ACCESS}:
            raise AccessLostError(
                f"no token ({answer.status}{named_error(answer)})",
                where=f"{shown(self.token_endpoint)}{self._for_grant()}",
                fix=f"check client_id, scopes and grants of [{self.server.name}], and the secret "
                f"in {secret_variable(self.server.name)}",
            )
        if answer.status != _OK:
            raise refused(answer)
        return self._read(answer)

    def _form(self, client_id: str) -> dict[str, str]:
        form = {"grant_type": "client_credentials"}
        if self.ask_for.scopes:
            form["scope"] = " ".join(self.ask_for.scopes)
        if self.ask_for.grant_id is not None:
            # A grant's token is made anew whenever it is needed: no refresh token is stored.
            detail = {
                "type": self.ask_for.scopes[0],
                "client_id": client_id,
                "grant_id": self.ask_for.grant_id,
            }
            form["authorization_details"] = orjson.dumps([detail]).decode()
        return form

    def _read(self, answer: Answer) -> Token:
        content = json_object(answer)
        value = content.get("access_token")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise BodyError(
                "an answer without access_token",
                where=shown(self.token_endpoint),
                fix="check that the metadata's token_endpoint is this one, and ask the utility",
            )
        life = content.get("expires_in")
        is_number = isinstance(life, int | float) and not isinstance(life, bool)
        seconds = float(life) if is_number else _USUAL_LIFE_SECONDS  # type: ignore[arg-type]  # a number
        details = content.get("authorization_details")
        if isinstance(details, list) and any(
            isinstance(detail, dict) and detail.get("jwk") for detail in details
        ):
            raise encrypted(self.token_endpoint)
        return Token(
            value=SecretStr(value),
            expires_at=self.web.timing.monotonic() + max(seconds - _SPARE_SECONDS, seconds / 2),
            grant_ids=_texts(content.get("cds_grant_ids")),
        )


def refused(answer: Answer) -> RefusedError:
    """The error for a status that repeating does not change."""
    if answer.status in _REDIRECTS:
        fix = "write the address it leads to into the file of servers, if you trust it"
    else:
        fix = "check the address and the window; a server that wants narrow requests needs usage_by"
    return RefusedError(
        f"status {answer.status}{named_error(answer)}",
        where=shown(answer.url),
        fix=fix,
        status=answer.status,
    )


def named_error(answer: Answer) -> str:
    """The code of an OAuth error, from body or header, when it is one of the known."""
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        content = None
    code = content.get("error") if isinstance(content, dict) else None
    if code not in _KNOWN_ERRORS:
        header = answer.headers.get("www-authenticate", "")
        code = next((known for known in sorted(_KNOWN_ERRORS) if f'"{known}"' in header), None)
    return f" {code}" if code else ""


def json_object(answer: Answer) -> Mapping[str, Any]:
    """The JSON object of an answer.

    Raises BodyError for anything else.
    """
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise BodyError(
            f"expected a JSON object, found {answer.content_type or 'something else'}",
            where=shown(answer.url),
            fix="open the address in a browser: it may be a login page or an old address",
        )
    return content


def _when_ok(check: Callable[[Answer], None] | None) -> Callable[[Answer], None] | None:
    if check is None:
        return None
    wanted = check

    def checked(answer: Answer) -> None:
        if answer.status == _OK:
            wanted(answer)

    return checked


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
