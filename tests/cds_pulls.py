"""Pulls from the mock server as `cei pull cds` does them, with a clock that does not wait."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cei_assets.pull.planning import Plan, plan_pull
from cei_assets.pull.run import PullReport, pull
from cei_assets.pull.servers import SERVERS_FILE, CdsServer, load_server
from cei_assets.pull.staging import Arrived
from cei_assets.pull.web import Patience, Timing, Web
from cei_assets.pull.windows import Window, WindowName, window
from cei_assets.storage.paths import DataPaths
from tests.cds_mock_server import CLIENT_ID, SECRET, USAGE_SCOPE, CdsMock

NAME = "north-grid"
ENVIRONMENT = {"CEI_CDS_NORTH_GRID_SECRET": SECRET}
NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that sleeping moves; `pauses` is what was slept. Chance is always a half."""

    moment: datetime = NOW
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return time.monotonic() + (self.moment - NOW).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    @property
    def timing(self) -> Timing:
        return Timing(now=self.now, monotonic=self.monotonic, sleep=self.sleep, random=lambda: 0.5)


@dataclass
class Site:
    """An installation below `root` with one server in its file."""

    mock: CdsMock
    root: Path
    clock: Clock = field(default_factory=Clock)
    patience: Patience = field(default_factory=Patience)

    @property
    def paths(self) -> DataPaths:
        return DataPaths(root=self.root)

    @property
    def file(self) -> Path:
        return self.paths.register / SERVERS_FILE

    def write(self, **entry: object) -> None:
        """The file of servers; `entry` adds to the usual entry, None takes away."""
        usual: dict[str, object] = {
            "metadata_url": self.mock.metadata_url,
            "client_id": CLIENT_ID,
            "scopes": [USAGE_SCOPE],
        }
        lines = [f"[{NAME}]"] + [
            f"{key} = {_toml(value)}" for key, value in (usual | entry).items() if value is not None
        ]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def server(self) -> CdsServer:
        return load_server(self.file, NAME, environment=ENVIRONMENT)

    def plan(self, web: Web, name: WindowName = WindowName.FULL, **edges: str) -> Plan:
        def make(zone: str) -> Window:
            return window(name, now=self.clock.now(), zone=zone, **edges)

        return plan_pull(web, self.server(), make_window=make)

    def pull(
        self,
        name: WindowName = WindowName.FULL,
        *,
        on_page: Callable[[Arrived], None] = lambda _page: None,
        **edges: str,
    ) -> PullReport:
        """A run from the file of servers to the landing folder."""
        if not self.file.exists():
            self.write()
        with Web(timing=self.clock.timing, patience=self.patience) as web:
            return pull(self.plan(web, name, **edges), paths=self.paths, on_page=on_page)

    def landed(self) -> dict[str, bytes]:
        """Page files in the landing folder, by name."""
        folder = self.paths.landing("cds")
        if not folder.exists():
            return {}
        return {
            path.name: path.read_bytes()
            for path in sorted(folder.iterdir())
            if not path.name.endswith(".drop.json")
        }

    def sidecars(self) -> list[dict[str, Any]]:
        """Sidecars in the order of their files' names."""
        folder = self.paths.landing("cds")
        return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.drop.json"))]

    def objects(self, table: str) -> list[dict[str, Any]]:
        """Objects of a kind that have landed, in order."""
        bodies = [json.loads(body) for body in self.landed().values()]
        return [item for body in bodies for item in body.get(table, [])]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
