"""Kills the gateway under load, again and again: what was acknowledged is there, once.

Run `python benchmarks/gateway_kills.py [ROUNDS]` from the repository. In every round a gateway is
started on the same data folder and gets batches from several clients at once, partly of records
that were sent before; at a random moment it gets SIGKILL. Clients send again what was not
answered. Journals are sealed and keys settled many times a second, so that kills fall into these
too. At the end every record must be in the landed lines exactly once, whether it was acknowledged
in time or sent again, and intake must count the same.
"""

import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from batch_load import Exchange, connect, records, request
from gateway_installation import start_gateway, token_of, write_installation

ROUNDS = 1_000
CLIENTS = 3
MOST_SECONDS = 0.6
SETTINGS = {
    "gateway_seal_seconds": 0.2,
    "gateway_seal_bytes": 200_000,
    "gateway_settle_keys": 2_000,
}


@dataclass(kw_only=True)
class Client:
    """Sends its own records in order, in batches of random size, some of them twice."""

    number: int
    chance: random.Random
    next_record: int = 0
    unanswered: tuple[int, int] | None = None
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def prefix(self) -> str:
        """What its keys begin with."""
        return f"c{self.number}"

    def work(self, *, port: int, token: str) -> None:
        """Until the gateway dies."""
        try:
            with connect(port) as connection:
                exchange = Exchange(connection=connection)
                while True:
                    self._send(exchange, token)
        except OSError:
            return

    def _send(self, exchange: Exchange, token: str) -> None:
        first, count = self.unanswered or self._next()
        self.unanswered = (first, count)
        batch = records(first=first, count=count, prefix=self.prefix)
        status, body = exchange.whole(request(batch, token=token))
        if status != 200:
            raise RuntimeError(f"answer {status}: {body[:300]!r}")
        answer = json.loads(body)
        if answer["failed"] or answer["ingested"] + answer["skipped_duplicate"] != count:
            raise RuntimeError(f"counters do not add up to {count}: {body[:300]!r}")
        self.answers.update(
            {name: answer[name] for name in ("ingested", "skipped_duplicate", "failed")}
        )
        self.acknowledged.update(str(record["idempotency_key"]) for record in batch)
        self.unanswered = None
        self.next_record = max(self.next_record, first + count)

    def _next(self) -> tuple[int, int]:
        count = self.chance.choice([1, 3, 24, 200])
        if self.next_record and self.chance.random() < 0.2:
            return self.chance.randrange(self.next_record), min(count, self.next_record)
        return self.next_record, count


def one_round(root: Path, clients: list[Client], token: str, chance: random.Random) -> None:
    """Start, load, kill."""
    gateway = start_gateway(root, SETTINGS)
    threads = [
        threading.Thread(target=client.work, kwargs={"port": gateway.port, "token": token})
        for client in clients
    ]
    for thread in threads:
        thread.start()
    time.sleep(chance.random() * MOST_SECONDS)
    os.kill(gateway.process.pid or 0, signal.SIGKILL)
    gateway.process.join()
    for thread in threads:
        thread.join()


def landed_keys(root: Path) -> Counter[str]:
    """How often each key was accepted, over all lines that the pipeline gets."""
    found: Counter[str] = Counter()
    for path in (root / "landing" / "cei_api").glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            batch = json.loads(line)
            refused = {one["index"] for one in batch["verdict"]["failed"]}
            refused.update(batch["verdict"]["skipped"])
            found.update(
                record["idempotency_key"]
                for index, record in enumerate(batch["body"]["records"])
                if index not in refused
            )
    return found


def accepted_by_intake(root: Path) -> int:
    """Rows that the pipeline takes from what landed."""
    from cei_assets.contracts.vocabulary import UploadSource
    from cei_assets.settings import Settings
    from cei_assets.storage.register import load_register
    from cei_assets.storage.taking_in import claim, judge_days

    settings = Settings(data_dir=root, settle_seconds=0)
    claimed = claim(UploadSource.CEI_API, settings=settings, received_at=settings.now())
    days = sorted({receipt.received_date for receipt in claimed.receipts})
    return judge_days(days, register=load_register(settings.paths), settings=settings).rows_accepted


def main() -> None:
    """The rounds, then the count."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    chance = random.Random(20261121)  # noqa: S311 - moments of kills
    clients = [
        Client(number=number, chance=random.Random(number))  # noqa: S311 - sizes of batches
        for number in range(CLIENTS)
    ]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_installation(root)
        token = token_of(root)
        for number in range(1, rounds + 1):
            one_round(root, clients, token, chance)
            if number % 50 == 0:
                sent = sum(client.next_record for client in clients)
                print(f"{number} kills, {sent} records sent", flush=True)
        stop_orderly(root, clients, token)
        found = landed_keys(root)
        acknowledged = set().union(*(client.acknowledged for client in clients))
        lost = acknowledged - found.keys()
        doubled = [key for key, times in found.items() if times > 1]
        answers = sum((client.answers for client in clients), Counter())
        print(
            f"{rounds} kills in {timedelta(seconds=int(time.perf_counter() - started))}, "
            f"{datetime.now().astimezone():%Y-%m-%d}\n"
            f"records acknowledged {len(acknowledged)}, lost {len(lost)}, doubled {len(doubled)}\n"
            f"answers: {dict(answers)}\n"
            f"records in landed lines {len(found)}, rows intake accepts {accepted_by_intake(root)}"
        )
        if lost or doubled:
            raise SystemExit(1)


def stop_orderly(root: Path, clients: list[Client], token: str) -> None:
    """A last gateway takes what was not answered and hands everything over."""
    gateway = start_gateway(root, SETTINGS)
    for client in clients:
        if client.unanswered is not None:
            with connect(gateway.port) as connection:
                client._send(Exchange(connection=connection), token)  # noqa: SLF001 - own class
    os.kill(gateway.process.pid or 0, signal.SIGTERM)
    gateway.process.join()


if __name__ == "__main__":
    multiprocessing.set_start_method("forkserver")
    main()
