"""`cei serve` as a process of its own, for tests of its log, its memory and its end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from cei_assets.gateway.state.database import open_state
from cei_assets.gateway.state.tokens import create_token
from cei_assets.settings import Settings
from tests.live_gateway import BATCH, EVERY_SCOPE, NOW, write_register
from tests.small_factory import command

_START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class ServedGateway:
    """A running process and how to talk to it."""

    process: subprocess.Popen[bytes]
    port: int
    settings: Settings
    token: str
    log_file: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident_bytes(self) -> int:
        """Memory of the process now."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10

    def post(self, *records: object) -> httpx.Response:
        """Sends a batch."""
        return httpx.post(
            self.url + BATCH,
            content=orjson.dumps({"records": records}),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )

    def log(self) -> str:
        """What it has logged."""
        return self.log_file.read_text(encoding="utf-8")


@contextmanager
def served_gateway(root: Path, **options: object) -> Iterator[ServedGateway]:
    """A gateway over `root`, whose clock stands at `NOW`; `options` are settings.

    It is told to stop at the end, and must then end without error.
    """
    if not (root / "register").exists():
        write_register(root)
    settings = Settings.model_validate({"data_dir": root, "as_of": NOW} | options)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log_file = root / "serve.log"
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [*command(), "serve", "--port", str(port)],
            stdout=log,
            stderr=log,
            env=os.environ | _environment(settings, options),
            cwd=Path(__file__).parents[1],
        )
    try:
        token = _new_token(settings)
        _wait(process, port, log_file)
        yield ServedGateway(
            process=process, port=port, settings=settings, token=token, log_file=log_file
        )
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        assert process.returncode in (0, -signal.SIGTERM), log_file.read_text()
    finally:
        process.kill()
        process.wait(timeout=60)


def _environment(settings: Settings, options: dict[str, Any]) -> dict[str, str]:
    given = {f"CEI_{name.upper()}": str(value) for name, value in options.items()}
    return {"CEI_DATA_DIR": str(settings.data_dir), "CEI_AS_OF": NOW.isoformat()} | given


def _new_token(settings: Settings) -> str:
    from datetime import timedelta

    engine = open_state(settings)
    now = settings.wall_clock().replace(tzinfo=None)
    new = create_token(
        engine,
        name="test",
        organization_id="acme",
        scopes=EVERY_SCOPE,
        expires_at=now + timedelta(days=1),
        now=now,
        requests_per_minute=100_000,
    )
    engine.dispose()
    return new.secret


def _wait(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, log_file.read_text(encoding="utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the gateway did not start within a minute"
            time.sleep(0.05)
        else:
            return
