"""Requests a minute: a sliding window of each token that outlives the process."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from cei_assets.gateway.state.database import open_state
from cei_assets.gateway.state.rates import Rates
from cei_assets.gateway.state.tokens import NewToken, Scope, create_token, list_tokens
from cei_assets.settings import Settings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = NOW.timestamp()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Engine]:
    engine = open_state(Settings(data_dir=tmp_path))
    yield engine
    engine.dispose()


def take(rates: Rates, *, at: float, who: str = "a", limit: int = 3) -> float | None:
    moment = (NOW + timedelta(seconds=at)).replace(tzinfo=None)
    return rates.take(who, limit=limit, now=START + at, moment=moment)


def new_token(state: Engine) -> NewToken:
    now = NOW.replace(tzinfo=None)
    return create_token(
        state,
        name="test",
        organization_id="acme",
        scopes=frozenset({Scope.INGEST}),
        expires_at=now + timedelta(days=1),
        now=now,
    )


def test_the_limit_is_of_any_sixty_seconds(state: Engine) -> None:
    rates = Rates(state, now=START)
    assert [take(rates, at=at) for at in (0, 10, 59)] == [None, None, None]
    assert take(rates, at=59.5) == pytest.approx(0.5)
    assert take(rates, at=60) is None
    assert take(rates, at=60) == pytest.approx(10)


def test_a_refused_request_does_not_count(state: Engine) -> None:
    rates = Rates(state, now=START)
    for at in range(60):
        take(rates, at=at, limit=1)
    assert take(rates, at=60, limit=1) is None


def test_every_token_has_a_window_of_its_own(state: Engine) -> None:
    rates = Rates(state, now=START)
    assert take(rates, at=0, limit=1) is None
    assert take(rates, at=0, limit=1, who="b") is None


def test_windows_survive_a_restart(state: Engine) -> None:
    rates = Rates(state, now=START)
    for at in (0.2, 0.3, 5):
        take(rates, at=at)
    rates.save(now=START + 6)
    again = Rates(state, now=START + 7)
    assert take(again, at=7) is not None
    assert take(again, at=61) is None


def test_a_window_of_long_ago_is_forgotten(state: Engine) -> None:
    rates = Rates(state, now=START)
    take(rates, at=0, limit=1)
    rates.save(now=START + 2)
    assert take(Rates(state, now=START + 100), at=100, limit=1) is None
    rates.save(now=START + 200)
    take(rates, at=201, who="b")
    rates.save(now=START + 202)
    with state.connect() as connection:
        tokens = connection.execute(text("SELECT token_id FROM rate_windows")).scalars().all()
    assert tokens == ["b"]


def test_saving_again_counts_nothing_twice(state: Engine) -> None:
    rates = Rates(state, now=START)
    for at in (0, 2, 4):
        take(rates, at=at, limit=10)
        rates.save(now=START + at + 1)
    again = Rates(state, now=START + 6)
    assert [take(again, at=6, limit=5) for _ in range(3)] == [None, None, pytest.approx(54)]


def test_windows_of_two_gateways_add_up(state: Engine) -> None:
    first, second = (Rates(state, now=START) for _ in range(2))
    for rates in (first, second):
        take(rates, at=0)
    for rates in (first, second):
        rates.save(now=START + 2)
    again = Rates(state, now=START + 3)
    assert [take(again, at=3), take(again, at=3)] == [None, pytest.approx(57)]


def test_what_could_not_be_saved_is_saved_later(state: Engine) -> None:
    token = new_token(state).token
    rates = Rates(state, now=START)
    take(rates, at=0, who=token.token_id, limit=1)
    with state.begin() as connection:
        connection.execute(text("ALTER TABLE rate_windows RENAME TO away"))
    with pytest.raises(OperationalError):
        rates.save(now=START + 2)
    with state.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO rate_windows"))
    rates.save(now=START + 4)
    again = Rates(state, now=START + 5)
    assert take(again, at=5, who=token.token_id, limit=1) is not None
    assert list_tokens(state)[0].last_used_at_utc == NOW.replace(tzinfo=None)


def test_the_last_use_never_goes_back(state: Engine) -> None:
    token = new_token(state).token
    early, late = (Rates(state, now=START) for _ in range(2))
    take(late, at=30, who=token.token_id)
    take(early, at=10, who=token.token_id)
    late.save(now=START + 31)
    early.save(now=START + 31)
    (kept,) = list_tokens(state)
    assert kept.last_used_at_utc == (NOW + timedelta(seconds=30)).replace(tzinfo=None)
