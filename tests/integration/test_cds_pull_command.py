"""`cei pull cds` as people start it: what it prints, exit codes, and that no secret is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cds_mock_bodies import customer
from tests.cds_mock_server import GRANT_SCOPE, SECRET, CdsMock, Grant
from tests.cds_pulls import ENVIRONMENT, NAME, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with CdsMock(store=customer(meters=120, days=1, hours=1)) as mock:
        site = Site(mock=mock, root=tmp_path)
        site.write(objects=["usage_segments"])
        yield site
        assert mock.violations == []


def cei(
    site: Site, *arguments: str, before: tuple[str, ...] = (), secret: str | None = SECRET
) -> subprocess.CompletedProcess[str]:
    """The command; neither secret nor token is in what it says."""
    start = [sys.executable, "-c", "from cei_assets.cli.app import main; main()", *before]
    place = ["--server", NAME, "--data-dir", str(site.root)]
    environment = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
    environment["TZ"] = "America/New_York"
    if secret is not None:
        environment |= dict.fromkeys(ENVIRONMENT, secret)
    done = subprocess.run(
        [*start, "pull", "cds", *place, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert SECRET not in done.stdout + done.stderr
    assert "tok-" not in done.stdout + done.stderr
    return done


def test_a_pull_says_what_it_asked_for_and_what_has_landed(site: Site) -> None:
    site.mock.fail("usage_segments", "429 0")
    done = cei(site, "--window", "full", "--as-of", "2026-02-10T12:00:00Z")
    assert done.returncode == 0, done.stderr
    zone = "(local dates in Europe/Rome, as the server says)"
    assert f"north-grid: full, the beginning to the end {zone}" in done.stdout
    assert "landed 2 pages: 120 usage_segments" in done.stdout
    assert len(site.landed()) == 2


def test_a_dry_run_shows_the_window_and_lists_nothing(site: Site) -> None:
    arguments = ("--dry-run", "--since", "2026-01-01", "--until", "2026-01-31")
    done = cei(site, "--dry-run", "--as-of", "2026-02-10T12:00:00")
    assert "hot, 2025-12-26T23:00:00Z to 2026-02-10T12:00:00Z" in done.stdout
    done = cei(site, *arguments)
    assert done.returncode == 0, done.stderr
    assert "custom, 2025-12-31T23:00:00Z to 2026-01-31T23:00:00Z" in done.stdout
    assert site.mock.asked("usage_segments") == []
    assert not site.paths.landing("cds").exists()


def test_a_grant_that_is_gone_is_an_error_though_the_others_land(site: Site) -> None:
    site.mock.grants = {"fine": Grant(), "lost": Grant(status="expired")}
    site.write(objects=["usage_segments"], grants=["fine", "lost"], grant_scope=GRANT_SCOPE)
    done = cei(site, "--window", "full")
    assert done.returncode == 1
    assert "landed 2 pages" in done.stdout
    assert "error: grant lost is expired" in done.stderr


def test_a_failure_is_one_line_with_what_to_do(site: Site) -> None:
    site.mock.always["usage_segments"] = "echo"
    done = cei(site)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no access (401) although the token is fresh")
    assert "ask the utility" in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_the_traceback_shows_no_secret_either(site: Site) -> None:
    site.mock.always["usage_segments"] = "echo"
    done = cei(site, before=("--debug",))
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "secret", "says"),
    [
        ((), None, "CEI_CDS_NORTH_GRID_SECRET"),
        (("--window", "cold"), SECRET, "one of hot, warm, full"),
        (("--since", "soon"), SECRET, "neither a date nor an instant"),
    ],
    ids=["secret", "window", "since"],
)
def test_what_the_caller_got_wrong_is_told(
    site: Site, arguments: tuple[str, ...], secret: str | None, says: str
) -> None:
    done = cei(site, *arguments, secret=secret)
    assert done.returncode == 1
    assert says in done.stderr
    assert site.mock.asked("usage_segments") == []
