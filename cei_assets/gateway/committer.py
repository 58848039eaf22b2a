"""Group commit: batches of many requests to disk at once, in one order, then their answers."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Engine, delete, select, text

from cei_assets.contracts.vocabulary import RecordCode
from cei_assets.core.intake.batch_judge import JudgedBatch, Refusal
from cei_assets.core.intake.idempotency import KeyLedger, KeyVerdict, slots_of
from cei_assets.gateway.journal import Journal
from cei_assets.gateway.state.database import autocommitting
from cei_assets.gateway.state.keys import KeyStore
from cei_assets.gateway.state.tables import JOURNALS

_LOGGER = logging.getLogger("cei.gateway")
_GROUP_RECORDS = 20_000
_IDLE_SECONDS = 0.5
_ANNOUNCE = text(
    "INSERT INTO journals (name, committed_bytes) VALUES (:name, :size) "
    "ON CONFLICT (name) DO UPDATE SET committed_bytes = :size"
)
# It waits for a transaction that announced the name, should one still be going on in the server.
_COUNTED = text(
    "INSERT INTO journals (name, committed_bytes) VALUES (:name, 0) "
    "ON CONFLICT (name) DO UPDATE SET committed_bytes = journals.committed_bytes "
    "RETURNING committed_bytes"
)
_DUPLICATE = "idempotency_key is stored with the same payload; nothing was added"
_CONFLICT = "idempotency_key is stored with another payload; the stored value stays"
_OUR_FAULT = "the platform could not store the record; send it again with the same key"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A judged batch with what the journal keeps of its request.

    `body` is the body as received, on one line; `received_at` is naive UTC.
    """

    request_id: str
    organization_id: str
    token_id: str
    received_at: datetime
    body: bytes
    batch: JudgedBatch


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of the records: ingested + skipped_duplicate + failed = records sent."""

    ingested: int
    skipped_duplicate: int
    failed: int
    errors: Sequence[Refusal]


@dataclass(frozen=True, kw_only=True)
class _Resolved:
    answer: Answer
    line: bytes


class Committer:
    """A thread that commits what requests hand in; `submit` is safe to call from any thread.

    A group's lines are synced to the journal, then keys and the journal's new length are committed
    to the state: that is the moment from which the records count. A process killed before it
    leaves a tail that recovery cuts off, one killed after it has everything.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        keys: KeyStore,
        journal: Journal,
        clock: Callable[[], datetime],
        seal_seconds: float,
        seal_bytes: int,
        on_idle: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._journal = journal
        self._clock = clock
        self._seal_seconds = seal_seconds
        self._seal_bytes = seal_bytes
        self._on_idle = on_idle
        self._queue: queue.SimpleQueue[tuple[Arrival, Future[Answer]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="commit", daemon=True)
        self._connection = autocommitting(engine)
        self._is_in_doubt = False

    def start(self) -> None:
        """Recovers what an earlier process left, then takes batches."""
        self._keys.prepare(self._connection)
        known = self._connection.execute(select(JOURNALS)).all()
        found = self._journal.recover({row.name: row.committed_bytes for row in known})
        self._connection.execute(delete(JOURNALS).where(JOURNALS.c.name.in_(found)))
        self._thread.start()

    def submit(self, arrival: Arrival) -> Future[Answer]:
        """The answer, once the batch is durable."""
        future: Future[Answer] = Future()
        # A request that is given up cannot take its batch back, nor may it stop the commit.
        future.set_running_or_notify_cancel()
        self._queue.put((arrival, future))
        return future

    def stop(self) -> None:
        """Commits what was submitted, hands the journal over and ends the thread."""
        self._queue.put(None)
        self._thread.join()
        self._keys.close()
        self._connection.close()

    @property
    def journals(self) -> tuple[tuple[str, int], ...]:
        """Names and committed bytes of the journals that the pipeline has not got yet."""
        return self._journal.positions

    def _run(self) -> None:
        is_running = True
        while is_running:
            group, is_running = self._next_group()
            if group:
                self._commit(group)
            self._tidy(is_last=not is_running)

    def _next_group(self) -> tuple[list[tuple[Arrival, Future[Answer]]], bool]:
        group: list[tuple[Arrival, Future[Answer]]] = []
        records = 0
        try:
            item = self._queue.get(timeout=_IDLE_SECONDS)
            while True:
                if item is None:
                    return group, False
                group.append(item)
                records += item[0].batch.records
                if records >= _GROUP_RECORDS:
                    return group, True
                item = self._queue.get_nowait()
        except queue.Empty:
            return group, True

    def _commit(self, group: list[tuple[Arrival, Future[Answer]]]) -> None:
        try:
            self._settle_doubt()
            answers = self._store([arrival for arrival, _ in group])
        except Exception:
            _LOGGER.exception("a group of batches could not be stored; its senders are told so")
            self._is_in_doubt = True
            answers = [_failed(arrival) for arrival, _ in group]
        for (_, future), answer in zip(group, answers, strict=True):
            future.set_result(answer)

    def _store(self, arrivals: list[Arrival]) -> list[Answer]:
        run = self._connection
        self._journal.prepare(self._clock())
        run.exec_driver_sql("BEGIN")
        # A write first: it takes SQLite's lock, so that nobody can come between reading and adding.
        run.execute(_ANNOUNCE, {"name": self._journal.name, "size": self._journal.committed})
        stored = self._keys.find(run, slots_of(arrival.batch.valid for arrival in arrivals))
        ledger = KeyLedger(stored, find=lambda slot: self._keys.find(run, [slot]).get(slot))
        resolved = [_resolve(arrival, ledger) for arrival in arrivals]
        lines = b"".join(one.line for one in resolved)
        size = self._journal.committed + len(lines)
        self._journal.append(lines, now=self._clock())
        if ledger.added:
            self._keys.add(run, ledger.added)
        run.execute(_ANNOUNCE, {"name": self._journal.name, "size": size})
        run.exec_driver_sql("COMMIT")
        self._journal.commit(size)
        return [one.answer for one in resolved]

    def _settle_doubt(self) -> None:
        """After a failure, back to the last commit; the connection is opened anew.

        Whether a commit whose answer was lost took place, only the state knows. Until it can be
        asked, the journal keeps what was appended, and nothing is added.
        """
        if not self._is_in_doubt:
            return
        self._connection.close()
        self._connection = autocommitting(self._engine)
        self._keys.prepare(self._connection)
        if self._journal.name:
            counted = self._connection.execute(_COUNTED, {"name": self._journal.name})
            self._journal.commit(int(counted.scalar_one()))
        self._journal.roll_back()
        self._is_in_doubt = False

    def _tidy(self, *, is_last: bool) -> None:
        journal = self._journal
        try:
            self._settle_doubt()
            if is_last or (
                journal.age_seconds >= self._seal_seconds or journal.committed >= self._seal_bytes
            ):
                sealed = journal.seal()
                self._connection.execute(delete(JOURNALS).where(JOURNALS.c.name.in_(sealed)))
            self._keys.tidy(self._connection)
            self._on_idle()
        except Exception:
            _LOGGER.exception("tidying up failed; it is tried again")


def _resolve(arrival: Arrival, ledger: KeyLedger) -> _Resolved:
    """Answer and journal line of a batch; its new keys are held by the ledger from now on."""
    batch = arrival.batch
    skipped: list[Refusal] = []
    conflicts: list[Refusal] = []
    for record in batch.valid:
        verdict = ledger.judge(record)
        if verdict is not KeyVerdict.NEW:
            is_same = verdict is KeyVerdict.DUPLICATE
            (skipped if is_same else conflicts).append(
                Refusal(
                    index=record.position,
                    code=RecordCode.DUPLICATE_IDEMPOTENCY_KEY.value,
                    detail=_DUPLICATE if is_same else _CONFLICT,
                )
            )
    failed = [*batch.refused, *conflicts]
    failed.sort(key=_by_index)
    errors = sorted([*failed, *skipped], key=_by_index) if skipped else failed
    return _Resolved(
        answer=Answer(
            ingested=batch.records - len(errors),
            skipped_duplicate=len(skipped),
            failed=len(failed),
            errors=errors,
        ),
        line=_line(arrival, skipped=[one.index for one in skipped], failed=failed),
    )


def _by_index(refusal: Refusal) -> int:
    return refusal.index


def _line(arrival: Arrival, *, skipped: list[int], failed: list[Refusal]) -> bytes:
    head = orjson.dumps(
        {
            "receipt": {
                "request_id": arrival.request_id,
                "organization_id": arrival.organization_id,
                "token_id": arrival.token_id,
                "received_at_utc": arrival.received_at,
            },
            "verdict": {"skipped": skipped, "failed": failed},
        },
        option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC,
    )
    return b'%s,"body":%s}\n' % (head[:-1], arrival.body)


def _failed(arrival: Arrival) -> Answer:
    refused = {refusal.index: refusal for refusal in arrival.batch.refused}
    errors = [
        refused.get(index)
        or Refusal(index=index, code=RecordCode.INTERNAL_ERROR.value, detail=_OUR_FAULT)
        for index in range(arrival.batch.records)
    ]
    return Answer(ingested=0, skipped_duplicate=0, failed=len(errors), errors=errors)
