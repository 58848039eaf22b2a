"""Tokens in the state: made once, kept as digests, closed by time or by hand."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cei_assets.gateway.state.database import StateAddressError, autocommitting, open_state
from cei_assets.gateway.state.tokens import (
    NewToken,
    Scope,
    Token,
    TokenError,
    create_token,
    find_token,
    list_tokens,
    revoke_token,
    rotate_token,
)
from cei_assets.settings import Settings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).replace(tzinfo=None)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Engine]:
    engine = open_state(Settings(data_dir=tmp_path))
    yield engine
    engine.dispose()


def new(state: Engine, **fields: object) -> NewToken:
    wanted: dict[str, object] = {
        "name": "line1",
        "organization_id": "acme",
        "scopes": frozenset({Scope.INGEST}),
        "expires_at": NOW + DAY,
        "now": NOW,
    }
    return create_token(state, **(wanted | fields))


def found(state: Engine, secret: str) -> Token | None:
    with autocommitting(state) as connection:
        return find_token(connection, secret)


def test_a_token_is_a_prefix_and_43_random_characters(state: Engine) -> None:
    secrets = {new(state).secret for _ in range(20)}
    assert len(secrets) == 20
    assert all(re.fullmatch(r"cei_int_[A-Za-z0-9_-]{43}", secret) for secret in secrets)


def test_a_token_is_found_by_its_secret_only(state: Engine) -> None:
    made = new(state, scopes=frozenset({Scope.READ, Scope.UPLOAD}), requests_per_minute=7)
    new(state)
    assert found(state, made.secret) == made.token
    for wrong in ("", "cei_int_", made.secret[:-1], made.secret + "A", made.token.token_id):
        assert found(state, wrong) is None


@pytest.mark.parametrize("wrong", ["\udcff", "\x00", "é" * 1000, "' OR 1=1 --"])
def test_a_secret_of_any_text_is_looked_up_without_error(state: Engine, wrong: str) -> None:
    assert found(state, wrong) is None


def test_only_the_digest_is_on_disk(state: Engine, tmp_path: Path) -> None:
    made = new(state)
    rotated = rotate_token(state, made.token.token_id, now=NOW, expires_at=NOW + DAY, grace=DAY)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert made.token.token_id.encode() in kept
    for secret in (made.secret, rotated.secret):
        assert secret.encode() not in kept
        assert secret.removeprefix("cei_int_").encode() not in kept
    assert made.secret not in repr(made.token)


def test_a_token_ends_when_it_expires_and_not_before(state: Engine) -> None:
    token = new(state, expires_at=NOW + DAY).token
    assert token.is_valid(NOW + DAY - SECOND)
    assert not token.is_valid(NOW + DAY)


def test_a_revoked_token_is_closed_from_that_moment(state: Engine) -> None:
    made = new(state)
    revoke_token(state, made.token.token_id, at=NOW)
    token = found(state, made.secret)
    assert token is not None
    assert not token.is_valid(NOW)
    again = revoke_token(state, made.token.token_id, at=NOW + DAY)
    assert again.revoked_at_utc == NOW


def test_a_rotated_token_works_until_its_grace_ends(state: Engine) -> None:
    scopes = frozenset({Scope.INGEST, Scope.READ})
    made = new(state, scopes=scopes, requests_per_minute=9)
    fresh = rotate_token(
        state, made.token.token_id, now=NOW, expires_at=NOW + 9 * DAY, grace=timedelta(hours=2)
    )
    old = found(state, made.secret)
    assert old is not None
    assert old.is_valid(NOW + timedelta(hours=2) - SECOND)
    assert not old.is_valid(NOW + timedelta(hours=2))
    assert fresh.token.is_valid(NOW + 8 * DAY)
    assert (fresh.token.scopes, fresh.token.requests_per_minute) == (scopes, 9)
    assert fresh.secret != made.secret


def test_revoking_ends_a_grace(state: Engine) -> None:
    made = new(state)
    rotate_token(state, made.token.token_id, now=NOW, expires_at=NOW + DAY, grace=DAY)
    assert not revoke_token(state, made.token.token_id, at=NOW + SECOND).is_valid(NOW + SECOND)


def test_a_closed_token_is_not_rotated(state: Engine) -> None:
    made = new(state)
    revoke_token(state, made.token.token_id, at=NOW)
    with pytest.raises(TokenError, match="make a new one"):
        rotate_token(state, made.token.token_id, now=NOW, expires_at=NOW + DAY, grace=DAY)
    assert len(list_tokens(state)) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scopes": frozenset()}, "needs a scope"),
        ({"name": "  "}, "needs a name"),
        ({"expires_at": NOW}, "expired already"),
        ({"requests_per_minute": 0}, "at least one request"),
    ],
    ids=["no scope", "no name", "expired", "no rate"],
)
def test_a_token_of_no_use_is_not_made(
    state: Engine, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(TokenError, match=message):
        new(state, **fields)
    assert not list_tokens(state)


def test_an_unknown_token_is_neither_revoked_nor_rotated(state: Engine) -> None:
    with pytest.raises(TokenError, match="no token 'tok_x'"):
        revoke_token(state, "tok_x", at=NOW)
    with pytest.raises(TokenError, match="no token 'tok_x'"):
        rotate_token(state, "tok_x", now=NOW, expires_at=NOW + DAY, grace=DAY)


@pytest.mark.parametrize("address", ["nonsense", "mysql://host/cei", "sqlite:///elsewhere.sqlite"])
def test_a_state_that_is_no_postgresql_is_refused_with_words(tmp_path: Path, address: str) -> None:
    with pytest.raises(StateAddressError, match="CEI_GATEWAY_STATE_URL"):
        open_state(Settings(data_dir=tmp_path, gateway_state_url=address))
