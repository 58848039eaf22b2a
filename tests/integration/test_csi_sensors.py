"""What the sensors and schedules of the CSI-Thermal programme ask for, and when for nothing."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.csi.months import due_at_utc
from cei_assets.defs.resources import Platform
from cei_assets.defs.schedules import (
    RANGE_END_TAG,
    RANGE_START_TAG,
    monthly_csi_close,
    nightly_csi_reconcile,
)
from cei_assets.defs.sensors import csi_ledger_changed, landing_sensor
from cei_assets.settings import Settings
from cei_assets.simulation.csi_design import demo_programme
from cei_assets.simulation.csi_drops import write_programme
from cei_assets.storage.csi_build import csi_digest, remember_csi
from cei_assets.storage.csi_ledger import rebuild_ledger, write_months
from cei_assets.storage.csi_register import load_csi_register, store_csi_register
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.taking_in import claim, judge_csi_days

NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
FIRST_MONTH = date(2023, 10, 1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CEI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CEI_AS_OF", NOW.isoformat())
    ensure_layout(Settings().paths)
    return Settings()


@pytest.fixture
def programme(settings: Settings) -> Settings:
    """The simulated programme, waiting in the landing folders."""
    write_programme(demo_programme(seed=3, first_month=FIRST_MONTH), paths=settings.paths)
    return settings


def _tick(sensor: dg.SensorDefinition) -> dg.RunRequest | dg.SkipReason:
    with dg.build_sensor_context(resources={"platform": Platform()}) as context:
        result = sensor(context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def _evaluate(schedule: dg.ScheduleDefinition, moment: datetime) -> object:
    context = dg.build_schedule_context(
        scheduled_execution_time=moment, resources={"platform": Platform()}
    )
    return schedule(context)


def _adjudicate(settings: Settings) -> None:
    loaded = load_csi_register(settings.paths.register)
    store_csi_register(settings.paths, loaded)
    moment = settings.now()
    for source in (UploadSource.CSI_APPLICATION, UploadSource.CSI_METER):
        claim(source, settings=settings, received_at=moment)
    judge_csi_days([moment.date()], register=loaded.register, settings=settings)
    rebuild_ledger(settings.paths, register=loaded.register)


def test_a_report_without_its_form_asks_for_nothing_and_is_counted(settings: Settings) -> None:
    folder = settings.paths.landing("csi_application")
    write_programme(demo_programme(seed=3, first_month=FIRST_MONTH), paths=settings.paths)
    for form in folder.glob("*.form.json"):
        form.unlink()
    reports = len(list(folder.iterdir()))
    skipped = _tick(landing_sensor(UploadSource.CSI_APPLICATION))
    assert isinstance(skipped, dg.SkipReason)
    assert f"{reports} without their .form.json" in str(skipped.skip_message)


def test_complete_pairs_ask_for_a_run_of_the_day_of_receipt(programme: Settings) -> None:
    request = _tick(landing_sensor(UploadSource.CSI_APPLICATION))
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == programme.now().date().isoformat()


def test_a_changed_ledger_asks_for_its_months_once(programme: Settings) -> None:
    _adjudicate(programme)
    request = _tick(csi_ledger_changed)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START_TAG] == "2023-10-01"
    assert request.tags[RANGE_END_TAG] == "2024-03-01"
    write_months(programme.paths, [FIRST_MONTH])
    remember_csi(programme.paths, csi_digest(programme.paths))
    assert isinstance(_tick(csi_ledger_changed), dg.SkipReason)


def test_a_changed_rate_asks_for_a_build_too(programme: Settings) -> None:
    _adjudicate(programme)
    remember_csi(programme.paths, csi_digest(programme.paths))
    register = programme.paths.register / "csi_applications.csv"
    register.write_text(register.read_text().replace("7.27", "7.28"), encoding="utf-8")
    store_csi_register(programme.paths, load_csi_register(programme.paths.register))
    assert isinstance(_tick(csi_ledger_changed), dg.RunRequest)


def test_without_the_programme_nothing_is_asked_for(settings: Settings) -> None:
    del settings
    assert isinstance(_tick(csi_ledger_changed), dg.SkipReason)
    for schedule in (monthly_csi_close, nightly_csi_reconcile):
        assert isinstance(_evaluate(schedule, NOW), dg.SkipReason)


def test_the_close_comes_after_the_deadline_of_the_month_that_it_closes(
    programme: Settings,
) -> None:
    del programme
    tick = datetime(2024, 1, 2, 0, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
    request = _evaluate(monthly_csi_close, tick)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START_TAG] == request.tags[RANGE_END_TAG] == "2023-11-01"
    due = due_at_utc(date(2023, 11, 1), zone="America/Los_Angeles")
    assert due < tick.astimezone(UTC).replace(tzinfo=None)


def test_uploads_without_a_verdict_are_judged_at_night(programme: Settings) -> None:
    claim(UploadSource.CSI_APPLICATION, settings=programme, received_at=programme.now())
    request = _evaluate(nightly_csi_reconcile, NOW)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START_TAG] == request.tags[RANGE_END_TAG] == "2024-05-20"
    _adjudicate(programme)
    assert isinstance(_evaluate(nightly_csi_reconcile, NOW), dg.SkipReason)
