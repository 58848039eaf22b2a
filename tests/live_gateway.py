"""A real gateway on loopback, over a small register, for tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn

from cei_assets.gateway.app import create_app
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import NewToken, Scope, create_token
from cei_assets.settings import Settings
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv
from tests.small_register import texts

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BATCH = "/api/v1/timeseries/batch"
EVERY_SCOPE = frozenset(Scope)


def write_register(root: Path) -> None:
    """Two organizations; mill has an hourly, a quarter-hourly and an end-labelled meter."""
    write_register_csv(
        DataPaths(root=root),
        texts(
            organizations=("acme,Acme", "other,Other"),
            sites=(
                "mill,acme,Mill,Europe/Rome,IT,TO,1200,LIMF",
                "works,other,Works,Europe/Rome,IT,TO,900,LIMF",
            ),
            meters=(
                "mill,main,Incomer,main_incomer,,3600,start,2026-11-01,",
                "mill,quarter,Line,submeter,main,900,start,2026-11-01,",
                "mill,ending,Line,submeter,main,3600,end,2026-11-01,",
                "works,main,Incomer,main_incomer,,3600,start,2026-11-01,",
            ),
            operating_hours=("mill,0,06:00,14:00,2026-01-01,",),
            tariffs=("mill,2026-01-01,,EUR,0.2,0,24,0,6", "works,2026-01-01,,EUR,0.2,0,24,0,6"),
            closures=(),
            measures=(),
        ),
    )


def record(**fields: object) -> dict[str, object]:
    """A good record with some fields replaced; a field set to `...` is left out."""
    good: dict[str, object] = {
        "site_id": "mill",
        "meter_id": "main",
        "timestamp_utc": "2026-11-20T10:00:00Z",
        "value": 41.25,
        "unit": "kWh",
    }
    return {name: value for name, value in (good | fields).items() if value is not ...}


@dataclass(kw_only=True)
class LiveGateway:
    """A running gateway and how to talk to it."""

    url: str
    settings: Settings
    services: Services
    token: NewToken

    def token_for(self, **fields: object) -> str:
        """The secret of another token."""
        return new_token(self.services, **fields).secret

    def post(
        self,
        *records: object,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Sends a batch."""
        body = orjson.dumps({"records": records}) if content is None else content
        return httpx.post(
            self.url + BATCH,
            content=body,
            headers={"Authorization": f"Bearer {token or self.token.secret}", **(headers or {})},
            timeout=30,
        )

    def get(self, path: str, *, token: str | None = None, **query: object) -> httpx.Response:
        """Reads something back."""
        return httpx.get(
            f"{self.url}/api/v1/{path}",
            params={name: str(value) for name, value in query.items()},
            headers={"Authorization": f"Bearer {token or self.token.secret}"},
            timeout=30,
        )

    def landed(self) -> list[dict[str, Any]]:
        """The lines that were handed over and those that wait in the open journal."""
        by_name: dict[str, bytes] = {}
        # The open journal first: one that is sealed meanwhile is met again, never missed.
        for path, committed in self.services.journals():
            with suppress(FileNotFoundError):
                by_name[path.name] = path.read_bytes()[:committed]
        for path in self.settings.paths.landing("cei_api").glob("*.jsonl"):
            by_name[path.name] = path.read_bytes()
        lines = [line for _, content in sorted(by_name.items()) for line in content.splitlines()]
        return [orjson.loads(line) for line in lines]


def new_token(services: Services, **fields: object) -> NewToken:
    """A token of acme with every scope; `fields` replace what a test is about."""
    now = services.wall_clock().replace(tzinfo=None)
    wanted: dict[str, Any] = {
        "name": "test",
        "organization_id": "acme",
        "scopes": EVERY_SCOPE,
        "expires_at": now + timedelta(days=1),
        "now": now,
        "requests_per_minute": 100_000,
    }
    return create_token(services.state, **(wanted | fields))


@contextmanager
def live_gateway(root: Path, **options: object) -> Iterator[LiveGateway]:
    """A gateway over `root`, whose clock stands at `NOW`; `options` are settings."""
    if not (root / "register").exists():
        write_register(root)
    settings = Settings(data_dir=root, **({"as_of": NOW} | options))
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        assert time.monotonic() < until, "the gateway did not start within a minute"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    services: Services = app.state.services
    try:
        yield LiveGateway(
            url=f"http://127.0.0.1:{port}",
            settings=settings,
            services=services,
            token=new_token(services),
        )
    finally:
        server.should_exit = True
        thread.join(timeout=60)
