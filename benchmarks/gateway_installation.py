"""A data folder with a register and a gateway on it, for the benchmarks of the batch API."""

import multiprocessing
import socket
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv

METERS = 10
_WAIT_SECONDS = 60


def write_installation(root: Path) -> None:
    """One organization with one site of ten hourly meters."""
    meters = [
        f"site0,meter{number},Meter,submeter,meter0,3600,start,2016-01-01,"
        for number in range(1, METERS)
    ]
    header = (
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from,expected_to"
    )
    incomer = "site0,meter0,Incomer,main_incomer,,3600,start,2016-01-01,"
    write_register_csv(
        DataPaths(root=root),
        {
            "organizations": "organization_id,organization_name\nacme,Acme\n",
            "sites": "site_id,organization_id,site_name,timezone,country\n"
            "site0,acme,Mill,Europe/Rome,IT\n",
            "meters": "\n".join([header, incomer, *meters]) + "\n",
        },
    )


def token_of(root: Path) -> str:
    """A token without a practical limit of its rate."""
    from datetime import timedelta

    from cei_assets.gateway.state.database import open_state
    from cei_assets.gateway.state.tokens import Scope, create_token
    from cei_assets.settings import Settings

    settings = Settings(data_dir=root)
    now = settings.wall_clock().replace(tzinfo=None)
    engine = open_state(settings)
    new = create_token(
        engine,
        name="load",
        organization_id="acme",
        scopes=frozenset(Scope),
        expires_at=now + timedelta(days=1),
        now=now,
        requests_per_minute=10**9,
    )
    engine.dispose()
    return new.secret


@dataclass(frozen=True, kw_only=True)
class RunningGateway:
    """A gateway in a process of its own."""

    process: ForkServerProcess
    port: int


def start_gateway(root: Path, options: dict[str, Any]) -> RunningGateway:
    """Starts a gateway on a free port and waits until it listens; `options` are settings.

    The process comes from a server that has the modules loaded already, so that a thousand starts
    take minutes and not hours.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cei_assets.gateway.serving", "cei_assets.storage.register"])
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = context.Process(target=_serve, args=(str(root), port, options), daemon=True)
    process.start()
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        if not process.is_alive():
            raise RuntimeError(f"the gateway ended with exit code {process.exitcode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return RunningGateway(process=process, port=port)
    raise RuntimeError(f"the gateway did not listen within {_WAIT_SECONDS} s")


def _serve(root: str, port: int, options: dict[str, Any]) -> None:
    import logging

    from cei_assets.gateway.serving import serve
    from cei_assets.settings import Settings

    logging.disable(logging.INFO)
    serve(Settings(data_dir=Path(root), **options), host="127.0.0.1", port=port)
