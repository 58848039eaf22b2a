"""Bodies, headers and lines that no client of good will sends: refused cheaply, memory flat."""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest

from tests.live_gateway import BATCH, record
from tests.served_gateway import ServedGateway, served_gateway

MOST_GROWTH = 150 << 20
MOST_PEAK = 300 << 20
BODY_SECONDS = 1.0
HEAD_SECONDS = 1.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    root = tmp_path_factory.mktemp("served")
    limits = {"gateway_body_seconds": BODY_SECONDS, "gateway_head_seconds": HEAD_SECONDS}
    with served_gateway(root, **limits) as running:
        largest = orjson.dumps({"records": [record(value=-1, unit="u" * 800)] * 10_000})
        assert post(running, largest).status == 200
        before, peak_before = running.resident_bytes, running.peak_bytes
        yield running
        assert running.resident_bytes - before < MOST_GROWTH
        assert running.peak_bytes - peak_before < MOST_PEAK
        assert "Traceback" not in running.log()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back on a socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, object]:
        """The answer in the one form of errors."""
        content = orjson.loads(self.body)
        assert set(content) == {"code", "message", "request_id", "detail"}
        assert content["request_id"] == self.headers["x-request-id"]
        assert "Traceback" not in content["message"]
        return content


def exchanged(port: int, *pieces: bytes, pause: float = 0, patience: float = 30) -> Answer:
    """Sends pieces as they are and reads until the answer is complete."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        for piece in pieces:
            try:
                line.sendall(piece)
            except OSError:
                break
            time.sleep(pause)
        return _read(line, has_body=not pieces[0].startswith(b"HEAD"))


def _read(line: socket.socket, *, has_body: bool) -> Answer:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = line.recv(1 << 16)
        assert piece, f"the connection was closed after {received!r}"
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): text for name, _, text in (one.partition(": ") for one in lines)}
    status = int(first.split()[1])
    length = int(headers.get("content-length", 0)) if has_body else 0
    while len(body) < length and (piece := line.recv(1 << 16)):
        body += piece
    return Answer(status=status, headers=headers, body=body)


def head(
    gateway: ServedGateway, *lines: bytes, start: bytes = f"POST {BATCH} HTTP/1.1".encode()
) -> bytes:
    token = b"Authorization: Bearer " + gateway.token.encode()
    return b"\r\n".join([start, b"Host: x", token, *lines, b"", b""])


def post(gateway: ServedGateway, body: bytes, *lines: bytes) -> Answer:
    length = b"Content-Length: %d" % len(body)
    return exchanged(gateway.port, head(gateway, length, *lines), body)


def test_ten_gigabytes_are_refused_by_their_announcement(gateway: ServedGateway) -> None:
    answer = exchanged(gateway.port, head(gateway, b"Content-Length: 10737418240"))
    assert answer.status == 413
    assert answer.problem["code"] == "PAYLOAD_TOO_LARGE"
    assert answer.headers["connection"] == "close"


def test_chunks_without_end_are_refused_at_the_limit(gateway: ServedGateway) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunked = head(gateway, b"Transfer-Encoding: chunked")
    answer = exchanged(gateway.port, chunked, *[chunk] * 160)
    assert answer.status == 413
    assert answer.problem["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    "lines",
    [[b"Content-Length: 1000"], [b"Transfer-Encoding: chunked"]],
    ids=["announced", "in chunks"],
)
def test_a_body_that_does_not_come_is_408(gateway: ServedGateway, lines: list[bytes]) -> None:
    piece = b'{"' if lines[0].startswith(b"Content") else b'2\r\n{"\r\n'
    answer = exchanged(gateway.port, head(gateway, *lines), piece)
    assert answer.status == 408
    assert answer.problem["code"] == "REQUEST_TIMEOUT"
    assert answer.headers["connection"] == "close"


def test_who_hangs_up_within_a_body_leaves_no_fault_behind(gateway: ServedGateway) -> None:
    for path in (BATCH, "/api/v1/upload-csv"):
        start = f"POST {path} HTTP/1.1".encode()
        form = b"Content-Type: multipart/form-data; boundary=x"
        with socket.create_connection(("127.0.0.1", gateway.port)) as line:
            line.sendall(head(gateway, b"Content-Length: 1000", form, start=start) + b"--x\r\n")
    until = time.monotonic() + 30
    while gateway.log().count('"status": 499') < 2:
        assert time.monotonic() < until, gateway.log()[-2000:]
        time.sleep(0.05)


@pytest.mark.parametrize("levels", [100, 5_000, 4_000_000])
@pytest.mark.parametrize("opener", ["[", '{"a":'], ids=["lists", "objects"])
def test_deep_json_is_refused_with_words(gateway: ServedGateway, levels: int, opener: str) -> None:
    levels = min(levels, 9_000_000 // len(opener))
    closer = "]" if opener == "[" else "}"
    body = f'{{"records": [{{"value": {opener * levels}1{closer * levels}}}]}}'[:9_900_000]
    answer = post(gateway, body.encode())
    assert answer.status == 422
    assert answer.problem["code"] == "INVALID_BODY"


def test_numbers_of_thousands_of_digits_fail_their_records_only(gateway: ServedGateway) -> None:
    numbers = ["9" * 5_000, "1." + "0" * 5_000 + "1", "1e" + "9" * 5_000, "-" + "9" * 5_000, "1e5"]
    records = [
        json.dumps(record(value="?", timestamp_utc=f"2026-11-0{day}T00:00:00Z")).replace('"?"', one)
        for day, one in enumerate(numbers, start=1)
    ]
    answer = post(gateway, f'{{"records": [{", ".join(records)}]}}'.encode())
    assert answer.status == 200
    told = orjson.loads(answer.body)
    assert told["ingested"] + told["failed"] == len(numbers)
    assert {error["code"] for error in told["errors"]} <= {"INVALID_VALUE"}
    assert {0, 2, 3} <= {error["index"] for error in told["errors"]}
    assert len(answer.body) < 20_000


def test_ten_thousand_records_with_keys_over_the_bound_are_refused_one_by_one(
    gateway: ServedGateway,
) -> None:
    keys = [f"{number:0900d}" for number in range(10_000)]
    body = orjson.dumps({"records": [{"idempotency_key": key} for key in keys]})
    told = orjson.loads(post(gateway, body).body)
    assert (told["ingested"], told["failed"]) == (0, 10_000)
    assert all("idempotency_key has 900 characters" in one["detail"] for one in told["errors"])
    assert not any(key in orjson.dumps(told).decode() for key in keys[:10])
    sent = orjson.dumps({"records": [record(idempotency_key=keys[0]), record()]})
    told = orjson.loads(post(gateway, sent).body)
    assert told["failed"] == 1
    assert told["errors"][0]["code"] == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"records": [' + b",".join([b"{}"] * 3_300_000) + b"]}", 413),
        (b'{"records": [' + b",".join([b'{"value": NaN}'] * 600_000) + b"]}", 413),
        (b'{"records": [' + b",".join([b"[]"] * 3_300_000) + b"]}", 422),
        (b'{"records": [{"value": NaN}' + b",0" * 4_900_000 + b"]}", 422),
        (b'{"records": ' + b"[[[[[[]]]]]]" * 800_000 + b"}", 422),
        (b'{"records": [' + b" " * 9_900_000 + b"]}", 422),
    ],
    ids=["records", "records with NaN", "lists", "numbers", "brackets", "blanks"],
)
def test_millions_of_anything_are_refused(gateway: ServedGateway, body: bytes, status: int) -> None:
    answer = post(gateway, body)
    assert answer.status == status
    assert answer.problem["code"] == {413: "TOO_MANY_RECORDS", 422: "INVALID_BODY"}[status]


def test_texts_of_megabytes_are_not_repeated_in_answers(gateway: ServedGateway) -> None:
    long = "x" * 1_000_000
    fields = ("site_id", "meter_id", "unit", "timestamp_utc", "value", "idempotency_key")
    body = orjson.dumps({"records": [record(**{name: long}) for name in fields]})
    answer = post(gateway, body)
    assert orjson.loads(answer.body)["failed"] == len(fields)
    assert len(answer.body) < 20_000


def test_a_packed_body_is_no_batch(gateway: ServedGateway) -> None:
    packed = gzip.compress(bytes(50 << 20))
    answer = post(gateway, packed, b"Content-Encoding: gzip")
    assert answer.status == 422
    assert answer.problem["code"] == "INVALID_BODY"


@pytest.mark.parametrize(
    "given",
    [b"a\rb", b"a\x00b", b"x" * 60_000, b"a%0d%0aX-Evil: 1", b"<script>", "é".encode(), b"a b"],
    ids=["line end", "NUL", "long", "encoded line end", "markup", "not ascii", "blank"],
)
def test_a_request_id_never_writes_headers(gateway: ServedGateway, given: bytes) -> None:
    try:
        answer = post(gateway, b"{}", b"X-Request-ID: " + given)
    except AssertionError as error:
        assert "was closed" in str(error)  # noqa: PT017 - the protocol may refuse it outright
        return
    assert answer.status in (400, 422)
    assert "x-evil" not in answer.headers
    if answer.status == 422:
        assert len(str(answer.problem["request_id"])) == 16


@pytest.mark.parametrize(
    "authorization",
    [
        b"Bearer \xff\xfe",
        b"Bearer",
        b"Bearer " + b"a" * 50_000,
        b"Bearer a\x1fb",
        b"bearer\ttoken",
        b"Basic Og==",
        b"Bearer ' OR 1=1 --",
        b"Bearer {token} {token}",
        b"{token}",
    ],
    ids=["bytes", "empty", "long", "control", "tab", "basic", "SQL", "two", "no kind"],
)
def test_an_odd_authorization_is_401(gateway: ServedGateway, authorization: bytes) -> None:
    given = authorization.replace(b"{token}", gateway.token.encode())
    start = f"POST {BATCH} HTTP/1.1".encode()
    lines = [start, b"Host: x", b"Content-Length: 2", b"Authorization: " + given, b"", b"{}"]
    answer = exchanged(gateway.port, b"\r\n".join(lines))
    assert answer.status in (400, 401)
    if answer.status == 401:
        assert answer.problem["code"] == "UNAUTHORIZED"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("GET /api/v1/timeseries/batch", 405),
        ("HEAD /api/v1/timeseries/batch", 405),
        ("PUT /api/v1/timeseries/batch", 405),
        ("OPTIONS /api/v1/timeseries/batch", 405),
        ("POST /api/v1/health", 405),
        ("BREW /api/v1/health", 405),
        ("GET /", 404),
        ("GET /api/v1/", 404),
        ("GET /api/v1/timeseries/batch/x", 404),
        ("GET /api/v1/../../etc/passwd", 404),
        ("GET /api/v1/%2e%2e%2f%2e%2e/etc/passwd", 404),
        ("GET /%ff%fe%00", 404),
        ("GET /" + "a" * 5_000, 404),
        ("GET /redoc", 404),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_what_is_not_there_is_said_in_the_one_form(
    gateway: ServedGateway, start: str, status: int, version: str
) -> None:
    answer = exchanged(gateway.port, head(gateway, start=f"{start} HTTP/{version}".encode()))
    if start.startswith("BREW"):
        assert answer.status in (400, status)
        return
    assert answer.status == status
    if not start.startswith("HEAD"):
        assert answer.problem["code"] == {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}[status]


def test_http_1_0_is_answered(gateway: ServedGateway) -> None:
    start = f"POST {BATCH} HTTP/1.0".encode()
    body = orjson.dumps({"records": [record()]})
    answer = exchanged(
        gateway.port, head(gateway, b"Content-Length: %d" % len(body), start=start), body
    )
    assert answer.status == 200


def test_the_description_of_the_interface_is_there(gateway: ServedGateway) -> None:
    for path in ("/api/v1/openapi.json", "/api/v1/docs"):
        assert httpx.get(gateway.url + path).status_code == 200


@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "api_key"])
def test_a_token_in_the_address_opens_nothing(gateway: ServedGateway, name: str) -> None:
    answer = httpx.post(
        f"{gateway.url}{BATCH}", params={name: gateway.token}, json={"records": [record()]}
    )
    assert answer.status_code == 401
    assert gateway.token not in answer.text


def test_the_log_is_json_without_secrets_or_bodies(tmp_path: Path) -> None:
    with served_gateway(tmp_path) as running:
        marked = "marked-value-in-the-body"
        sent = [
            record(idempotency_key=marked),
            record(site_id=marked),
            record(value=marked),
        ]
        assert running.post(*sent).status_code == 200
        bearer = {"Authorization": f"Bearer {running.token}", "X-Secret": marked}
        httpx.post(running.url + BATCH, content=marked.encode(), headers=bearer)
        httpx.post(f"{running.url}{BATCH}?token={running.token}", headers={"Cookie": marked})
        httpx.post(running.url + BATCH, headers={"Authorization": f"Bearer cei_int_{marked}"})
        httpx.post(
            running.url + "/api/v1/upload-csv",
            files={"file": (f"{marked}.csv", marked.encode())},
            data={"timezone": marked},
            headers=bearer,
        )
        httpx.get(
            running.url + "/api/v1/timeseries/summary",
            params={"site_id": marked, "token": running.token},
            headers=bearer,
        )
        exchanged(running.port, b"nonsense " + marked.encode() + b"\r\n\r\n")
    log = running.log()
    assert running.token not in log
    assert running.token.removeprefix("cei_int_") not in log
    assert marked not in log
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 422, 401, 401, 200, 404]
    assert all(line["request_id"] and "milliseconds" in line for line in requests)
    first = requests[0]
    assert (first["ingested"], first["skipped_duplicate"], first["failed"]) == (1, 0, 2)


START = f"POST {BATCH} HTTP/1.1\r\nHost: x\r\n".encode()


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"POST /", b"a" * 65_536),
        (START + b"X-Long: ", b"a" * 65_536),
        (START, b"X-Many: abc\r\n" * 5_000),
        (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: abc\r\n" * 5_000),
        (START + b"Transfer-Encoding: chunked\r\n\r\n1;a=", b"a" * 65_536),
    ],
    ids=["address", "header", "headers", "trailers", "extension of a chunk"],
)
def test_heads_without_end_are_cut_off(gateway: ServedGateway, start: bytes, piece: bytes) -> None:
    before = gateway.resident_bytes
    sent = 0
    with (
        socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as line,
        suppress(ConnectionError),
    ):
        line.sendall(start)
        while sent < 200 << 20:
            sent += line.send(piece)
    assert sent < 20 << 20
    assert gateway.resident_bytes - before < 20 << 20


def test_a_large_head_is_refused_with_words(gateway: ServedGateway) -> None:
    answer = exchanged(gateway.port, START, b"X-Long: " + b"a" * 40_000, b"a" * 40_000, pause=0.3)
    assert answer.status == 431
    assert answer.problem["code"] == "HEAD_TOO_LARGE"


@pytest.mark.parametrize("start", [b"", b"POST /", START], ids=["nothing", "address", "headers"])
def test_a_head_that_does_not_come_is_408(gateway: ServedGateway, start: bytes) -> None:
    answer = exchanged(gateway.port, start)
    assert answer.status == 408
    assert answer.problem["code"] == "REQUEST_TIMEOUT"


def test_a_second_head_on_a_line_has_its_own_time(gateway: ServedGateway) -> None:
    health = b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as line:
        for _ in range(2):
            line.sendall(health)
            assert _read(line, has_body=True).status == 200
            time.sleep(HEAD_SECONDS + 0.3)
        line.sendall(health[:-2])
        assert _read(line, has_body=True).status == 408
        assert line.recv(1) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        START + b"Content-Length: 99999999999999999999999\r\n\r\n",
        START + b"Content-Length: -1\r\n\r\n",
        START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        START + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + b"No colon\r\n\r\n",
    ],
    ids=[
        "nonsense",
        "TLS",
        "length beyond numbers",
        "negative length",
        "two lengths",
        "length and chunks",
        "no length of a chunk",
        "no header",
    ],
)
def test_what_is_no_http_is_refused_and_cut_off(gateway: ServedGateway, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as line:
        line.sendall(sent)
        try:
            answer = _read(line, has_body=True)
        except AssertionError as error:
            assert "was closed" in str(error)  # noqa: PT017 - amid a request nothing can be said
            return
        assert answer.status in (400, 401)
        assert answer.problem["code"] in ("BAD_REQUEST", "UNAUTHORIZED")


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_other_protocols_are_not_spoken(gateway: ServedGateway, protocol: bytes) -> None:
    lines = [b"Connection: Upgrade", b"Upgrade: " + protocol, b"Sec-WebSocket-Version: 13"]
    lines.append(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    start = b"GET /api/v1/timeseries/batch HTTP/1.1"
    answer = exchanged(gateway.port, head(gateway, *lines, start=start))
    assert answer.status == 405
    assert answer.problem["code"] == "METHOD_NOT_ALLOWED"


def test_too_many_connections_are_told_to_wait(tmp_path: Path) -> None:
    with served_gateway(tmp_path, gateway_max_connections=5) as running:
        idle = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(4)]
        assert running.post(record()).status_code == 200
        idle.append(socket.create_connection(("127.0.0.1", running.port)))
        answer = running.post(record())
        for line in idle:
            line.close()
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["code"] == "BUSY"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        until = time.monotonic() + 30
        while running.post(record()).status_code != 200:
            assert time.monotonic() < until
