"""Requests a minute of every token, counted in memory and kept in the state."""

import threading
from collections import Counter, deque
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, text

from cei_assets.gateway.state.database import autocommitting
from cei_assets.gateway.state.tables import RATE_WINDOWS
from cei_assets.gateway.state.tokens import note_use

WINDOW_SECONDS = 60
_ADD = text(
    "INSERT INTO rate_windows (token_id, second, requests) VALUES (:token_id, :second, :requests) "
    "ON CONFLICT (token_id, second) "
    "DO UPDATE SET requests = rate_windows.requests + excluded.requests"
)


class Rates:
    """A sliding window of a minute for each token, and when each was last used.

    `save` adds what is new to the state, about once a second: a restart forgets a second at most.
    Gateways that share a state count each for itself; what they save adds up.
    """

    def __init__(self, engine: Engine, *, now: float) -> None:
        self._engine = engine
        self._requests: dict[str, deque[float]] = {}
        self._unsaved: Counter[tuple[str, int]] = Counter()
        self._used: dict[str, datetime] = {}
        self._saved_at = now
        self._lock = threading.Lock()
        with autocommitting(engine) as connection:
            rows = connection.execute(
                select(RATE_WINDOWS)
                .where(RATE_WINDOWS.c.second > now - WINDOW_SECONDS)
                .order_by(RATE_WINDOWS.c.second)
            )
            for row in rows:
                requests = self._requests.setdefault(row.token_id, deque())
                requests.extend([float(row.second)] * row.requests)

    def take(self, token_id: str, *, limit: int, now: float, moment: datetime) -> float | None:
        """Counts a request at `now` (seconds since 1970; `moment` is the same, naive UTC).

        None when it is within the limit, else the seconds until one is.
        """
        with self._lock:
            requests = self._requests.setdefault(token_id, deque())
            while requests and requests[0] <= now - WINDOW_SECONDS:
                requests.popleft()
            self._used[token_id] = moment
            if len(requests) >= limit:
                return requests[-limit] + WINDOW_SECONDS - now
            requests.append(now)
            self._unsaved[token_id, int(now)] += 1
            return None

    def save(self, *, now: float) -> None:
        """Writes what is new since the last call that succeeded, unless that was just now."""
        if now - self._saved_at < 1:
            return
        with self._lock:
            counts, self._unsaved = self._unsaved, Counter()
            used, self._used = self._used, {}
        try:
            if used:
                with self._engine.begin() as connection:
                    _write(connection, used, counts, now)
        except Exception:
            with self._lock:
                self._unsaved.update(counts)
                self._used = used | self._used
            raise
        self._saved_at = now


def _write(
    connection: Connection,
    used: dict[str, datetime],
    counts: Counter[tuple[str, int]],
    now: float,
) -> None:
    connection.execute(delete(RATE_WINDOWS).where(RATE_WINDOWS.c.second <= now - WINDOW_SECONDS))
    if counts:
        # In order: gateways that share a state then never wait for each other in a circle.
        connection.execute(
            _ADD,
            [
                {"token_id": token_id, "second": second, "requests": requests}
                for (token_id, second), requests in sorted(counts.items())
            ],
        )
    note_use(connection, used)
