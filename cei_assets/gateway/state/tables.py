"""Tables of the gateway's state, the same on SQLite and PostgreSQL."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table

METADATA = MetaData()

TOKENS = Table(
    "tokens",
    METADATA,
    Column("token_id", String, primary_key=True, comment="Public name of the token."),
    Column("digest", String, nullable=False, unique=True, comment="SHA-256 of the token, hex."),
    Column("name", String, nullable=False, comment="What a person calls it."),
    Column("organization_id", String, nullable=False),
    Column("scopes", String, nullable=False, comment="Separated by blanks."),
    Column("requests_per_minute", Integer, nullable=False),
    Column("created_at_utc", DateTime, nullable=False),
    Column("expires_at_utc", DateTime, nullable=False),
    Column("last_used_at_utc", DateTime),
    Column("revoked_at_utc", DateTime),
)
RATE_WINDOWS = Table(
    "rate_windows",
    METADATA,
    Column("token_id", String, primary_key=True),
    Column("second", BigInteger, primary_key=True, comment="Seconds since 1970, UTC."),
    Column("requests", Integer, nullable=False),
)
JOURNALS = Table(
    "journals",
    METADATA,
    Column("name", String, primary_key=True, comment="File name without folder."),
    Column("committed_bytes", BigInteger, nullable=False, comment="What of it is acknowledged."),
)
INSTALLATION = Table(
    "installation",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("state_id", String, nullable=False, comment="Part of the names of its journals."),
)
