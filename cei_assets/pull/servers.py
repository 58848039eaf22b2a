"""The servers that data are pulled from: `register/cds_servers.toml` and secrets beside it.

TOML, since scopes, grants and endpoints are lists and tables; and the register takes every CSV
file of its folder for one of its own.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import httpx
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.pull.problem import ServersFileError

SERVERS_FILE = "cds_servers.toml"
EXAMPLE = """\
[example-utility]
metadata_url = "https://utility.example/.well-known/cds-server-metadata.json"
client_id = "the client id of your registration"
scopes = ["cds_query_usage_1"]
timezone = "America/New_York"
"""
_NAME = r"[a-z0-9][a-z0-9-]{0,40}"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FIX = f"correct it; an entry looks like this:\n{EXAMPLE}"


class UsageBy(StrEnum):
    """How the usage listing is narrowed, for servers that refuse to list everything."""

    NONE = "none"
    CONTRACT = "contract"
    METER = "meter"


def web_address(url: str) -> str:
    """The address, when a secret may be sent there: https, or this machine.

    Raises ValueError.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"not an address ({error})") from error
    if parsed.userinfo:
        raise ValueError("holds a user or password; remove it")
    if not parsed.host or parsed.scheme not in {"https", "http"}:
        raise ValueError("expected an address such as https://utility.example/...")
    if parsed.scheme == "http" and parsed.host not in LOOPBACK:
        raise ValueError("expected https: the secret would be readable on its way")
    return url


class ServerEntry(BaseModel):
    """One entry of the file.

    `endpoints` are keys and addresses of a registration response, where a server gives them there
    (the specification of 2024). `client_scope` may read the client's own entry and `grant_scope`
    the grants and tokens for them; `grants` are the ids of grants that customers gave.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    metadata_url: str
    client_id: str = Field(min_length=1)
    scopes: tuple[str, ...] = ()
    timezone: str | None = None
    client_scope: str | None = None
    grant_scope: str | None = None
    grants: tuple[str, ...] = ()
    objects: tuple[CdsObjectKind, ...] = ()
    usage_by: UsageBy = UsageBy.NONE
    ids_per_request: int = Field(default=20, ge=1, le=500)
    endpoints: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("metadata_url")
    @classmethod
    def _metadata_is_address(cls, url: str) -> str:
        return web_address(url)

    @field_validator("endpoints")
    @classmethod
    def _endpoints_are_addresses(cls, endpoints: Mapping[str, str]) -> Mapping[str, str]:
        return {key: web_address(url) for key, url in endpoints.items()}

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (OSError, ValueError, KeyError) as error:
                raise ValueError("expected an IANA zone such as Europe/Rome") from error
        return zone

    @model_validator(mode="after")
    def _grants_have_scope(self) -> Self:
        if self.grants and self.grant_scope is None:
            raise ValueError(
                "grants need grant_scope, the scope with which the server gives tokens for a grant"
            )
        return self


@dataclass(frozen=True, kw_only=True)
class CdsServer:
    """A server with its secret, which neither text nor representation shows."""

    name: str
    entry: ServerEntry
    secret: SecretStr


def secret_variable(name: str) -> str:
    """The environment variable with the client secret of a server."""
    return f"CEI_CDS_{name.upper().replace('-', '_')}_SECRET"


def server_names(file: Path) -> tuple[str, ...]:
    """Names of the servers in the file, in order; none when there is no file.

    Raises ServersFileError for a file that is no TOML.
    """
    return tuple(sorted(_entries(file))) if file.exists() else ()


def load_server(file: Path, name: str, *, environment: Mapping[str, str]) -> CdsServer:
    """One server of the file, with its secret.

    Raises ServersFileError when the file, the entry or the secret is missing or malformed.
    """
    entries = _entries(file)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise ServersFileError(
            f"no server {name!r}",
            where=str(file),
            fix=f"known: {known}; add an entry such as\n{EXAMPLE}",
        )
    entry = _entry(file, name, entries[name])
    variable = secret_variable(name)
    secret = environment.get(variable, "").strip()
    if not secret:
        raise ServersFileError(
            f"no client secret for {name}",
            where=f"environment variable {variable}",
            fix="set it to the secret of your registration; it is never stored",
        )
    return CdsServer(name=name, entry=entry, secret=SecretStr(secret))


def _entries(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ServersFileError(
            "no file of servers", where=str(file), fix=f"write it, such as\n{EXAMPLE}"
        ) from error
    except UnicodeDecodeError as error:
        raise ServersFileError(
            "characters that are not UTF-8", where=str(file), fix="save it as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        # The parser's message names line and column, never the text around them.
        raise ServersFileError(f"not TOML ({error})", where=str(file), fix=_FIX) from error


def _entry(file: Path, name: str, content: object) -> ServerEntry:
    where = f"[{name}] in {file}"
    if not re.fullmatch(_NAME, name):
        raise ServersFileError(
            "the name of a server has other characters than a-z, 0-9 and -",
            where=where,
            fix="rename it",
        )
    if not isinstance(content, dict):
        raise ServersFileError("not a table", where=where, fix=_FIX)
    if any("secret" in key.lower() or "password" in key.lower() for key in content):
        raise ServersFileError(
            "a secret in the file",
            where=where,
            fix=f"remove it and set the environment variable {secret_variable(name)}",
        )
    try:
        return ServerEntry.model_validate(content)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'entry'}: "
            f"{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_input=False, include_context=False, include_url=False)
        )
        raise ServersFileError(found, where=where, fix=_FIX) from error
