"""Sensors and schedules as the functions they are: what do they ask for, and when nothing?"""

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.sensor import MIN_INTERVAL_LOOP_TIME

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.defs.resources import Platform
from cei_assets.defs.schedules import (
    RANGE_END_TAG,
    RANGE_START_TAG,
    daily_analysis,
    monthly_refit,
    nightly_reconcile,
)
from cei_assets.defs.sensors import SENSORS, landing_sensor
from cei_assets.settings import Settings
from cei_assets.storage.archive import take
from cei_assets.storage.landing import LandedFile
from cei_assets.storage.layout import ensure_layout

LONG_AGO = 1_600_000_000_000_000_000


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CEI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CEI_AS_OF", "2026-03-29T10:00:00Z")
    ensure_layout(Settings().paths)
    return Settings()


def drop(settings: Settings, name: str, content: bytes = b"x", mtime_ns: int = LONG_AGO) -> Path:
    path = settings.paths.landing("csv_drop") / name
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def tick(sensor: dg.SensorDefinition) -> dg.RunRequest | dg.SkipReason:
    with dg.build_sensor_context(resources={"platform": Platform()}) as context:
        result = sensor(context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def test_there_is_a_sensor_for_every_landing_folder() -> None:
    names = {sensor.name for sensor in SENSORS}
    assert {f"landing_{source}" for source in UploadSource} <= names


def test_empty_folder_asks_for_nothing(settings: Settings) -> None:
    del settings
    assert isinstance(tick(landing_sensor(UploadSource.CSV_DROP)), dg.SkipReason)


def test_settled_file_asks_for_a_run_of_the_day_of_receipt(settings: Settings) -> None:
    drop(settings, "a.csv")
    request = tick(landing_sensor(UploadSource.CSV_DROP))
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-03-29"


def test_file_of_another_folder_is_not_this_sensors(settings: Settings) -> None:
    drop(settings, "a.csv")
    assert isinstance(tick(landing_sensor(UploadSource.TEMPERATURE)), dg.SkipReason)


def test_file_that_is_being_written_waits(settings: Settings) -> None:
    now_ns = int(datetime.now(tz=UTC).timestamp() * 1e9)
    drop(settings, "half.csv", mtime_ns=now_ns)
    drop(settings, "upload.csv.part")
    assert isinstance(tick(landing_sensor(UploadSource.CSV_DROP)), dg.SkipReason)


def test_same_files_ask_with_the_same_key_and_changed_ones_with_another(settings: Settings) -> None:
    sensor = landing_sensor(UploadSource.CSV_DROP)

    def key() -> str | None:
        request = tick(sensor)
        assert isinstance(request, dg.RunRequest)
        return request.run_key

    drop(settings, "a.csv")
    first = key()
    assert key() == first
    drop(settings, "a.csv", content=b"longer")
    longer = key()
    drop(settings, "a.csv", content=b"longer", mtime_ns=LONG_AGO + 1)
    touched = key()
    drop(settings, "late_with_small_name.csv")
    assert len({first, longer, touched, key()}) == 4


def test_sealed_journal_asks_as_soon_as_it_has_settled(settings: Settings) -> None:
    journal = settings.paths.root / "gateway" / "journal" / "20260329.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("{}\n")
    sensor = landing_sensor(UploadSource.CEI_API)
    assert isinstance(tick(sensor), dg.SkipReason)
    last_append = time.time() - settings.settle_seconds - 1
    os.utime(journal, (last_append, last_append))
    journal.rename(settings.paths.landing("cei_api") / journal.name)
    request = tick(sensor)
    assert isinstance(request, dg.RunRequest)
    assert request.job_name is None or request.job_name == "take_in_cei_api"


def test_acknowledged_records_are_asked_for_within_forty_seconds() -> None:
    settings = Settings()
    sensor = landing_sensor(UploadSource.CEI_API)
    waits = (
        settings.gateway_seal_seconds,
        settings.settle_seconds,
        sensor.minimum_interval_seconds or 0,
        MIN_INTERVAL_LOOP_TIME,
    )
    assert sum(waits) <= 40


def schedule_context(moment: datetime) -> dg.ScheduleEvaluationContext:
    return dg.build_schedule_context(
        scheduled_execution_time=moment, resources={"platform": Platform()}
    )


def test_daily_analysis_judges_the_month_of_the_tick() -> None:
    request = daily_analysis(schedule_context(datetime(2026, 3, 31, 3, 30, tzinfo=UTC)))
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START_TAG] == request.tags[RANGE_END_TAG] == "2026-03-01"


def test_monthly_refit_judges_the_month_that_has_ended() -> None:
    request = monthly_refit(schedule_context(datetime(2026, 1, 2, 4, 30, tzinfo=UTC)))
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START_TAG] == "2025-12-01"


def test_nightly_reconcile_asks_for_days_with_receipts_that_have_no_outcome(
    settings: Settings,
) -> None:
    night = datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    assert isinstance(nightly_reconcile(schedule_context(night)), dg.SkipReason)
    for name, day in (("a.csv", 27), ("b.csv", 28)):
        path = drop(settings, name)
        take(
            LandedFile(path=path, size=1, mtime_ns=LONG_AGO),
            paths=settings.paths,
            upload_source="csv_drop",
            received_at=datetime(2026, 3, day, tzinfo=UTC),
        )
    request = nightly_reconcile(schedule_context(night))
    assert isinstance(request, dg.RunRequest)
    span = request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG]
    assert span == (date(2026, 3, 27).isoformat(), date(2026, 3, 28).isoformat())
