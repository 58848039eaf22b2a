"""A pull that is killed, and goes on; landing that is killed, and is finished."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from cei_assets.pull.problem import BusyError, PullError, UnreachableError
from cei_assets.pull.staging import Run
from cei_assets.pull.windows import WindowName
from tests.cds_mock_bodies import customer
from tests.cds_mock_server import CdsMock
from tests.cds_pulls import ENVIRONMENT, NAME, Site

COMMAND = [sys.executable, "-c", "from cei_assets.cli.app import main; main()", "pull", "cds"]


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Site]:
    """Four meters' reference lists, and usage of 250: three pages."""
    store = customer(meters=250, days=1, hours=1)
    store["meter_devices"] = store["meter_devices"][:4]
    with CdsMock(store=store) as mock:
        site = Site(mock=mock, root=tmp_path)
        site.write(objects=["meter_devices", "usage_segments"])
        yield site
        assert mock.violations == []


class KilledError(Exception):
    """Stands for a kill between two steps of this process."""


def usage_ids(site: Site) -> list[str]:
    return sorted(body["cds_usagesegment_id"] for body in site.objects("usage_segments"))


def killed_after(site: Site, pages: int, *, name: WindowName = WindowName.FULL) -> None:
    count = 0

    def count_pages(_page: object) -> None:
        nonlocal count
        count += 1
        if count == pages:
            raise KilledError

    with pytest.raises(KilledError):
        site.pull(name, on_page=count_pages)


def test_a_killed_process_goes_on_without_asking_for_what_had_arrived(many: Site) -> None:
    mock = many.mock
    mock.hold_at = ("usage_segments", 3)
    command = [*COMMAND, "--server", NAME, "--window", "full", "--data-dir", str(many.root)]
    environment = os.environ | ENVIRONMENT
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert mock.held.wait(60)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.communicate(timeout=30)
    assert many.landed() == {}
    mock.hold_at = None
    mock.released.set()
    before = len(mock.requests)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "landed 4 pages (3 had arrived before)" in done.stdout
    asked = [request for request in mock.requests[before:] if "/api/" in request.path]
    assert len(asked) == 1
    assert "cursor" in asked[0].query
    assert usage_ids(many) == sorted(f"use-{number}-0" for number in range(1, 251))


@pytest.mark.parametrize("pages", [1, 2, 3, 4])
def test_wherever_it_stops_every_page_is_asked_for_once(many: Site, pages: int) -> None:
    killed_after(many, pages)
    assert many.landed() == {}
    report = many.pull()
    assert report.resumed_pages == pages
    listings = [request.target for request in many.mock.requests if "/api/" in request.path]
    assert len(listings) == len(set(listings)) == 4
    assert len(usage_ids(many)) == 250


def test_a_line_that_was_cut_off_does_not_count(many: Site) -> None:
    killed_after(many, 2)
    (log,) = many.paths.pulls.rglob("pages.jsonl")
    log.write_bytes(log.read_bytes()[:-20])
    killed_after(many, 3)
    assert many.pull().resumed_pages == 3
    assert len(usage_ids(many)) == 250
    assert len(many.mock.asked("meter_devices")) == 1


def test_a_run_that_goes_on_keeps_its_window_and_batch(many: Site) -> None:
    killed_after(many, 1, name=WindowName.HOT)
    many.clock.pass_by(3600)
    report = many.pull(WindowName.HOT)
    (first, *_) = many.mock.asked("usage_segments")
    assert first.query == {"after": "2025-12-26T23:00:00Z", "before": "2026-02-10T12:00:00Z"}
    sidecars = many.sidecars()
    assert {sidecar["window"]["until"] for sidecar in sidecars} == {"2026-02-10T12:00:00Z"}
    assert {sidecar["batch_id"] for sidecar in sidecars} == {report.batch_id}
    assert sidecars[0]["observed_at"] < sidecars[-1]["observed_at"]


def test_another_question_begins_anew(many: Site) -> None:
    killed_after(many, 3, name=WindowName.HOT)
    assert many.pull(WindowName.WARM).resumed_pages == 0
    assert len(list(many.paths.pulls.rglob("run.json"))) == 0


def test_a_run_of_yesterday_is_not_gone_on_with(many: Site) -> None:
    killed_after(many, 3)
    many.clock.pass_by(timedelta(hours=25).total_seconds())
    assert many.pull().resumed_pages == 0
    assert len(usage_ids(many)) == 250


def test_a_cursor_that_has_expired_begins_its_listing_anew(many: Site) -> None:
    killed_after(many, 2)
    many.mock.cursors.clear()
    assert many.pull().resumed_pages == 2
    assert len(usage_ids(many)) == 250
    assert len(many.mock.asked("meter_devices")) == 1


def test_usage_is_narrowed_by_the_lists_as_they_are_now(many: Site) -> None:
    many.mock.page_size = 3
    many.write(objects=["meter_devices", "usage_segments"], usage_by="meter", ids_per_request=2)
    killed_after(many, 1)
    many.mock.cursors.clear()
    many.mock.store["meter_devices"].pop()
    assert many.pull().items["meter_devices"] == 3
    assert usage_ids(many) == ["use-1-0", "use-2-0", "use-3-0"]


def test_what_was_unreachable_is_gone_on_with(many: Site) -> None:
    def break_after_two(page: object) -> None:
        if getattr(page, "number", 0) == 2:
            many.mock.always["usage_segments"] = "503"

    with pytest.raises(UnreachableError):
        many.pull(on_page=break_after_two)
    assert many.landed() == {}
    many.mock.always.clear()
    assert many.pull().resumed_pages == 3


def test_landing_that_was_killed_is_finished_by_the_next_run(
    many: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace
    moved = 0

    def replace_two(self: Path, target: Path) -> Path:
        nonlocal moved
        if target.parent.name == "cds" and not target.name.endswith(".drop.json"):
            moved += 1
            if moved == 3:
                raise KilledError
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_two)
        with pytest.raises(KilledError):
            many.pull()
    assert len(many.landed()) == 2
    taken = sorted(many.landed())[0]
    # Intake takes a page with its sidecar as soon as it lies there.
    (many.paths.landing("cds") / taken).unlink()
    (many.paths.landing("cds") / f"{taken}.drop.json").unlink()
    many.clock.pass_by(1)
    report = many.pull()
    assert len(report.finished_earlier) == 4
    batches: dict[str, int] = {}
    for sidecar in many.sidecars():
        batches[sidecar["batch_id"]] = batches.get(sidecar["batch_id"], 0) + 1
    assert batches == {
        report.batch_id: 4,
        next(key for key in batches if key != report.batch_id): 3,
    }
    assert len(many.landed()) == len(many.sidecars()) == 7


def test_a_disk_that_refuses_is_told_and_the_run_goes_on_later(
    many: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fill(page: object) -> None:
        if getattr(page, "number", 0) == 2:
            patched.setattr("cei_assets.pull.staging.write_bytes", full)

    with (
        monkeypatch.context() as patched,
        pytest.raises(PullError, match=r"No space left.*free space"),
    ):
        many.pull(on_page=fill)
    assert many.landed() == {}
    assert many.pull().resumed_pages == 3


def test_a_run_folder_without_its_facts_is_cleared_away(many: Site) -> None:
    (many.paths.pulls / NAME / "cds-north-grid-x").mkdir(parents=True)
    assert many.pull().resumed_pages == 0
    assert not (many.paths.pulls / NAME / "cds-north-grid-x").exists()


def test_two_processes_do_not_pull_from_one_server(many: Site) -> None:
    (many.paths.pulls / NAME).mkdir(parents=True)
    with (
        FileLock(many.paths.pulls / NAME / "pull.lock"),
        pytest.raises(BusyError, match="another process"),
    ):
        many.pull()


def test_no_file_in_landing_is_ever_half_written(
    many: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    land = Run.land

    def landing(self: Run, *args: object, **options: object) -> object:
        seen.append(all((self.folder / page.file).stat().st_size == page.size
                        for page in self.arrived))  # fmt: skip
        assert many.landed() == {}
        return land(self, *args, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(Run, "land", landing)
    many.pull()
    assert seen == [True]
