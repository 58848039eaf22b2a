"""Commands of the gateway: serve, and the tokens of those who use it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from cei_assets.cli.console import console, readable_errors, use_installation
from cei_assets.cli.options import AsJson, DataDir
from cei_assets.settings import Settings

if TYPE_CHECKING:
    from cei_assets.gateway.state.tokens import Scope

TokenId = Annotated[str, typer.Argument(help="The token's id, as `cei token list` shows it.")]
ExpiresIn = Annotated[
    int,
    typer.Option("--expires-in-days", min=1, max=3650, help="Days until it has to be replaced."),
]


def serve(
    *,
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8420,
    certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", help="PEM file, for https.", exists=True)
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option("--tls-key", help="PEM file, for https.", exists=True)
    ] = None,
) -> None:
    """Take readings over HTTP and give them back: the batch API.

    Example: [bold]cei serve --data-dir /srv/cei --port 8420[/bold]
    """
    from cei_assets.gateway.serving import serve as run

    with readable_errors():
        use_installation(data_dir)
        run(Settings(), host=host, port=port, certificate=certificate, private_key=private_key)


def token_create(
    name: Annotated[str, typer.Argument(help="Who will use it, such as line1-scada.")],
    *,
    organization: Annotated[str, typer.Option(help="organization_id in the register.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="ingest, read or upload; give it several times. Default: ingest."),
    ] = None,
    expires_in_days: ExpiresIn = 365,
    rate: Annotated[int, typer.Option(min=1, help="Requests a minute.")] = 120,
    data_dir: DataDir = None,
) -> None:
    """Make a token; it is shown once and cannot be shown again.

    Example: [bold]cei token create line1-scada --organization acme --scope ingest --scope read[/]
    """
    from cei_assets.gateway.state.database import opened_state
    from cei_assets.gateway.state.tokens import NewToken, create_token

    def create(settings: Settings) -> NewToken:
        _require_organization(settings, organization)
        now = _now(settings)
        with opened_state(settings) as state:
            return create_token(
                state,
                name=name,
                organization_id=organization,
                scopes=_scopes(scope or ["ingest"]),
                expires_at=now + timedelta(days=expires_in_days),
                now=now,
                requests_per_minute=rate,
            )

    with readable_errors():
        use_installation(data_dir)
        new = create(Settings())
        errors_note = f"token {new.token.token_id}, valid until {new.token.expires_at_utc:%Y-%m-%d}"
        typer.echo(errors_note + "; keep it now, it is not stored:", err=True)
        typer.echo(new.secret)


def token_list(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List tokens with what they may do and when they were last used.

    Example: [bold]cei token list --json[/bold]
    """
    from cei_assets.gateway.state.database import opened_state
    from cei_assets.gateway.state.tokens import list_tokens

    with readable_errors():
        use_installation(data_dir)
        settings = Settings()
        now = _now(settings)
        table = Table(
            "token", "name", "organization", "scopes", "a minute", "state", "expires", "last used"
        )
        with opened_state(settings) as state:
            tokens = list_tokens(state)
        for token in tokens:
            facts = vars(token) | {
                "scopes": sorted(token.scopes),
                "state": "valid" if token.is_valid(now) else "closed",
            }
            if as_json:
                typer.echo(orjson.dumps(facts).decode())
                continue
            used = token.last_used_at_utc
            table.add_row(
                token.token_id,
                escape(token.name),
                escape(token.organization_id),
                " ".join(facts["scopes"]),
                str(token.requests_per_minute),
                facts["state"],
                f"{token.expires_at_utc:%Y-%m-%d}",
                f"{used:%Y-%m-%d %H:%M}" if used else "never",
            )
        if not as_json:
            console.print(table)


def token_revoke(token_id: TokenId, *, data_dir: DataDir = None) -> None:
    """Close a token at once.

    Example: [bold]cei token revoke tok_0123456789ab[/bold]
    """
    from cei_assets.gateway.state.database import opened_state
    from cei_assets.gateway.state.tokens import revoke_token

    with readable_errors():
        use_installation(data_dir)
        settings = Settings()
        with opened_state(settings) as state:
            token = revoke_token(state, token_id, at=_now(settings))
        console.print(f"{token.token_id} is closed since {token.revoked_at_utc:%Y-%m-%d %H:%M} UTC")


def token_rotate(
    token_id: TokenId,
    *,
    expires_in_days: ExpiresIn = 365,
    grace_hours: Annotated[
        int, typer.Option(min=0, max=8760, help="Hours for which the old one still works.")
    ] = 24,
    data_dir: DataDir = None,
) -> None:
    """Replace a token by a new one with the same rights.

    Example: [bold]cei token rotate tok_0123456789ab --grace-hours 48[/bold]
    """
    from cei_assets.gateway.state.database import opened_state
    from cei_assets.gateway.state.tokens import rotate_token

    with readable_errors():
        use_installation(data_dir)
        settings = Settings()
        now = _now(settings)
        with opened_state(settings) as state:
            new = rotate_token(
                state,
                token_id,
                now=now,
                expires_at=now + timedelta(days=expires_in_days),
                grace=timedelta(hours=grace_hours),
            )
        typer.echo(
            f"token {new.token.token_id} replaces {token_id}, which works for {grace_hours} more "
            "hours; keep the new one now, it is not stored:",
            err=True,
        )
        typer.echo(new.secret)


def _now(settings: Settings) -> datetime:
    return settings.wall_clock().astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _scopes(names: list[str]) -> "frozenset[Scope]":
    from cei_assets.gateway.state.tokens import Scope, TokenError

    try:
        return frozenset(Scope(name) for name in names)
    except ValueError as error:
        raise TokenError(f"{error}; scopes are {', '.join(Scope)}") from error


def _require_organization(settings: Settings, organization_id: str) -> None:
    from cei_assets.gateway.state.tokens import TokenError
    from cei_assets.storage.register import load_register

    register = load_register(settings.paths)
    register.raise_for_errors()
    known = sorted(register.tables["organizations"]["organization_id"].to_pylist())
    if organization_id not in known:
        raise TokenError(
            f"organization {organization_id!r} is not in the register's organizations.csv; known: "
            f"{', '.join(known) or 'none'}"
        )
