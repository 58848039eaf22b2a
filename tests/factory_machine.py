"""A factory's machine: a folder with a spool, and the client as its engineer runs it."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import factory_client

# Another interpreter (the oldest that is promised, say) can be named for these tests.
PYTHON = os.environ.get("CEI_CLIENT_PYTHON", sys.executable)
PROGRAM = Path(factory_client.__file__)
ALL_IN, SOME_FAILED, STOPPED, WAITING = 0, 1, 2, 3
Meter = tuple[str, str]
Readings = dict[tuple[str, str, str], str]


@dataclass(frozen=True, kw_only=True)
class Factory:
    """Runs the client with short waits; no output may hold a traceback or the token."""

    folder: Path
    url: str
    token: str

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def arguments(self, *more: str | Path) -> list[str]:
        """The command line of a run."""
        fast = ["--first-wait=0.02", "--max-wait=3", "--max-tries=4"]
        fast += ["--timeout=1", "--lock-wait=0.2"]
        where = ["--url", self.url, "--spool", str(self.spool)]
        return [PYTHON, str(PROGRAM), *where, *fast, *map(str, more)]

    def run(
        self, *more: str | Path, typed: str | None = None, token: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs to the end, whatever the exit code."""
        secret = self.token if token is None else token
        done = subprocess.run(
            self.arguments(*more),
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**environment(), "CEI_TOKEN": secret},
        )
        assert "Traceback" not in done.stderr
        assert self.token not in done.stdout + done.stderr
        return done

    def waiting(self) -> int:
        """Batches that wait."""
        return len(list((self.spool / "queue").glob("*")))

    def failed(self) -> list[dict[str, Any]]:
        """Failures that are kept."""
        texts = (path.read_text() for path in sorted((self.spool / "failed").glob("*.jsonl")))
        return [json.loads(line) for text in texts for line in text.splitlines()]


def environment() -> dict[str, str]:
    """Ours without proxies: everything here is on loopback."""
    return {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}


def readings_of(hours: int, *, meters: Sequence[Meter], add: int = 0) -> Readings:
    """Values by interval, with digits that a float would change."""
    return {
        (site, meter, f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z"): (
            f"{hour + add}.{number}00000000000000000{hour}0"
        )
        for number, (site, meter) in enumerate(meters, start=1)
        for hour in range(hours)
    }


def csv_file(folder: Path, readings: Readings, name: str = "readings.csv") -> Path:
    """Writes readings as the client reads them."""
    path = folder / name
    lines = [",".join((*interval, value, "kWh")) for interval, value in readings.items()]
    path.write_text("\n".join(["site_id,meter_id,timestamp_utc,value,unit", *lines]) + "\n")
    return path


def is_killed_somewhere(program: list[str], chance: random.Random, *, token: str) -> bool:
    """Starts a run and kills it within half a second, unless it ends by itself before."""
    running = subprocess.Popen(
        program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment(), "CEI_TOKEN": token},
    )
    try:
        running.wait(timeout=chance.uniform(0.08, 0.4))
    except subprocess.TimeoutExpired:
        running.kill()
    return running.wait() == -signal.SIGKILL
