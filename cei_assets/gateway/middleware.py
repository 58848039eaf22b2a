"""What every request gets: an id, one log line, an answer in the one form."""

import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cei_assets.gateway.problem import GatewayError, problem_answer

_SAFE_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}", re.ASCII)
# For the log; nobody is there to be answered.
_HUNG_UP = 499
_FAULT = GatewayError(
    500,
    "INTERNAL_ERROR",
    "a fault of the platform, not of the request; it is safe to send it again",
)
_LOG = structlog.stdlib.get_logger("cei.gateway.requests")


class RequestLog:
    """Gives a request its id and writes one line when it is answered.

    The id is the client's `X-Request-ID` when that is at most 128 safe characters, else made here.
    The line names path, status, time and token id; never a query, a header, a body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        request_id = _request_id(scope)
        state["request_id"] = request_id
        started = time.perf_counter()
        status, has_begun = 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                headers = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            status = _HUNG_UP
        except Exception:
            _LOG.exception("a fault of the platform", request_id=request_id, path=scope["path"])
            if has_begun:
                raise
            await problem_answer(_FAULT, request_id=request_id)(scope, receive, send_with_id)
        finally:
            _log(scope, state, status, time.perf_counter() - started)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            if _SAFE_ID.fullmatch(given):
                return str(given)
            break
    return secrets.token_hex(8)


def _log(scope: Scope, state: MutableMapping[str, Any], status: int, seconds: float) -> None:
    facts: dict[str, object] = {
        "request_id": state["request_id"],
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(seconds * 1e3, 2),
    }
    if "token_id" in state:
        facts["token_id"] = state["token_id"]
    if "counts" in state:
        facts["ingested"], facts["skipped_duplicate"], facts["failed"] = state["counts"]
    (_LOG.error if status >= 500 else _LOG.info)("request", **facts)
