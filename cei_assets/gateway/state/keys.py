"""Where idempotency keys are kept: what the committer asks of a store of keys."""

from typing import Protocol

from sqlalchemy import Connection, Engine

from cei_assets.core.intake.idempotency import StoredKey
from cei_assets.gateway.state.postgres_keys import PostgresKeys
from cei_assets.gateway.state.sqlite_keys import SqliteKeys
from cei_assets.settings import Settings


class KeyStore(Protocol):
    """Keys by slot; `find` and `add` belong to one transaction of the caller's connection."""

    def prepare(self, connection: Connection) -> None:
        """Makes what is missing; once a connection."""

    def find(self, connection: Connection, slots: list[int]) -> dict[int, StoredKey]:
        """Tag and payload of the slots that are held."""

    def add(self, connection: Connection, keys: list[tuple[int, int, int]]) -> None:
        """Stores slot, tag and payload of keys that `find` did not find."""

    def tidy(self, connection: Connection) -> None:
        """Housekeeping between transactions."""

    def close(self) -> None:
        """Ends what works in the background."""


def key_store(engine: Engine, settings: Settings) -> KeyStore:
    """The store that fits the engine."""
    if engine.dialect.name == "postgresql":
        return PostgresKeys()
    return SqliteKeys(
        engine, folder=settings.paths.gateway, settle_keys=settings.gateway_settle_keys
    )
