"""The index of stored segment versions: a cache that may be lost, and never lies."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from cei_assets.contracts.tables.cds import CDS_SEGMENTS
from cei_assets.storage.archive import Receipt
from cei_assets.storage.cds_versions import VersionIndex
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError
from tests.cds_known import facts
from tests.intake_drops import DAY, NOW

V1, V2, TEXT = "1" * 64, "2" * 64, "a" * 64
FACTS = replace(facts(V1), value_count=3, created_us=7)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(root=tmp_path)


def _receipt(paths: DataPaths, name: str) -> Receipt:
    """A receipt whose segments are stored."""
    stored = paths.raw_partition(CDS_SEGMENTS.name, DAY) / f"{name}.parquet"
    stored.parent.mkdir(parents=True, exist_ok=True)
    stored.touch()
    return Receipt(
        receipt_id=name,
        upload_source="cds",
        original_filename="page.json",
        sha256="0" * 64,
        size_bytes=1,
        received_at_utc=NOW,
        received_date=DAY,
    )


def _remember(paths: DataPaths, name: str, *, judgement_id: str = "j1") -> Receipt:
    receipt = _receipt(paths, name)
    with VersionIndex(paths) as index:
        index.remember(receipt, judgement_id=judgement_id, versions=[FACTS], texts={TEXT: V1})
    return receipt


def _known(paths: DataPaths, name: str, *, judgement_id: str = "j1") -> bool:
    with VersionIndex(paths) as index:
        others = index.others(_receipt(paths, name), judgement_id=judgement_id)
        by_text = others.by_text([TEXT, "b" * 64])
        by_version = others.by_version(V1)
        assert others.by_version(V2) is None
        assert by_text == ({} if by_version is None else {TEXT: by_version})
        assert by_version in (None, FACTS)
        return by_version is not None


def test_what_one_receipt_stored_the_others_know(paths: DataPaths) -> None:
    _remember(paths, "first")
    assert _known(paths, "second")


def test_a_receipt_does_not_rely_on_itself(paths: DataPaths) -> None:
    _remember(paths, "first")
    assert not _known(paths, "first")


def test_what_was_stored_under_other_rules_is_stored_again(paths: DataPaths) -> None:
    _remember(paths, "first")
    assert not _known(paths, "second", judgement_id="j2")
    _remember(paths, "second", judgement_id="j2")
    assert _known(paths, "first", judgement_id="j2")
    assert not _known(paths, "third", judgement_id="j1")


def test_what_is_about_to_be_replaced_is_forgotten(paths: DataPaths) -> None:
    receipt = _remember(paths, "first")
    with VersionIndex(paths) as index:
        index.forget(receipt)
    assert not _known(paths, "second")


def test_a_receipt_whose_files_are_gone_has_stored_nothing(paths: DataPaths) -> None:
    _remember(paths, "first")
    (paths.raw_partition(CDS_SEGMENTS.name, DAY) / "first.parquet").unlink()
    assert not _known(paths, "second")


@pytest.mark.parametrize("content", [b"", b"not a database " * 100], ids=["empty", "other"])
def test_a_lost_index_is_begun_anew(paths: DataPaths, content: bytes) -> None:
    _remember(paths, "first")
    for file in paths.state.glob("cds_versions.sqlite*"):
        file.unlink()
    (paths.state / "cds_versions.sqlite").write_bytes(content)
    assert not _known(paths, "second")
    _remember(paths, "second")
    assert _known(paths, "third")


def test_an_index_of_another_format_is_begun_anew(paths: DataPaths) -> None:
    _remember(paths, "first")
    with sqlite3.connect(paths.state / "cds_versions.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert not _known(paths, "second")


def test_all_of_a_receipt_is_remembered_or_nothing(paths: DataPaths) -> None:
    receipt = _receipt(paths, "first")
    with VersionIndex(paths):
        pass
    with sqlite3.connect(paths.state / "cds_versions.sqlite") as connection:
        connection.execute("DROP TABLE texts")
        with VersionIndex(paths) as index, pytest.raises(IntakeError, match="stored segments"):
            index.remember(receipt, judgement_id="j1", versions=[FACTS], texts={TEXT: V1})
        assert connection.execute("SELECT count(*) FROM versions").fetchone() == (0,)
    connection.close()
