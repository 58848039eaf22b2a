"""Bytes to the archive, one receipt an arrival, safe to repeat at any point."""

import hashlib
import os
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from cei_assets.storage import archive
from cei_assets.storage.archive import (
    Receipt,
    receipts_of,
    receipts_of_content,
    received_dates,
    take,
    unjudged_dates,
)
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.landing import LandedFile, waiting_files
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import FileChangedError
from tests.intake_drops import DAY, NOW, land, take_all

MOMENT = NOW.replace(tzinfo=UTC)


def _seen(path: Path) -> LandedFile:
    status = path.stat()
    return LandedFile(path=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _take(paths: DataPaths, landed: LandedFile, hours_later: int = 0) -> Receipt:
    later = MOMENT + timedelta(hours=hours_later)
    return take(landed, paths=paths, upload_source="csv_drop", received_at=later)


def test_a_drop_is_archived_under_its_digest_with_a_receipt_and_leaves(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    land(paths, "a.csv", "content")
    (receipt,) = take_all(paths)
    assert receipt.sha256 == hashlib.sha256(b"content").hexdigest()
    assert paths.archived(receipt.sha256).read_bytes() == b"content"
    assert (receipt.original_filename, receipt.size_bytes) == ("a.csv", 7)
    assert (receipt.received_at_utc, receipt.received_date) == (NOW, DAY)
    assert receipts_of(paths, DAY) == [receipt]
    assert list(paths.landing("csv_drop").iterdir()) == []


def test_a_sidecar_goes_into_the_receipt_and_leaves_with_its_file(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    land(paths, "a.csv", "content")
    land(paths, "a.csv.drop.json", '{"timezone": "Europe/Rome"}')
    land(paths, "other.csv.drop.json", "{}")
    (receipt,) = take_all(paths)
    assert receipt.sidecar == '{"timezone": "Europe/Rome"}'
    assert [path.name for path in paths.landing("csv_drop").iterdir()] == ["other.csv.drop.json"]


def test_drops_taken_together_keep_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    for name, age in (("c", 30), ("a", 20), ("b", 10)):
        land(paths, name, name, age=age)
    take_all(paths)
    assert [receipt.original_filename for receipt in receipts_of(paths, DAY)] == ["c", "a", "b"]


def test_the_same_bytes_again_are_a_receipt_of_their_own(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    land(paths, "a.csv", "content", age=100)
    (first,) = take_all(paths)
    land(paths, "a.csv", "content", age=50)
    (second,) = take_all(paths)
    assert first.receipt_id != second.receipt_id
    assert {r.receipt_id for r in receipts_of_content(paths, first.sha256)} == {
        first.receipt_id, second.receipt_id,
    }  # fmt: skip


STEPS = ["_archive", "_known_receipt", "_new_receipt", "_as_json", "_release", "sync_folder"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("sidecar", [None, "{}"])
def test_a_restart_after_a_kill_at_any_step_ends_with_one_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, sidecar: str | None
) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "a.csv", "content")
    if sidecar is not None:
        land(paths, "a.csv.drop.json", sidecar)
    with monkeypatch.context() as patch:
        patch.setattr(archive, step, _killed)
        with pytest.raises(KeyboardInterrupt):
            _take(paths, _seen(path))
    written = [r for day in received_dates(paths) for r in receipts_of(paths, day)]
    if path.exists():
        again = _take(paths, _seen(path), hours_later=30)
        assert written in ([], [again])
    receipts = [r for day in received_dates(paths) for r in receipts_of(paths, day)]
    assert len(receipts) == 1
    assert receipts[0].sidecar == sidecar
    assert paths.archived(receipts[0].sha256).read_bytes() == b"content"
    assert list(paths.landing("csv_drop").iterdir()) == []


def _killed(*_arguments: object, **_options: object) -> None:
    raise KeyboardInterrupt


def test_a_kill_between_sidecar_and_file_finds_the_receipt_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "a.csv", "content")
    sidecar = land(paths, "a.csv.drop.json", '{"timezone": "Europe/Rome"}')
    seen = _seen(path)
    monkeypatch.setattr(archive, "_release", lambda *_: sidecar.unlink())
    first = _take(paths, seen)
    monkeypatch.undo()
    assert _take(paths, seen, hours_later=1) == first
    assert not path.exists()


def test_the_same_file_with_another_sidecar_is_another_arrival(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    land(paths, "a.csv", "content")
    (first,) = take_all(paths)
    land(paths, "a.csv", "content")
    land(paths, "a.csv.drop.json", '{"timezone": "Europe/Rome"}')
    (second,) = take_all(paths)
    assert first.receipt_id != second.receipt_id


def test_a_file_that_grew_since_it_was_seen_stays(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "a.csv", "content")
    seen = _seen(path)
    path.write_bytes(b"content and more")
    with pytest.raises(FileChangedError, match=r"changed while it was read.*a\.csv"):
        _take(paths, seen)
    assert path.read_bytes() == b"content and more"
    assert received_dates(paths) == []


def test_a_file_that_changes_while_it_is_read_stays_and_nothing_half_is_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "a.csv", "content")

    class Growing:
        """A digest that lets the file grow while it is being read."""

        grown = False

        def update(self, _piece: bytes) -> None:
            if not self.grown:
                self.grown = True
                path.write_bytes(b"content and more")

        def hexdigest(self) -> str:
            return "0" * 64

    monkeypatch.setattr(archive.hashlib, "sha256", Growing)
    with pytest.raises(FileChangedError):
        _take(paths, _seen(path))
    assert path.exists()
    assert [p for p in (tmp_path / "archive").rglob("*") if p.is_file()] == []
    assert received_dates(paths) == []


def test_a_newer_file_of_the_same_name_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "a.csv", "old")
    seen = _seen(path)
    original = archive._release

    def overtaken(landed: LandedFile, status: os.stat_result) -> None:
        newer = path.with_name(".new")
        newer.write_bytes(b"new")
        newer.replace(path)
        original(landed, status)

    monkeypatch.setattr(archive, "_release", overtaken)
    receipt = _take(paths, seen)
    assert paths.archived(receipt.sha256).read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_name_that_is_no_utf_8_is_kept_readable(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    folder = paths.landing("csv_drop")
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/m\xe4rz.csv")).write_bytes(b"x")
    (landed,) = waiting_files(folder, settle_seconds=0, now=MOMENT + timedelta(days=36500))
    assert _take(paths, landed).original_filename == "m\ufffdrz.csv"


def test_days_with_a_receipt_without_outcome_are_unjudged(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    for age, hours in ((100, 0), (90, 24), (80, 48)):
        land(paths, "a.csv", f"content {age}", age=age)
        take_all(paths, at=NOW + timedelta(hours=hours))
    days = received_dates(paths)
    assert unjudged_dates(paths) == days == [DAY + timedelta(days=n) for n in range(3)]
    (judged,) = receipts_of(paths, days[1])
    outcome = paths.raw_partition("outcomes", days[1]) / f"{judged.receipt_id}.parquet"
    write_bytes(outcome, b"")
    assert unjudged_dates(paths) == [days[0], days[2]]
    assert unjudged_dates(paths, since=days[1]) == [days[2]]
    assert unjudged_dates(paths, since=date(2100, 1, 1)) == []
