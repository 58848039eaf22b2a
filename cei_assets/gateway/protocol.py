"""HTTP as uvicorn speaks it, with heads of requests bounded and refusals in the one form."""

import asyncio
import secrets
from asyncio import TimerHandle
from typing import ClassVar

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cei_assets.gateway.middleware import RequestLog
from cei_assets.gateway.problem import GatewayError, problem_answer, problem_content

_OVERHEAD_BYTES = 64 << 10
_MALFORMED = GatewayError(400, "BAD_REQUEST", "this is not HTTP that can be read")
_LARGE_HEAD = GatewayError(
    431, "HEAD_TOO_LARGE", f"address and headers are over {_OVERHEAD_BYTES} bytes; send fewer"
)
_SLOW_HEAD = GatewayError(
    408, "REQUEST_TIMEOUT", "address and headers did not arrive in time; send them in one go"
)
_BUSY = GatewayError(
    503, "BUSY", "too many connections; send again in a second", headers={"Retry-After": "1"}
)


class BoundedProtocol(HttpToolsProtocol):
    """The server's protocol, which itself takes addresses and headers of any length for any time.

    Bytes count as overhead until a request or a part of its body comes out of them: heads, and what
    follows the last chunk of a body. `head_seconds` run from the connection, and from the first
    byte of each further request, to the end of the head.
    """

    head_seconds: ClassVar[float]
    most_connections: ClassVar[int]

    _overhead = 0
    _is_progress = False
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes, at most `_OVERHEAD_BYTES` that lead to nothing."""
        self._is_progress = False
        super().data_received(data)
        if self._is_progress:
            self._overhead = 0
            return
        self._overhead += len(data)
        if self._overhead > _OVERHEAD_BYTES:
            self._refuse(_LARGE_HEAD)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_progress = True
        self._await_head()

    def on_headers_complete(self) -> None:
        """A request is there; one too many is answered by itself."""
        self._is_progress = True
        self._stop_waiting()
        is_busy = max(len(self.connections), len(self.tasks)) > self.most_connections
        self.app = _answer_busy if is_busy else self.config.loaded_app
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body is there."""
        self._is_progress = True
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Refuses what is not HTTP; the parser's words are for the log."""
        del msg
        self._refuse(_MALFORMED)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, _SLOW_HEAD)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, problem: GatewayError) -> None:
        """Answers in the form of all errors and closes; amid another answer it only closes."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            request_id = secrets.token_hex(8)
            content = problem_content(problem, request_id=request_id)
            head = (
                "content-type: application/json\r\n"
                f"content-length: {len(content)}\r\n"
                f"x-request-id: {request_id}\r\n"
                "connection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[problem.status] + head.encode("ascii") + content)
        self.transport.close()


def bounded_protocol(*, head_seconds: float, most_connections: int) -> type[BoundedProtocol]:
    """The protocol with its bounds; the server makes the instances."""
    bounds = {"head_seconds": head_seconds, "most_connections": most_connections}
    return type("BoundedProtocol", (BoundedProtocol,), bounds)


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    request_id = scope["state"]["request_id"]
    await problem_answer(_BUSY, request_id=request_id)(scope, receive, send)


_answer_busy = RequestLog(_busy)
