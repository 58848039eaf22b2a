"""Tokens: made, listed, rotated, revoked, and looked up by their digest."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, RowMapping, bindparam, insert, or_, select, update

from cei_assets.gateway.state.database import autocommitting
from cei_assets.gateway.state.tables import TOKENS

PREFIX = "cei_int_"
_RANDOM_BYTES = 32
REQUESTS_PER_MINUTE = 120
# Built once: every request asks for its token.
_BY_DIGEST = select(TOKENS).where(TOKENS.c.digest == bindparam("digest"))


class Scope(StrEnum):
    """What a token may do."""

    INGEST = "ingest"
    READ = "read"
    UPLOAD = "upload"


class TokenError(Exception):
    """A token cannot be made or changed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """What is kept of a token; times are naive UTC. The token itself is not kept."""

    token_id: str
    name: str
    organization_id: str
    scopes: frozenset[Scope]
    requests_per_minute: int
    created_at_utc: datetime
    expires_at_utc: datetime
    last_used_at_utc: datetime | None
    revoked_at_utc: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at `now`, naive UTC."""
        is_revoked = self.revoked_at_utc is not None and self.revoked_at_utc <= now
        return not is_revoked and now < self.expires_at_utc


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token just made: `secret` is shown once and stored nowhere."""

    token: Token
    secret: str


def create_token(
    engine: Engine,
    *,
    name: str,
    organization_id: str,
    scopes: frozenset[Scope],
    expires_at: datetime,
    now: datetime,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> NewToken:
    """A new token; only its SHA-256 is stored. Times are naive UTC.

    Raises TokenError when it would be of no use: no scope, no name, expired already.
    """
    if not scopes:
        raise TokenError(f"a token needs a scope, one or more of {', '.join(Scope)}")
    if not name.strip():
        raise TokenError("a token needs a name that says who uses it, such as line1-scada")
    if expires_at <= now:
        raise TokenError(f"the token would have expired already: {expires_at} is not after {now}")
    if requests_per_minute < 1:
        raise TokenError("a token needs at least one request a minute")
    secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    token = Token(
        token_id=f"tok_{secrets.token_hex(6)}",
        name=name.strip(),
        organization_id=organization_id,
        scopes=scopes,
        requests_per_minute=requests_per_minute,
        created_at_utc=now,
        expires_at_utc=expires_at,
        last_used_at_utc=None,
        revoked_at_utc=None,
    )
    row = vars(token) | {"digest": _digest(secret), "scopes": " ".join(sorted(scopes))}
    with engine.begin() as connection:
        connection.execute(insert(TOKENS).values(row))
    return NewToken(token=token, secret=secret)


def list_tokens(engine: Engine) -> list[Token]:
    """All tokens, oldest first, revoked and expired ones too."""
    with autocommitting(engine) as connection:
        rows = connection.execute(
            select(TOKENS).order_by(TOKENS.c.created_at_utc, TOKENS.c.token_id)
        )
        return [_token(row) for row in rows.mappings()]


def revoke_token(engine: Engine, token_id: str, *, at: datetime) -> Token:
    """Closes a token from `at` on, naive UTC; one that is revoked already keeps its earlier time.

    Raises TokenError when there is none of that id.
    """
    with engine.begin() as connection:
        token = _required(connection, token_id)
        if token.revoked_at_utc is None or token.revoked_at_utc > at:
            connection.execute(
                update(TOKENS).where(TOKENS.c.token_id == token_id).values(revoked_at_utc=at)
            )
        return _required(connection, token_id)


def rotate_token(
    engine: Engine, token_id: str, *, now: datetime, expires_at: datetime, grace: timedelta
) -> NewToken:
    """A new token with the rights of an old one, which is closed after `grace`.

    Raises TokenError when there is none of that id, or when it is revoked already.
    """
    with autocommitting(engine) as connection:
        old = _required(connection, token_id)
    if not old.is_valid(now):
        raise TokenError(
            f"token {token_id} is revoked or expired; make a new one with `cei token create`"
        )
    new = create_token(
        engine,
        name=old.name,
        organization_id=old.organization_id,
        scopes=old.scopes,
        expires_at=expires_at,
        now=now,
        requests_per_minute=old.requests_per_minute,
    )
    revoke_token(engine, token_id, at=now + grace)
    return new


def find_token(connection: Connection, secret: str) -> Token | None:
    """The token of that secret, valid or not; None when there is none.

    Found by digest and compared in constant time: how long it takes tells nothing of stored ones.
    """
    digest = _digest(secret)
    row = connection.execute(_BY_DIGEST, {"digest": digest}).mappings().first()
    is_same = hmac.compare_digest(digest, row["digest"] if row is not None else "0" * len(digest))
    return _token(row) if row is not None and is_same else None


def note_use(connection: Connection, used: dict[str, datetime]) -> None:
    """Keeps when tokens were last used, naive UTC by token id; a later use that is known stays."""
    last_used = TOKENS.c.last_used_at_utc
    for token_id, moment in sorted(used.items()):
        connection.execute(
            update(TOKENS)
            .where(TOKENS.c.token_id == token_id, or_(last_used.is_(None), last_used < moment))
            .values(last_used_at_utc=moment)
        )


def _required(connection: Connection, token_id: str) -> Token:
    row = connection.execute(select(TOKENS).where(TOKENS.c.token_id == token_id)).mappings().first()
    if row is None:
        raise TokenError(f"there is no token {token_id!r}; `cei token list` shows them")
    return _token(row)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _token(row: RowMapping) -> Token:
    facts = {name: row[name] for name in Token.__dataclass_fields__ if name != "scopes"}
    return Token(scopes=frozenset(Scope(scope) for scope in row["scopes"].split()), **facts)
