"""Idempotency keys on PostgreSQL: one table, several gateways."""

from sqlalchemy import Connection, text

from cei_assets.core.intake.idempotency import StoredKey

# Any number that nothing else on the server uses; gateways take turns committing.
_TURN = 7_303_014_922
_CREATE = """
CREATE TABLE IF NOT EXISTS idempotency_keys
    (slot BIGINT PRIMARY KEY, tag BIGINT NOT NULL, payload BIGINT NOT NULL)
"""
_FIND = text("SELECT slot, tag, payload FROM idempotency_keys WHERE slot = ANY(:slots)")
_ADD = text(
    "INSERT INTO idempotency_keys "
    "SELECT * FROM unnest(:slots ::bigint[], :tags ::bigint[], :payloads ::bigint[])"
)


class PostgresKeys:
    """The keys of all gateways that share the server.

    `find` takes a lock until the transaction ends, so what it did not find is still absent when
    `add` stores it.
    """

    def prepare(self, connection: Connection) -> None:
        """Makes the table."""
        connection.execute(text(_CREATE))

    def find(self, connection: Connection, slots: list[int]) -> dict[int, StoredKey]:
        """Tag and payload of the slots that are held."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        found = connection.execute(_FIND, {"slots": slots})
        return {row.slot: (row.tag, row.payload) for row in found}

    def add(self, connection: Connection, keys: list[tuple[int, int, int]]) -> None:
        """Stores new keys in the connection's transaction."""
        slots, tags, payloads = (list(column) for column in zip(*keys, strict=True))
        connection.execute(_ADD, {"slots": slots, "tags": tags, "payloads": payloads})

    def tidy(self, connection: Connection) -> None:
        """Nothing: the server tidies up itself."""

    def close(self) -> None:
        """Nothing is open."""
