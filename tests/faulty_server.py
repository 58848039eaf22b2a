"""A real HTTP server with the batch API's commit semantics that fails in the ways networks do.

It keeps what it commits as the specification says (a key counts once; a new key for a known
interval is a revision), so that a test compares its table with the file that was sent.
"""

import json
import socket
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "cei_int_" + "t" * 43
Interval = tuple[str, str, str]


@dataclass
class Table:
    """What the server has committed; `lock` makes a commit of a batch one step."""

    meters: set[tuple[str, str]]
    by_key: dict[str, tuple[Interval, str]] = field(default_factory=dict)
    revisions: dict[Interval, list[str]] = field(default_factory=dict)
    transient: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def commit(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """Takes a batch and gives the answer's body. Values are texts, digit by digit."""
        ingested, skipped, errors = 0, 0, []
        failed = 0
        with self.lock:
            for index, record in enumerate(records):
                code = self._take(record)
                ingested += code == ""
                skipped += code == "skipped"
                failed += code not in ("", "skipped")
                if code:
                    name = "DUPLICATE_IDEMPOTENCY_KEY" if code == "skipped" else code
                    errors.append({"index": index, "code": name, "detail": f"because {code}"})
        return {
            "ingested": ingested,
            "skipped_duplicate": skipped,
            "failed": failed,
            "errors": errors,
        }

    def _take(self, record: dict[str, Any]) -> str:
        if (record["site_id"], record["meter_id"]) not in self.meters:
            return "UNKNOWN_METER"
        if not isinstance(record["value"], Number):
            return "INVALID_VALUE"
        key, value = record["idempotency_key"], record["value"].text
        if key in self.transient:
            self.transient.discard(key)
            return "INTERNAL_ERROR"
        interval = (record["site_id"], record["meter_id"], record["timestamp_utc"])
        if key in self.by_key:
            same = self.by_key[key] == (interval, value)
            return "skipped" if same else "DUPLICATE_IDEMPOTENCY_KEY"
        self.by_key[key] = (interval, value)
        self.revisions.setdefault(interval, []).append(value)
        return ""

    @property
    def latest(self) -> dict[Interval, str]:
        """The value that holds for every interval."""
        return {interval: values[-1] for interval, values in self.revisions.items()}


@dataclass(frozen=True)
class Number:
    """A JSON number by its text, so that tests see the digits that were sent."""

    text: str


class FaultyServer:
    """Serves a Table on loopback, in threads.

    `faults` are used up one a request: "ok", a status as "500", "429 2" (Retry-After 2),
    "429 date 2" (as a date), "cut before" and "cut after" the commit, "hang before" and
    "hang after" (longer than a client waits), "half answer", "garbage", "login page", "miscount",
    "unnamed", "internal" (all records), "redirect 302 URL". Without faults it answers properly.
    `limit` is the largest batch, `delay` and `hang` are seconds; `certificate` (its file, its
    key's) makes it TLS.
    """

    def __init__(
        self,
        meters: Iterable[tuple[str, str]],
        *,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self.table = Table(meters=set(meters))
        self.faults: deque[str] = deque()
        self.batches: list[list[dict[str, Any]]] = []
        self.requests: list[dict[str, str]] = []
        self.committed = threading.Event()
        self.limit = 10_000
        self.delay = 0.0
        self.hang = 1.4
        self.port = 0
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Base address for the client."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serves; after a stop on the same port and with the same table."""
        server = _Server(("127.0.0.1", self.port), _Handler)
        server.owner = self
        if self._tls is not None:
            server.socket = self._tls.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Stops listening; connections are refused from here on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "FaultyServer":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    owner: FaultyServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news; anything else is a defect of this module."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Tests read the client's output."""

    def do_GET(self) -> None:
        self.server.owner.requests.append({"method": "GET", **dict(self.headers.items())})
        self._answer(200, b"{}")

    def do_POST(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers["Content-Length"]))
        owner.requests.append({"method": "POST", "path": self.path, **dict(self.headers.items())})
        time.sleep(owner.delay)
        fault = owner.faults.popleft() if owner.faults else "ok"
        word = fault.split()[0]
        if word.isdigit():
            self._refuse(int(word), fault)
        elif fault == "cut before":
            self._cut()
        elif fault == "hang before":
            time.sleep(owner.hang)
        elif word == "redirect":
            self._answer(int(fault.split()[1]), b"", {"Location": fault.split()[2]})
        elif word in ("garbage", "login"):
            self._answer(200, b"\x00\xff{" if word == "garbage" else b"<html>Please log in</html>")
        else:
            self._take(body, fault)

    def _refuse(self, status: int, fault: str) -> None:
        headers = {}
        if " " in fault:
            seconds = float(fault.split()[-1])
            is_date = "date" in fault
            now = time.time()
            headers["Retry-After"] = (
                formatdate(now + seconds, usegmt=True) if is_date else f"{seconds:.0f}"
            )
        self._answer(status, json.dumps({"code": "X", "message": "no"}).encode(), headers)

    def _take(self, body: bytes, fault: str) -> None:
        owner = self.server.owner
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            echo = f'{{"message": "no such token: {self.headers["Authorization"]}"}}'
            return self._answer(401, echo.encode(), {"WWW-Authenticate": "Bearer"})
        records = json.loads(body, parse_float=Number, parse_int=Number)["records"]
        if len(records) > owner.limit:
            return self._answer(413, b'{"code": "PAYLOAD_TOO_LARGE"}')
        owner.batches.append(records)
        if fault == "internal":
            owner.table.transient.update(record["idempotency_key"] for record in records)
        answer = owner.table.commit(records)
        owner.committed.set()
        if fault == "hang after":
            time.sleep(owner.hang)
        if fault == "cut after":
            return self._cut()
        if fault == "miscount":
            answer["ingested"] += 1
        if fault == "unnamed":
            answer.update(ingested=len(records) - 1, failed=1, skipped_duplicate=0, errors=[])
        text = json.dumps(answer, separators=(",", ":")).encode()
        if fault == "half answer":
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text[: len(text) // 2])
            return self._cut()
        return self._answer(200, text)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, text: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
