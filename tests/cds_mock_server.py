"""A CDS server over real HTTP whose dialect, paging, access and faults a test can switch.

Every listing it sends is held against the field tables: `violations` must stay empty.
"""

import base64
import gzip
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit

from tests.cds_field_tables import OBJECTS, violations
from tests.cds_mock_bodies import Store, customer, trimmed
from tests.cds_mock_listing import BadFilterError, listed

CLIENT_ID = "acme client"
SECRET = "s3cr3t:with/odd+characters"  # noqa: S105  # of this mock only
USAGE_SCOPE, CLIENT_SCOPE, GRANT_SCOPE = "cds_query_usage_1", "client_admin", "grant_admin"
UNREADABLE = frozenset({"future", "disabled", "suspended", "revoked", "closed", "expired"})
_KEYS = {
    "accounts": "accounts",
    "service_contracts": "servicecontracts",
    "service_points": "servicepoints",
    "meter_devices": "meterdevices",
    "bill_statements": "billstatement",
    "bill_sections": "billsection",
    "aggregations": "aggregations",
    "usage_segments": "usagesegments",
    "eacs": "eacs",
}


@dataclass
class Grant:
    """What a customer allowed: status, and the part of time outside of which segments are cut."""

    status: str = "active"
    eta: str | None = None
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    until: datetime = datetime(2100, 1, 1, tzinfo=UTC)
    jwk: dict[str, str] | None = None


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str
    target: str


@dataclass
class Reply:
    """What is sent; `length` is what Content-Length says, where it is not the truth."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drip: float = 0.0


@dataclass(kw_only=True)
class CdsMock:
    """The switches, and what has happened.

    `endpoints_in`: `oauth` (metadata for everybody), `client` (metadata of the client's own, on
    other paths), `registration` (registration response and client entry, as in dialect B).
    `endpoint_keys`: `specified` or `sandbox`. `paging`: `proper`, `repeat`, `first`, `foreign`,
    `userinfo`, `endless`, `shift_in` (an object is put before the listing after every page),
    `shift_out` (the first is taken away), `absent` (no next on the last page).
    `faults[place]` are used up one a request, `always[place]` stays; a place is a list key,
    `token`, `metadata`, `clients` or `grants`. Faults: a status, `429 2` and `429 date 2`
    (Retry-After), `cut` (the connection ends early), `short` (the JSON does), `slow`, `login`,
    `jose`, `jwe`, `not a list`, `no list`, `redirect URL`, `echo` (401 that repeats the header).
    """

    dialect: str = "C"
    store: Store = field(default_factory=dict)
    page_size: int = 100
    paging: str = "proper"
    endpoints_in: str = "oauth"
    endpoint_keys: str = "specified"
    compress: bool = False
    token_seconds: int = 3600
    timezone: str | None = "Europe/Rome"
    grants: dict[str, Grant] = field(default_factory=dict)
    hidden_fields: set[str] = field(default_factory=set)
    faults: dict[str, deque[str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    hold_at: tuple[str, int] | None = None
    scopes: tuple[str, ...] = (USAGE_SCOPE, CLIENT_SCOPE, GRANT_SCOPE)
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursors: dict[str, tuple[str, dict[str, str], int, int]] = field(default_factory=dict)
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _server: "_Server | None" = None

    def __post_init__(self) -> None:
        self.store = self.store or customer(self.dialect)

    def __enter__(self) -> "CdsMock":
        server = _Server(("127.0.0.1", 0), _Handler)
        server.owner = self
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.released.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Base address."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def metadata_url(self) -> str:
        """Where discovery begins."""
        return f"{self.url}/.well-known/cds-server-metadata.json"

    def fail(self, place: str, *faults: str) -> None:
        """These faults next, one a request."""
        self.faults.setdefault(place, deque()).extend(faults)

    def revoke_tokens(self) -> None:
        """From here on every token that was given is answered 401."""
        self.tokens.clear()

    def asked(self, place: str) -> list[Request]:
        """Requests for a listing, or for `/token`."""
        path = f"/api/customerdata/v1/{place}" if place in OBJECTS else f"/{place}"
        return [request for request in self.requests if request.path == path]

    def endpoints(self) -> dict[str, str]:
        """Keys and addresses of the listings, under the names of the switch."""
        prefix = "cds_customerdata_" if self.endpoint_keys == "sandbox" else "cds_"
        plural = self.endpoint_keys == "sandbox"
        return {
            f"{prefix}{name}{'s' if plural and name.startswith('bill') else ''}_api": (
                f"{self.url}/api/customerdata/v1/{table}"
            )
            for table, name in _KEYS.items()
        }

    def registration(self) -> dict[str, Any]:
        """The client's entry; in dialect B it is where the endpoints are."""
        own = {"client_id": CLIENT_ID, "scope": " ".join(self.scopes), "cds_server_metadata": None}
        if self.endpoints_in == "registration":
            return own | self.endpoints()
        if self.endpoints_in == "client":
            own["cds_server_metadata"] = f"{self.url}/clients/1/metadata"
        return own

    def oauth(self, *, of_client: bool) -> dict[str, Any]:
        """OAuth metadata: for everybody, or of the client's own."""
        described = {
            scope: {"id": scope, "type": scope.removesuffix("_1")} for scope in self.scopes
        }
        common = {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/token",
            "registration_endpoint": f"{self.url}/register",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "scopes_supported": list(self.scopes),
            "cds_scope_descriptions": described,
            "cds_timezone": self.timezone,
            "cds_clients_api": f"{self.url}/clients",
            "cds_grants_api": f"{self.url}/grants",
        }
        is_here = self.endpoints_in == ("client" if of_client else "oauth")
        return common | (self.endpoints() if is_here else {})

    def answer(self, request: Request, body: bytes) -> Reply:
        """The reply to a request, faults first."""
        with self.lock:
            self.requests.append(request)
        place = _place(request.path)
        fault = self.always.get(place, "")
        waiting = self.faults.get(place)
        if waiting:
            fault = waiting.popleft()
        if fault and fault not in _SPOILS:
            return _failed(fault, request)
        if place in OBJECTS:
            reply = self._listing(place, request)
        else:
            reply = self._own_pages(request, body)
        return _SPOILS[fault](reply) if fault and reply.status == 200 else reply

    def _own_pages(self, request: Request, body: bytes) -> Reply:
        path = request.path
        if path in {"/.well-known/cds-server-metadata.json", "/.well-known/carbon-data-spec.json"}:
            return _json({"cds_metadata_version": "v1", "oauth_metadata": f"{self.url}/oauth"})
        if path == "/oauth":
            return _json(self.oauth(of_client=False))
        if path == "/register" and request.method == "POST":
            return _json(self.registration() | {"client_secret": SECRET}, status=201)
        if path == "/token":
            return self._token(request, dict(parse_qsl(body.decode())))
        token = self._bearer(request)
        if token is None:
            return _refused(401, "invalid_token")
        if path == "/clients/1/metadata":
            return _json({"oauth_metadata": f"{self.url}/clients/1/oauth"})
        if path == "/clients/1/oauth":
            return _json(self.oauth(of_client=True))
        if path == "/clients" and CLIENT_SCOPE in token["scope"].split():
            others = [{"client_id": f"other-{number}"} for number in range(2)]
            second = request.query.get("page") == "2"
            page = [self.registration()] if second else others
            following = None if second else f"{self.url}/clients?page=2"
            return _json({"clients": page, "next": following, "previous": None})
        if path == "/grants" and GRANT_SCOPE in token["scope"].split():
            return _json({"grants": [_grant(*item) for item in self.grants.items()], "next": None})
        return _refused(403, "insufficient_scope")

    def _token(self, request: Request, form: dict[str, str]) -> Reply:
        kind, _, code = request.authorization.partition(" ")
        if kind != "Basic":
            return _refused(401, "invalid_client")
        user, _, secret = base64.b64decode(code).decode().partition(":")
        if (unquote_plus(user), unquote_plus(secret)) != (CLIENT_ID, SECRET):
            return _refused(401, "invalid_client")
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type")
        scope = form.get("scope", "")
        if not set(scope.split()) <= set(self.scopes):
            return _refused(400, "invalid_scope")
        details = json.loads(form.get("authorization_details", "[]"))
        grant_ids = [detail["grant_id"] for detail in details]
        if any(self._is_unreadable(grant_id) for grant_id in grant_ids):
            return _refused(400, "cds_grant_id_invalid_value")
        grant_ids = grant_ids or list(self.grants)
        with self.lock:
            value = f"tok-{len(self.asked('token'))}-abcdef"
            self.tokens[value] = {"scope": scope, "grants": grant_ids, "for_grant": bool(details)}
        jwks = [self.grants[one].jwk for one in grant_ids if one in self.grants]
        effective = [{"type": scope, "jwk": jwk} for jwk in jwks if jwk]
        return _json(
            {
                "access_token": value,
                "token_type": "Bearer",
                "expires_in": self.token_seconds,
                "scope": scope,
                "cds_grant_ids": grant_ids,
                "authorization_details": effective,
            }
        )

    def _is_unreadable(self, grant_id: str) -> bool:
        return grant_id not in self.grants or self.grants[grant_id].status in UNREADABLE

    def _bearer(self, request: Request) -> dict[str, Any] | None:
        kind, _, value = request.authorization.partition(" ")
        return self.tokens.get(value) if kind == "Bearer" else None

    def _listing(self, table: str, request: Request) -> Reply:
        token = self._bearer(request)
        if token is None:
            return _refused(401, "invalid_token")
        parameters, offset, number = request.query, 0, 1
        if "cursor" in parameters:
            if len(parameters) > 1 or parameters["cursor"] not in self.cursors:
                return _refused(400, "invalid_request")
            of_table, parameters, offset, number = self.cursors[parameters["cursor"]]
            assert of_table == table
        if self.hold_at == (table, number):
            self.held.set()
            self.released.wait(30)
        try:
            found = listed(self._visible(token), table, parameters)
        except (BadFilterError, TypeError):
            return _refused(400, "invalid_request")
        following = None
        if len(found) > offset + self.page_size or self.paging == "endless":
            following = self._next(table, parameters, offset + self.page_size, number + 1, request)
        page = [
            {key: value for key, value in body.items() if key not in self.hidden_fields}
            for body in found[offset : offset + self.page_size]
        ]
        content = {table: page, "next": following, "previous": None}
        if following is None and self.paging == "absent":
            content = {table: page}
        self.violations += violations(content, table, self.dialect)
        if following is not None:
            self._shift(table)
        return _json(content, compress=self.compress)

    def _next(
        self, table: str, parameters: dict[str, str], offset: int, number: int, request: Request
    ) -> str:
        own = f"{self.url}/api/customerdata/v1/{table}"
        if self.paging == "repeat" and number > 2:
            return f"{self.url}{request.target}"
        if self.paging == "first":
            return f"{own}?{'&'.join(f'{key}={quote(value)}' for key, value in parameters.items())}"
        cursor = f"{table}-{number}-{len(self.cursors)}/+="
        self.cursors[cursor] = (table, parameters, offset, number)
        if self.paging == "foreign":
            own = own.replace("127.0.0.1", "localhost")
        if self.paging == "userinfo":
            own = own.replace("//", "//someone@")
        return f"{own}?cursor={quote(cursor, safe='')}"

    def _shift(self, table: str) -> None:
        objects = self.store[table]
        if self.paging == "shift_out":
            objects.pop(0)
        if self.paging == "shift_in":
            id_key = next(key for key in objects[0] if key.endswith("_id"))
            added = objects[0] | {id_key: f"added-{len(objects)}"}
            # Before all others in every order: newest, and of the first contract.
            objects.insert(0, added | {"cds_modified": "2030-01-01T00:00:00Z"})

    def _visible(self, token: dict[str, Any]) -> Store:
        """What a token may see: nothing under `pending`, and segments cut to the grant."""
        if not token["for_grant"]:
            return self.store
        grant = self.grants[token["grants"][0]]
        if grant.status == "pending":
            return {table: [] for table in self.store}
        cut = [
            trimmed(body, since=grant.since, until=grant.until)
            for body in self.store["usage_segments"]
        ]
        return self.store | {"usage_segments": cut}


def _place(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return "metadata" if "well-known" in path or name in {"oauth", "metadata"} else name


def _json(content: object, *, status: int = 200, compress: bool = False) -> Reply:
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if compress:
        return Reply(status, gzip.compress(body), headers | {"Content-Encoding": "gzip"})
    return Reply(status, body, headers)


def _refused(status: int, code: str) -> Reply:
    reply = _json({"error": code, "error_description": "no"}, status=status)
    reply.headers["WWW-Authenticate"] = f'Bearer error="{code}"'
    return reply


def _failed(fault: str, request: Request) -> Reply:
    word, _, rest = fault.partition(" ")
    if word == "redirect":
        return Reply(302, b"", {"Location": rest})
    if word == "login":
        return Reply(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})
    if word == "echo":
        said = {"error": request.authorization, "error_description": request.authorization}
        return _json(said, status=401)
    if word == "jose":
        return Reply(200, b"eyJhbGciOiJSU0EifQ.a.b.c.d", {"Content-Type": "application/jose"})
    if word == "jwe":
        return _json({"protected": "eyJ", "ciphertext": "abc", "iv": "x", "tag": "y"})
    reply = _json({"error": "server_error"}, status=int(word))
    if rest.startswith("date"):
        reply.headers["Retry-After"] = formatdate(time.time() + float(rest[5:]), usegmt=True)
    elif rest:
        reply.headers["Retry-After"] = rest
    return reply


def _cut(reply: Reply) -> Reply:
    half = len(reply.body) // 2
    return Reply(reply.status, reply.body[:half], reply.headers, length=len(reply.body))


def _short(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)


def _slow(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body, reply.headers, drip=0.05)


def _not_a_list(reply: Reply) -> Reply:
    table = next(iter(json.loads(reply.body)))
    return _json({table: {"0": "no list"}, "next": None})


def _no_list(reply: Reply) -> Reply:
    return _json({"items": json.loads(reply.body), "next": None})


_SPOILS: dict[str, Callable[[Reply], Reply]] = {
    "cut": _cut,
    "short": _short,
    "slow": _slow,
    "not a list": _not_a_list,
    "no list": _no_list,
}


def _grant(grant_id: str, grant: Grant) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "status": grant.status,
        "eta": grant.eta,
        "not_before": None,
        "client_id": CLIENT_ID,
        "scope": USAGE_SCOPE,
        "sub_authorization_scopes": [],
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: CdsMock

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news; anything else is a defect of this module."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Head and body are two writes; the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True

    def log_message(self, *_args: object) -> None:
        """Tests read the client's output."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path.rstrip("/"),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            authorization=self.headers.get("Authorization", ""),
            target=self.path,
        )
        self._send(self.server.owner.answer(request, body))

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = len(reply.body) if reply.length is None else reply.length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if reply.drip:
            for at in range(0, len(reply.body), 512):
                self.wfile.write(reply.body[at : at + 512])
                self.wfile.flush()
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.body)
        if length != len(reply.body):
            self.close_connection = True
