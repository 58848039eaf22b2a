"""The journal: only committed bytes reach the pipeline, whatever was cut off."""

from datetime import datetime
from pathlib import Path

import pytest

from cei_assets.gateway.journal import Journal
from cei_assets.storage.paths import DataPaths

NOW = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - naive UTC, as our tables have it


def opened(root: Path, *, state_id: str = "aaaa") -> Journal:
    journal = Journal(DataPaths(root=root), state_id=state_id)
    journal.recover({})
    return journal


def landed(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((root / "landing" / "cei_api").iterdir())]


def waiting(root: Path) -> list[Path]:
    return sorted((root / "gateway" / "journal").iterdir())


def write(journal: Journal, lines: bytes) -> None:
    journal.append(lines, now=NOW)
    journal.commit(journal.committed + len(lines))


def test_committed_lines_are_handed_over_when_it_is_sealed(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, b"one\n")
    write(journal, b"two\n")
    name = journal.name
    assert journal.seal() == [name]
    assert landed(tmp_path) == [b"one\ntwo\n"]
    assert waiting(tmp_path) == []
    assert journal.seal() == []


def test_a_tail_without_commit_is_cut_off(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, b"one\n")
    journal.append(b"not committed\n", now=NOW)
    journal.seal()
    assert landed(tmp_path) == [b"one\n"]


def test_an_append_after_a_roll_back_continues_behind_what_counts(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, b"one\n")
    journal.append(b"a long line that does not count\n", now=NOW)
    journal.roll_back()
    write(journal, b"two\n")
    journal.seal()
    assert landed(tmp_path) == [b"one\ntwo\n"]


@pytest.mark.parametrize(
    ("state_id", "committed", "expected"),
    [
        ("aaaa", 4, [b"one\n"]),
        ("aaaa", None, []),
        ("bbbb", None, [b"one\nnot committed\n"]),
    ],
    ids=["as far as the state knows", "unknown to its own state", "of another state"],
)
def test_what_a_killed_process_left_is_recovered(
    tmp_path: Path, state_id: str, committed: int | None, expected: list[bytes]
) -> None:
    killed = opened(tmp_path)
    write(killed, b"one\n")
    killed.append(b"not committed\n", now=NOW)
    known = {} if committed is None else {killed.name: committed}
    Journal(DataPaths(root=tmp_path), state_id=state_id).recover(known)
    assert landed(tmp_path) == expected
    assert waiting(tmp_path) == []


def test_a_hand_over_that_failed_is_made_later(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, b"one\n")
    folder = tmp_path / "landing" / "cei_api"
    folder.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        journal.seal()
    (tmp_path / "away").rename(folder)
    write(journal, b"two\n")
    assert len(journal.seal()) == 2
    assert sorted(landed(tmp_path)) == [b"one\n", b"two\n"]


def test_readers_see_a_journal_until_it_lies_in_the_landing_folder(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.positions == ()
    write(journal, b"one\n")
    name = journal.name
    journal.append(b"not committed\n", now=NOW)
    assert journal.positions == ((name, 4),)
    folder = tmp_path / "landing" / "cei_api"
    folder.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        journal.seal()
    assert journal.positions == ((name, 4),)
    (tmp_path / "away").rename(folder)
    journal.seal()
    assert journal.positions == ()
