"""A load generator for the batch API: prepared requests over plain sockets, many connections.

Run as a process of its own by `gateway.py` and `gateway_kills.py`, so that what it costs is not
counted as the gateway's. Prints one JSON object: seconds, records, answers by status, and the
latencies in milliseconds.
"""

import argparse
import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_HOURS = 20_000


def records(
    *, first: int, count: int, prefix: str, sites: int = 1, meters: int = 10
) -> list[dict[str, object]]:
    """Records `first` and on: hour by hour over the meters, every one with its own key."""
    made = []
    for number in range(first, first + count):
        hour, meter = divmod(number, sites * meters)
        start = _FIRST + timedelta(hours=hour % _HOURS)
        made.append(
            {
                "site_id": f"site{meter % sites}",
                "meter_id": f"meter{meter // sites}",
                "timestamp_utc": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                "value": round(10 + number % 977 / 7, 3),
                "unit": "kWh",
                "idempotency_key": f"{prefix}-{number}",
            }
        )
    return made


def request(batch: list[dict[str, object]], *, token: str, host: str = "127.0.0.1") -> bytes:
    """A whole HTTP request."""
    body = json.dumps({"records": batch, "source": "load"}).encode()
    head = (
        f"POST /api/v1/timeseries/batch HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(kw_only=True)
class Exchange:
    """One connection: what is left to send and what came back so far."""

    connection: socket.socket
    to_send: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    started: float = 0.0

    def begin(self, content: bytes) -> None:
        """Takes up the next request."""
        self.to_send = memoryview(content)
        self.received.clear()
        self.started = time.perf_counter()

    def step(self) -> tuple[int, bytes] | None:
        """Sends and receives what it can; status and body once the answer is whole."""
        if self.to_send:
            self.to_send = self.to_send[self.connection.send(self.to_send) :]
            return None
        piece = self.connection.recv(1 << 16)
        if not piece:
            raise ConnectionError("the gateway closed the connection")
        self.received += piece
        head, found, body = bytes(self.received).partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return None
        return int(head.split(b" ", 2)[1]), body

    def whole(self, content: bytes) -> tuple[int, bytes]:
        """Sends a request and waits for its answer, on a blocking connection."""
        self.begin(content)
        while (answer := self.step()) is None:
            pass
        return answer


def connect(port: int) -> socket.socket:
    """A connection to a gateway on this machine."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


@dataclass(kw_only=True)
class Outcome:
    """What a run of requests came to."""

    seconds: float
    latencies_ms: list[float]
    statuses: Counter[int]
    ingested: int = 0
    skipped: int = 0
    failed: int = 0


def run(requests: Iterator[bytes], *, port: int, connections: int) -> Outcome:
    """Sends the requests over `connections` sockets, one in flight on each."""
    selector = selectors.DefaultSelector()
    both = selectors.EVENT_READ | selectors.EVENT_WRITE
    outcome = Outcome(seconds=0.0, latencies_ms=[], statuses=Counter())
    started = time.perf_counter()
    active = 0
    for _, content in zip(range(connections), requests, strict=False):
        exchange = Exchange(connection=connect(port))
        exchange.connection.setblocking(False)
        exchange.begin(content)
        selector.register(exchange.connection, both, exchange)
        active += 1
    while active:
        for key, _ in selector.select():
            exchange = key.data
            answer = exchange.step()
            if not exchange.to_send and key.events == both:
                selector.modify(exchange.connection, selectors.EVENT_READ, exchange)
            if answer is None:
                continue
            _count(outcome, exchange, *answer)
            following = next(requests, None)
            if following is None:
                selector.unregister(exchange.connection)
                exchange.connection.close()
                active -= 1
                continue
            exchange.begin(following)
            selector.modify(exchange.connection, both, exchange)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _count(outcome: Outcome, exchange: Exchange, status: int, body: bytes) -> None:
    outcome.latencies_ms.append((time.perf_counter() - exchange.started) * 1e3)
    outcome.statuses[status] += 1
    if status == 200:
        answer = json.loads(body)
        outcome.ingested += answer["ingested"]
        outcome.skipped += answer["skipped_duplicate"]
        outcome.failed += answer["failed"]


def main() -> None:
    """Prepares the requests, sends them, prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "batch", "batches", "connections", "first"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--prefix", required=True)
    said = parser.parse_args()
    prepared = [
        request(
            records(first=said.first + at * said.batch, count=said.batch, prefix=said.prefix),
            token=said.token,
        )
        for at in range(said.batches)
    ]
    outcome = run(iter(prepared), port=said.port, connections=said.connections)
    print(json.dumps({**vars(outcome), "records": said.batch * said.batches}))
