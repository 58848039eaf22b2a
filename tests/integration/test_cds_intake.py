"""Customer data from the landing folder to raw tables: the samples, a pulled batch, a new sync."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.checks.intake import conservation, contract
from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds import CDS_INTERVALS, CDS_SEGMENTS
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.settings import Settings
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES, cds_in_use
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.register import RegisterResult
from cei_assets.storage.taking_in import IntakeSummary, claim, judge_cds_days, judge_days
from tests.cds_drops import envelope, pulled
from tests.cds_mock_bodies import customer
from tests.cds_mock_server import CdsMock
from tests.cds_pulls import NAME, Site
from tests.cds_segments import text_of
from tests.intake_drops import REGISTER

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CEI_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
SAMPLES = sorted((SHARED / "cds").glob("*.json"))
RECEIVED = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - receipts are naive UTC
DAY = RECEIVED.date()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty installation."""
    found = Settings(data_dir=tmp_path, settle_seconds=0)
    ensure_layout(found.paths)
    return found


def _drop(
    settings: Settings, name: str, text: str, sidecar: dict[str, object] | None = None
) -> None:
    path = settings.paths.landing("cds") / name
    if sidecar is not None:
        path.with_name(f"{name}.drop.json").write_text(json.dumps(sidecar))
    path.write_text(text)


def _taken_in(settings: Settings, *, at: datetime = RECEIVED, force: bool = False) -> IntakeSummary:
    claimed = claim(UploadSource.CDS, settings=settings, received_at=at)
    assert claimed.problems == ()
    summary = judge_cds_days([at.date()], settings=settings, force=force)
    assert summary.errors == ()
    found = conservation([at.date()], paths=settings.paths)
    assert found.passed, found.found
    return summary


def _rows(settings: Settings, table: Table, days: Sequence[object] = (DAY,)) -> pa.Table:
    folders = [settings.paths.raw(table.name) / f"received_date={day}" for day in days]
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    return pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])


@pytest.mark.skipif(not SAMPLES, reason="no samples: set CEI_SHARED_DATA to the shared data")
def test_the_samples_go_in_whole_and_keep_the_contract(settings: Settings) -> None:
    for sample in SAMPLES:
        _drop(settings, sample.name, sample.read_text(encoding="utf-8"))
    summary = _taken_in(settings)
    assert summary.receipts_judged == len(SAMPLES)
    assert (summary.rows_rejected, summary.rows_exact_duplicate) == (0, 0)
    assert summary.rows_accepted == summary.rows_read > 0
    for table in CDS_INTAKE_TABLES:
        verdict = contract(table, [DAY], paths=settings.paths)
        assert verdict.passed, verdict.found


@pytest.mark.skipif(not SAMPLES, reason="no samples: set CEI_SHARED_DATA to the shared data")
def test_the_samples_again_are_sightings(settings: Settings) -> None:
    for name in ("first", "second"):
        for sample in SAMPLES:
            _drop(settings, f"{name}-{sample.name}", sample.read_text(encoding="utf-8"))
        _taken_in(settings)
    intervals = _rows(settings, CDS_INTERVALS)
    slots = intervals.group_by(["segment_version_id", "set_position", "format_position"]).aggregate(
        []
    )
    assert slots.num_rows == intervals.num_rows
    segments = _rows(settings, CDS_SEGMENTS)
    versions = segments.group_by("segment_version_id").aggregate([])
    assert segments.num_rows == 2 * versions.num_rows


def test_a_batch_of_all_objects_says_when_it_is_whole(settings: Settings) -> None:
    store = customer("C", meters=2)
    for number, (kind, objects) in enumerate(store.items(), start=1):
        sidecar = pulled(
            object=kind, listing=f"{kind}/g-1/0", page=1, pages=1, batch_files=len(store)
        )
        _drop(settings, f"{number}.json", text_of({kind: objects, "next": None}), sidecar)
    summary = _taken_in(settings)
    assert (summary.receipts_judged, summary.rows_rejected) == (len(store), 0)
    listings = _rows(settings, CDS_LISTINGS)
    assert set(listings["batch_file_count"].to_pylist()) == {listings.num_rows} == {len(store)}
    assert set(listings["object_kind"].to_pylist()) == set(store)


def test_a_new_sync_stores_what_has_changed(settings: Settings) -> None:
    segments = customer("C", meters=5, days=4)["usage_segments"]
    _drop(settings, "first.json", envelope(*segments), pulled())
    first = _taken_in(settings)
    later = [{**one, "cds_synced": "2026-11-22T03:00:00Z"} for one in segments]
    later[7] = {**later[7], "cds_modified": "2026-11-22T02:00:00Z"}
    _drop(settings, "second.json", envelope(*later), pulled(observed_at="2026-11-22T03:10:00Z"))
    second = _taken_in(settings, at=RECEIVED + timedelta(days=1))
    per_segment = first.rows_read // len(segments)
    assert second.rows_read == first.rows_read
    assert (second.rows_accepted, second.rows_exact_duplicate) == (
        per_segment,
        first.rows_read - per_segment,
    )
    days = (DAY, DAY + timedelta(days=1))
    seen = _rows(settings, CDS_SEGMENTS, days)
    assert seen.num_rows == 2 * len(segments)
    assert seen.group_by("segment_version_id").aggregate([]).num_rows == len(segments) + 1


@pytest.mark.parametrize("dialect", ["A", "B", "C"])
def test_what_a_pull_landed_goes_in_whole_and_a_second_pull_is_seen(
    tmp_path: Path, dialect: str
) -> None:
    settings = Settings(data_dir=tmp_path, settle_seconds=0)
    with CdsMock(dialect=dialect, endpoints_in="oauth") as mock:
        mock.store = customer(dialect, meters=130, days=1, hours=1)
        site = Site(mock=mock, root=tmp_path)
        site.pull()
        first = _taken_in(settings)
        site.clock.pass_by(86_400)
        mock.store["usage_segments"][0]["cds_modified"] = "2026-02-11T00:00:00Z"
        site.pull()
        second = _taken_in(settings)
    assert (first.rows_rejected, second.rows_rejected) == (0, 0)
    slots = first.rows_accepted - sum(
        len(objects) for kind, objects in mock.store.items() if kind != "usage_segments"
    )
    assert (first.rows_exact_duplicate, second.rows_exact_duplicate) == (0, slots * 129 // 130)
    listings = _rows(settings, CDS_LISTINGS).to_pylist()
    assert {row["cds_server"] for row in listings} == {NAME}
    batches = Counter(row["batch_id"] for row in listings)
    assert [row["batch_file_count"] for row in listings] == [
        batches[row["batch_id"]] for row in listings
    ]
    pages: defaultdict[tuple[str, int, int], list[int]] = defaultdict(list)
    for row in listings:
        listing = (row["batch_id"], row["listing_number"], row["page_count"])
        pages[listing].append(row["page_number"])
    for (_, _, count), numbers in pages.items():
        assert sorted(numbers) == list(range(1, count + 1))
    assert {count for _, _, count in pages} == {1, 2}


def test_judges_of_other_sources_leave_the_files_alone(settings: Settings) -> None:
    _drop(settings, "a.json", envelope(*customer("C")["usage_segments"]))
    claim(UploadSource.CDS, settings=settings, received_at=RECEIVED)
    register = RegisterResult(
        tables=dict(REGISTER), findings=(), fingerprint="f", table_fingerprints={}
    )
    assert judge_days([DAY], register=register, settings=settings).receipts_judged == 0
    assert unjudged_dates(settings.paths) == [DAY]
    assert judge_cds_days([DAY], settings=settings).receipts_judged == 1
    assert judge_cds_days([DAY], settings=settings).receipts_judged == 0
    assert judge_cds_days([DAY], settings=settings, force=True).receipts_judged == 1
    assert unjudged_dates(settings.paths) == []
    assert cds_in_use(settings.paths)


def test_readers_find_a_schema_before_any_row(settings: Settings) -> None:
    assert not cds_in_use(settings.paths)
    for table in CDS_INTAKE_TABLES:
        folder = settings.paths.raw(table.name)
        (file,) = folder.glob("*/*.parquet")
        assert pq.read_schema(file).names == list(table.column_names)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert judge_cds_days([now.date()], settings=settings).receipts_judged == 0
