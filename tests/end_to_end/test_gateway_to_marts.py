"""From a request to the marts and back: what was answered is what analysts and clients read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cei_assets.cli.pipeline import run_everything
from cei_assets.settings import Settings
from cei_assets.storage.published import open_published
from tests.live_gateway import NOW, LiveGateway, live_gateway, record

# Great Expectations and matplotlib use what their own dependencies have deprecated.
pytestmark = pytest.mark.filterwarnings("default")
HOURS = [f"2026-11-20T{hour:02d}:00:00Z" for hour in range(24)]


@dataclass(frozen=True, kw_only=True)
class Story:
    """A data folder after readings came in, were built, and were read back at every stage."""

    settings: Settings
    before_the_build: dict[str, Any]
    after_the_build: dict[str, Any]
    export: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the published marts."""
        with open_published(self.settings.paths) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module", autouse=True)
def environment_restored() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    root = tmp_path_factory.mktemp("gateway") / "data"
    with live_gateway(root) as gateway:
        send_everything(gateway)
        before = read_back(gateway)
    os.environ.update(CEI_DATA_DIR=str(root), CEI_AS_OF=NOW.isoformat(), CEI_SETTLE_SECONDS="0")
    settings = Settings()
    run_everything(settings)
    with live_gateway(root) as gateway:
        after = read_back(gateway)
        export = gateway.get("timeseries/export", window_hours=48).text
        answer = httpx.post(
            f"{gateway.url}/api/v1/upload-csv",
            files={"file": ("again.csv", export.encode())},
            headers={"Authorization": f"Bearer {gateway.token.secret}"},
            timeout=60,
        )
        assert answer.json()["status"] == "accepted", answer.text
    run_everything(settings)
    return Story(settings=settings, before_the_build=before, after_the_build=after, export=export)


def send_everything(gateway: LiveGateway) -> None:
    hours = [
        record(timestamp_utc=hour, value=10 + number / 8, idempotency_key=hour)
        for number, hour in enumerate(HOURS)
    ]
    assert gateway.post(*hours).json()["ingested"] == len(hours)
    answer = gateway.post(
        hours[0],
        hours[1] | {"value": 99},
        hours[2] | {"value": 77, "idempotency_key": "corrected"},
        record(meter_id="ending", timestamp_utc=HOURS[5], value=1.123456789),
        record(meter_id="nothing"),
        record(value=-1),
    ).json()
    assert (answer["ingested"], answer["skipped_duplicate"], answer["failed"]) == (2, 1, 3)


def read_back(gateway: LiveGateway) -> dict[str, Any]:
    asked = {
        "summary": gateway.get("timeseries/summary", site_id="mill", window_hours=48),
        "series": gateway.get(
            "timeseries/series",
            site_id="mill",
            meter_id="main",
            window_hours=48,
            resolution="hour",
        ),
        "metrics": gateway.get("analytics/ingest-metrics", window_hours=24),
    }
    for answer in asked.values():
        assert answer.status_code == 200, answer.text
    return {name: answer.json() for name, answer in asked.items()}


def test_the_marts_hold_what_was_acknowledged(story: Story) -> None:
    held = dict(
        story.rows(
            "select interval_start_utc::varchar, usage_kwh from fct_interval_readings "
            "where meter_id = 'main' order by 1"
        )
    )
    assert len(held) == len(HOURS)
    assert held["2026-11-20 01:00:00"] == Decimal("10.125")
    assert held["2026-11-20 02:00:00"] == 77
    assert story.rows(
        "select interval_start_utc::varchar, usage_kwh from fct_interval_readings "
        "where meter_id = 'ending'"
    ) == [("2026-11-20 04:00:00", Decimal("1.123456789"))]


def test_a_correction_is_a_revision_and_a_conflict_a_reject(story: Story) -> None:
    assert story.rows("select previous_usage_kwh, usage_kwh from fct_revisions") == [
        (Decimal("10.25"), Decimal(77))
    ]
    assert story.rows("select code, count(*) from fct_rejects group by code order by code") == [
        ("DUPLICATE_IDEMPOTENCY_KEY", 1),
        ("INVALID_VALUE", 1),
        ("UNKNOWN_METER", 1),
    ]


def test_uploads_count_what_the_answers_counted(story: Story) -> None:
    assert story.rows(
        "select sum(rows_accepted), sum(rows_exact_duplicate), sum(rows_rejected) from fct_uploads "
        "where upload_source = 'cei_api'"
    ) == [(26, 1, 3)]


def test_readings_read_back_alike_before_and_after_the_build(story: Story) -> None:
    assert story.before_the_build == story.after_the_build
    total = sum(Decimal(10) + Decimal(number) / 8 for number in range(24))
    summary = story.before_the_build["summary"]
    assert Decimal(str(summary["total_kwh"])) == total - Decimal("10.25") + 77
    assert summary["points"] == 24


def test_an_export_sent_again_changes_nothing(story: Story) -> None:
    assert story.export.count("\n") == 26
    assert story.rows("select count(*) from fct_revisions") == [(1,)]
    assert story.rows(
        "select rows_accepted, status from fct_uploads where upload_source = 'csv_drop'"
    ) == [(25, "accepted")]
    assert story.rows("select count(*), sum(version_count) from fct_interval_readings") == [
        (25, 26)
    ]


def test_nothing_of_the_gateway_is_left_behind(story: Story) -> None:
    paths = story.settings.paths
    left = [*paths.journal.iterdir(), *Path(paths.landing("cei_api")).iterdir()]
    assert left == []
