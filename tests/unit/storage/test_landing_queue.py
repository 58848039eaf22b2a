"""Which files wait in a landing folder."""

from datetime import UTC, timedelta
from pathlib import Path

from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths
from tests.intake_drops import NOW, land

MOMENT = NOW.replace(tzinfo=UTC)


def _names(paths: DataPaths, settle_seconds: float = 2) -> list[str]:
    found = waiting_files(paths.landing("csv_drop"), settle_seconds=settle_seconds, now=MOMENT)
    return [file.path.name for file in found]


def test_a_folder_that_does_not_exist_has_none(tmp_path: Path) -> None:
    assert _names(DataPaths(root=tmp_path)) == []


def test_files_wait_oldest_first(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    for name, age in (("b", 10.0), ("a", 20.0), ("c", 10.0)):
        land(paths, name, "x", age=age)
    assert _names(paths) == ["a", "b", "c"]


def test_a_file_counts_once_it_was_left_alone_long_enough(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    land(paths, "fresh", "x", age=1)
    land(paths, "coming", "x", age=-60)
    land(paths, "settled", "x", age=3)
    assert _names(paths) == ["settled"]
    later = MOMENT + timedelta(seconds=120)
    assert len(waiting_files(paths.landing("csv_drop"), settle_seconds=2, now=later)) == 3


def test_sidecars_and_unfinished_files_do_not_count(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    for name in (".hidden", "a.tmp", "a.part", "a.csv.drop.json", "a.form.json", "a.csv"):
        land(paths, name, "x")
    (paths.landing("csv_drop") / "folder").mkdir()
    assert _names(paths) == ["a.csv"]
