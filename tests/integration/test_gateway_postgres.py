"""The gateway with its state on a real PostgreSQL server, alone and with a second gateway."""

import random
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from cei_assets.cli.app import app
from tests.live_gateway import LiveGateway, live_gateway, record, write_register
from tests.postgres_server import PostgresServer, postgres_server

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
COUNTERS = ("ingested", "skipped_duplicate", "failed")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def address(server: PostgresServer) -> str:
    return server.database()


def counters(answer: httpx.Response) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    return tuple(answer.json()[name] for name in COUNTERS)


def hours(count: int, **fields: object) -> list[dict[str, object]]:
    """Different intervals, keyed by their number."""
    return [
        record(
            timestamp_utc=f"{FIRST + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}",
            idempotency_key=f"k{hour}",
            value=hour,
            **fields,
        )
        for hour in range(count)
    ]


def taken(lines: Iterable[dict]) -> Counter[str]:
    """How often each key was taken, by the lines that go to the pipeline."""
    found: Counter[str] = Counter()
    for line in lines:
        left_out = set(line["verdict"]["skipped"])
        left_out |= {one["index"] for one in line["verdict"]["failed"]}
        found.update(
            one["idempotency_key"]
            for index, one in enumerate(line["body"]["records"])
            if index not in left_out
        )
    return found


def test_records_duplicates_and_conflicts_are_told_apart(tmp_path: Path, address: str) -> None:
    first = record(idempotency_key="k1")
    with live_gateway(tmp_path, gateway_state_url=address) as gateway:
        assert counters(gateway.post(first)) == (1, 0, 0)
        assert counters(gateway.post(first, first)) == (0, 2, 0)
        assert counters(gateway.post(first | {"value": 1})) == (0, 0, 1)
        theirs = gateway.post(
            first | {"site_id": "works"}, token=gateway.token_for(organization_id="other")
        )
        assert counters(theirs) == (1, 0, 0)
        assert taken(gateway.landed()) == {"k1": 2}
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_restart_keeps_keys_tokens_and_rates(tmp_path: Path, address: str) -> None:
    many = hours(1_000)
    with live_gateway(tmp_path, gateway_state_url=address) as gateway:
        slow = gateway.token_for(requests_per_minute=1)
        assert gateway.post(record(), token=slow).status_code == 200
        assert counters(gateway.post(*many)) == (1_000, 0, 0)
        token = gateway.token.secret
        time.sleep(1.1)
        gateway.post(record(), token=slow)
    with live_gateway(tmp_path, gateway_state_url=address) as again:
        assert counters(again.post(*many, token=token)) == (0, 1_000, 0)
        assert again.post(record(), token=slow).status_code == 429


def test_tokens_of_the_command_line_open_and_close_the_gateway(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_register(tmp_path)
    monkeypatch.setenv("CEI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CEI_GATEWAY_STATE_URL", address)
    run = CliRunner()
    made = run.invoke(app, ["token", "create", "line1", "--organization", "acme"])
    assert made.exit_code == 0, made.output
    secret, token_id = made.stdout.strip(), made.stderr.split()[1].strip(",")
    with live_gateway(tmp_path, gateway_state_url=address) as gateway:
        assert counters(gateway.post(record(), token=secret)) == (1, 0, 0)
        assert run.invoke(app, ["token", "revoke", token_id]).exit_code == 0
        assert gateway.post(record(), token=secret).status_code == 401


def test_two_gateways_take_the_same_records_once(tmp_path: Path, address: str) -> None:
    many = hours(800)
    with (
        live_gateway(tmp_path / "a", gateway_state_url=address) as first,
        live_gateway(tmp_path / "b", gateway_state_url=address) as second,
    ):

        def send(gateway: LiveGateway, seed: int) -> tuple[int, ...]:
            mixed = random.Random(seed).sample(many, len(many))  # noqa: S311 - an order, no secret
            answers = [
                counters(gateway.post(*mixed[start : start + 100]))
                for start in range(0, len(mixed), 100)
            ]
            return tuple(map(sum, zip(*answers, strict=True)))

        with ThreadPoolExecutor(4) as senders:
            totals = list(senders.map(send, [first, second, first, second], range(4)))
        assert sum(total[0] for total in totals) == len(many)
        assert sum(total[1] for total in totals) == 3 * len(many)
        assert taken(first.landed()) + taken(second.landed()) == Counter(
            one["idempotency_key"] for one in many
        )


def test_each_gateway_recovers_its_own_journal(tmp_path: Path, address: str) -> None:
    one, other = hours(2)
    with (
        live_gateway(tmp_path / "a", gateway_state_url=address) as first,
        live_gateway(tmp_path / "b", gateway_state_url=address) as second,
    ):
        assert counters(first.post(one)) == (1, 0, 0)
        assert counters(second.post(other)) == (1, 0, 0)
        # As a power cut would leave the folders, with a line that was not acknowledged.
        for name in ("a", "b"):
            shutil.copytree(tmp_path / name, tmp_path / f"cut {name}")
            (journal,) = (tmp_path / f"cut {name}" / "gateway" / "journal").iterdir()
            with journal.open("ab") as file:
                file.write(b'{"never": "acknowledged"}\n')
        for name, record_sent in (("a", one), ("b", other)):
            with live_gateway(tmp_path / f"cut {name}", gateway_state_url=address) as again:
                assert taken(again.landed()) == {record_sent["idempotency_key"]: 1}


def test_broken_connections_lose_and_double_nothing_that_was_acknowledged(
    tmp_path: Path, server: PostgresServer, address: str
) -> None:
    many = hours(300)
    batches = [many[start : start + 10] for start in range(0, len(many), 10)]
    with (
        server.connect() as administrator,
        live_gateway(tmp_path, gateway_state_url=address) as gateway,
        ThreadPoolExecutor(3) as senders,
    ):
        sent = [senders.submit(_sent_until_acknowledged, gateway, batch) for batch in batches]
        for future in sent[::6]:
            future.result()
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        assert all(future.result() for future in sent)
        assert counters(gateway.post(*many)) == (0, len(many), 0)
        assert taken(gateway.landed()) == {one["idempotency_key"]: 1 for one in many}


def _sent_until_acknowledged(gateway: LiveGateway, batch: list[dict[str, object]]) -> bool:
    for _ in range(20):
        answer = gateway.post(*batch)
        if answer.status_code == 500:
            continue
        told = answer.json()
        if told["ingested"] + told["skipped_duplicate"] == len(batch):
            return True
        assert {error["code"] for error in told["errors"]} <= {
            "INTERNAL_ERROR",
            "DUPLICATE_IDEMPOTENCY_KEY",
        }
    return False


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A line to the server that can break.

    `is_armed`: the next COMMIT reaches the server, its answer does not come back. `is_down`: no
    connection is made.
    """

    port: int
    is_armed: threading.Event
    is_down: threading.Event


@contextmanager
def breaking_proxy(server: PostgresServer) -> Iterator[Proxy]:
    """A proxy before the server."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(
        port=listener.getsockname()[1], is_armed=threading.Event(), is_down=threading.Event()
    )

    def pass_on(source: socket.socket, target: socket.socket, *, is_client: bool) -> None:
        with source, target, suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
                if is_client and b"COMMIT" in data and proxy.is_armed.is_set():
                    proxy.is_armed.clear()
                    source.shutdown(socket.SHUT_RDWR)
                    time.sleep(0.3)
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                if proxy.is_down.is_set():
                    client.close()
                    continue
                upstream = socket.create_connection(("127.0.0.1", server.port))
                for source, target in ((client, upstream), (upstream, client)):
                    threading.Thread(
                        target=pass_on,
                        args=(source, target),
                        kwargs={"is_client": source is client},
                        daemon=True,
                    ).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize("is_down_after", [False, True], ids=["back at once", "down for a while"])
def test_a_commit_whose_answer_is_lost_is_found_out_about(
    tmp_path: Path, server: PostgresServer, address: str, is_down_after: bool
) -> None:
    database = str(make_url(address).database)
    before, during, after = hours(3)
    with (
        breaking_proxy(server) as proxy,
        live_gateway(
            tmp_path,
            gateway_state_url=server.address(database, port=proxy.port),
            gateway_seal_seconds=0.1,
        ) as gateway,
    ):
        assert counters(gateway.post(before)) == (1, 0, 0)
        proxy.is_armed.set()
        if is_down_after:
            proxy.is_down.set()
        gateway.post(during)
        assert not proxy.is_armed.is_set()
        if is_down_after:
            # Long enough for the gateway to try, and to hand its journal over if it dared.
            time.sleep(1.5)
            proxy.is_down.clear()
        assert _sent_until_acknowledged(gateway, [during])
        assert _sent_until_acknowledged(gateway, [after])
        assert taken(gateway.landed()) == {"k0": 1, "k1": 1, "k2": 1}
