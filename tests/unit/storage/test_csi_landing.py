"""CSI uploads are taken with the form beside them, whole, and only once."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.settings import Settings
from cei_assets.storage import archive
from cei_assets.storage.archive import Receipt, receipts_of
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.taking_in import Claimed, claim, landed_drops

SOURCE = UploadSource.CSI_APPLICATION
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC).replace(tzinfo=None)
FORM = '{"application_id": "SCG-00987"}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, settle_seconds=60)


def _land(paths: DataPaths, name: str, text: str, *, age: float = 3600) -> Path:
    path = paths.landing(SOURCE.value) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    moment = datetime.now(tz=UTC).timestamp() - age
    os.utime(path, (moment, moment))
    return path


def _claim(settings: Settings) -> Claimed:
    return claim(SOURCE, settings=settings, received_at=NOW)


def _complete(settings: Settings) -> list[str]:
    return [landed.path.name for landed in landed_drops(SOURCE, settings=settings)[1]]


def _left(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.paths.landing(SOURCE.value).iterdir())


def test_a_report_waits_for_its_form(settings: Settings) -> None:
    _land(settings.paths, "september.csv", "rows")
    assert _complete(settings) == []
    assert _claim(settings) == Claimed(receipts=(), problems=())
    assert _left(settings) == ["september.csv"]
    _land(settings.paths, "september.csv.form.json", FORM)
    assert _complete(settings) == ["september.csv"]


@pytest.mark.parametrize("fresh", ["september.csv", "september.csv.form.json"])
def test_a_half_written_part_of_a_pair_waits(settings: Settings, fresh: str) -> None:
    for name in ("september.csv", "september.csv.form.json"):
        _land(settings.paths, name, FORM, age=0 if name == fresh else 3600)
    assert _complete(settings) == []
    assert _claim(settings).receipts == ()


def test_the_receipt_keeps_the_form_and_when_the_file_landed(settings: Settings) -> None:
    path = _land(settings.paths, "september.csv", "rows")
    _land(settings.paths, "september.csv.form.json", FORM)
    landed_at = datetime.fromtimestamp(path.stat().st_ctime, tz=UTC).replace(tzinfo=None)
    (receipt,) = _claim(settings).receipts
    assert (receipt.sidecar, receipt.landed_at_utc) == (FORM, landed_at)
    assert receipts_of(settings.paths, NOW.date()) == [receipt]
    assert _left(settings) == []


def test_the_same_file_with_another_form_is_another_upload(settings: Settings) -> None:
    receipts: list[Receipt] = []
    for form in (FORM, '{"application_id": "SCG-00988"}'):
        _land(settings.paths, "september.csv", "rows")
        _land(settings.paths, "september.csv.form.json", form)
        receipts += _claim(settings).receipts
    assert len({receipt.receipt_id for receipt in receipts}) == 2
    assert len({receipt.sha256 for receipt in receipts}) == 1


class KilledError(Exception):
    """Stands for the process ending at this instant."""


def test_killed_between_form_and_file_leaves_one_receipt_and_no_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _land(settings.paths, "september.csv", "rows")
    _land(settings.paths, "september.csv.form.json", FORM)
    removed: list[Path] = []
    unlink = Path.unlink

    def dying_unlink(self: Path, missing_ok: bool = False) -> None:
        if self == path:
            raise KilledError
        removed.append(self)
        unlink(self, missing_ok=missing_ok)

    with monkeypatch.context() as killed:
        killed.setattr(archive.Path, "unlink", dying_unlink)
        with pytest.raises(KilledError):
            _claim(settings)
    assert _left(settings) == ["september.csv"]
    assert _claim(settings) == Claimed(receipts=(), problems=())
    assert _left(settings) == []
    (receipt,) = receipts_of(settings.paths, NOW.date())
    assert receipt.sidecar == FORM


def test_an_unknown_file_without_form_stays(settings: Settings) -> None:
    _land(settings.paths, "september.csv", "rows")
    _claim(settings)
    assert _left(settings) == ["september.csv"]
    assert not (settings.paths.root / "receipts").exists()
