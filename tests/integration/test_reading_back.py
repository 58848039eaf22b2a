"""What was accepted is read back at every stage on its way, once, and as it was known then."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import duckdb
import pytest

from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import ReceiptFacts, Verdict
from cei_assets.core.readings.export import export_csv
from cei_assets.core.readings.held import scope_table, select_held
from cei_assets.core.readings.ingest_metrics import MeterFeed, ingest_metrics
from cei_assets.core.readings.summary import Summary, summarise
from cei_assets.core.readings.windows import Span
from cei_assets.storage.archive import received_dates
from cei_assets.storage.intake import judge_date
from cei_assets.storage.landing import SIDECAR_SUFFIX
from tests.accepted_readings import Accepted, Version, accepted_in, at
from tests.intake_drops import batch_line, in_memory, land, record, rows, take_all

AS_OF = at("2026-11-21T12:10")
FIRST = at("2026-11-20T12:00")
HOURS = [FIRST + timedelta(hours=number) for number in range(24)]
NAME = "20261121T120000-1.jsonl"


@pytest.fixture
def accepted(tmp_path: Path) -> Accepted:
    return accepted_in(tmp_path / "data")


def line(*records: object, received_at: str = "2026-11-21T12:00:00Z") -> str:
    return batch_line(*records, received_at=received_at) + "\n"


def readings(count: int = 24, *, value: float = 1.5, meter: str = "main") -> list[object]:
    return [
        record(meter_id=meter, timestamp_utc=f"{hour:%Y-%m-%dT%H:%M:%SZ}", value=value)
        for hour in HOURS[:count]
    ]


@dataclass
class Drop:
    """A gateway's file on its way: written, sealed, taken, judged."""

    accepted: Accepted
    content: str
    journals: list[tuple[Path, int]] = field(default_factory=list)

    def write(self) -> None:
        path = self.accepted.settings.paths.root / "gateway" / "journal" / NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.content, encoding="utf-8")
        moment = self.accepted.now.timestamp() - 60
        os.utime(path, (moment, moment))
        self.journals = [(path, len(self.content.encode()))]

    def seal(self) -> None:
        ((path, _),) = self.journals
        landing = self.accepted.settings.paths.landing("cei_api")
        landing.mkdir(parents=True, exist_ok=True)
        path.rename(landing / NAME)

    def take(self) -> None:
        take_all(self.accepted.settings.paths, source="cei_api")

    def judge(self) -> None:
        judge_all(self.accepted)


def judge_all(accepted: Accepted) -> None:
    """What `cei run` does with receipts that have no outcome."""
    paths = accepted.settings.paths
    for day in received_dates(paths):
        with in_memory() as connection:
            judged = judge_date(
                day,
                paths=paths,
                register=accepted.register.tables,
                limits=accepted.settings.limits,
                judgement_id="j",
                connection=connection,
            )
        assert judged.errors == ()


STEPS: dict[str, Callable[[Drop], None]] = {
    "journal": Drop.write,
    "landing": Drop.seal,
    "receipt": Drop.take,
    "raw": Drop.judge,
}


def summary(
    accepted: Accepted,
    journals: Sequence[tuple[Path, int]] = (),
    *,
    as_of: str | None = None,
    meter: str = "main",
    hours: int = 24,
) -> Summary:
    with accepted.opened(journals) as connection:
        return summarise(
            connection,
            meter=accepted.meter(meter_id=meter),
            as_of=AS_OF if as_of is None else at(as_of),
            window_hours=hours,
        )


def export(
    accepted: Accepted, journals: Sequence[tuple[Path, int]] = (), *, piece_rows: int = 50_000
) -> str:
    """All readings of acme, of whatever time."""
    meters = accepted.meters()
    ever = Span(start_utc=at("1990-01-01"), end_utc=at("2100-01-01"))
    with accepted.opened(journals) as connection:
        pieces = export_csv(
            connection,
            meters=meters,
            as_of=AS_OF,
            windows=[ever] * len(meters),
            piece_rows=piece_rows,
        )
        return b"".join(pieces).decode()


def held(accepted: Accepted, journals: Sequence[tuple[Path, int]]) -> set[tuple[object, ...]]:
    """Site, meter, interval and value of all that holds."""
    meters = accepted.meters()
    ever = Span(start_utc=at("1990-01-01"), end_utc=at("2100-01-01"))
    with accepted.opened(journals) as connection:
        rows = select_held(
            connection,
            "SELECT site_id, meter_id, interval_start_utc, usage_kwh FROM held",
            scope=scope_table(meters, [ever] * len(meters)),
            as_of=AS_OF,
            span=ever,
        )
    return {tuple(row.values()) for row in rows.to_pylist()}


def judged_under(accepted: Accepted, text: str) -> Verdict:
    """The verdict on a CSV drop under the folder's register."""
    with in_memory() as connection:
        return judge_file(
            stream=BytesIO(text.encode()),
            sidecar=None,
            connection=connection,
            register=accepted.register.tables,
            receipt=ReceiptFacts(
                receipt_id="0" * 32,
                upload_source="csv_drop",
                received_at_utc=AS_OF,
                received_date=AS_OF.date(),
            ),
            limits=accepted.settings.limits,
        )


def feeds(
    accepted: Accepted,
    journals: Sequence[tuple[Path, int]] = (),
    *,
    organization: str = "acme",
    hours: int = 24,
) -> tuple[dict[tuple[str, str], MeterFeed], dict[str, int]]:
    with accepted.opened(journals) as connection:
        found = ingest_metrics(
            connection,
            organization_id=organization,
            meters=accepted.meters(organization),
            as_of=AS_OF,
            window_hours=hours,
            is_only_organization=False,
        )
    by_meter = {(feed.site_id, feed.meter_id): feed for feed in found.meters}
    return by_meter, dict(found.unassigned_error_counts)


@pytest.mark.parametrize("keeps_running", [True, False], ids=["one_process", "restarted"])
@pytest.mark.parametrize("is_listed", [True, False], ids=["journal_listed", "not_listed"])
def test_a_reading_is_seen_at_every_stage_and_counted_once(
    tmp_path: Path, keeps_running: bool, is_listed: bool
) -> None:
    accepted = accepted_in(tmp_path / "data")
    drop = Drop(accepted, line(*readings(), record(value=-1), record(site_id="none")))
    for stage, step in STEPS.items():
        step(drop)
        reader = accepted if keeps_running else accepted_again(accepted)
        # a listing from before the file moved names a path that is gone
        journals = drop.journals if is_listed or stage == "journal" else []
        found = summary(reader, journals)
        assert (found.points, found.completeness_percent, found.total_kwh) == (
            24,
            100,
            Decimal(36),
        ), stage
        by_meter, unassigned = feeds(reader, journals)
        assert by_meter["mill", "main"].error_counts == {"INVALID_VALUE": 1}, stage
        assert unassigned == {"UNKNOWN_SITE": 1}, stage


def accepted_again(accepted: Accepted) -> Accepted:
    """The same folder read by a process that was just started."""
    return replace(accepted, back=type(accepted.back)(
        paths=accepted.settings.paths,
        limits=accepted.settings.limits,
        session=accepted.settings.session,
    ))  # fmt: skip


def test_a_file_sealed_during_the_look_is_counted_once(accepted: Accepted) -> None:
    """Both names at once: what a round sees that meets the journal before and after its move."""
    drop = Drop(accepted, line(*readings(), record(value=-1)))
    drop.write()
    ((path, _),) = drop.journals
    landing = accepted.settings.paths.landing("cei_api")
    landing.mkdir(parents=True)
    (landing / NAME).hardlink_to(path)
    for _ in range(2):
        main = feeds(accepted, drop.journals)[0]["mill", "main"]
        assert (main.received_points, main.error_counts) == (24, {"INVALID_VALUE": 1})


def test_only_committed_bytes_of_a_journal_count(accepted: Accepted) -> None:
    drop = Drop(accepted, line(*readings(3)))
    drop.write()
    ((path, committed),) = drop.journals
    with path.open("a", encoding="utf-8") as journal:
        journal.write(line(*readings(24)) + '{"receipt"')
    assert summary(accepted, [(path, committed)]).points == 3


def test_a_journal_is_followed_as_it_grows(accepted: Accepted) -> None:
    path = accepted.settings.paths.root / NAME
    committed = 0
    for count in (3, 5, 24):
        with path.open("a", encoding="utf-8") as journal:
            committed += journal.write(line(*readings(count), received_at="2026-11-21T12:05:00Z"))
        assert summary(accepted, [(path, committed)]).points == count


def test_a_file_still_being_dropped_counts_in_whole_lines(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    content = line(*readings(3)) + line(*readings(24))[:-20]
    land(paths, "foreign.jsonl", content, source="cei_api", age=0.5)
    assert summary(accepted).points == 3
    assert feeds(accepted)[1] == {}
    land(paths, "foreign.jsonl", line(*readings(3)) + line(*readings(24)), source="cei_api", age=60)
    assert summary(accepted).points == 24


def test_a_drop_met_at_two_stages_keeps_its_rows(accepted: Accepted) -> None:
    """The second look must not take the rows of the first one for repeats and keep none."""
    paths = accepted.settings.paths
    content = line(*readings(), record(value=-1))
    land(paths, NAME, content, source="cei_api")
    take_all(paths, source="cei_api")
    still_landed = land(paths, NAME, content, source="cei_api")
    assert summary(accepted).points == 24
    assert feeds(accepted)[0]["mill", "main"].error_counts == {"INVALID_VALUE": 1}
    still_landed.unlink()
    assert summary(accepted).points == 24
    assert feeds(accepted)[0]["mill", "main"].error_counts == {"INVALID_VALUE": 1}


def test_files_that_wait_together_are_told_apart(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    contents = {
        "first": line(*readings(2), record(value=-1)),
        "unusable": "\x00\x00\xfe\xff",
        "second": "no batch\n" + line(*readings(3), record(unit="MWh")),
    }
    for stage in ("landed", "taken"):
        if stage == "landed":
            for name, content in contents.items():
                land(paths, f"{name}.jsonl", content.encode("latin-1"), source="cei_api")
        else:
            take_all(paths, source="cei_api")
        assert summary(accepted).points == 3, stage
        main = feeds(accepted)[0]["mill", "main"]
        assert main.error_counts == {"INVALID_VALUE": 1, "INVALID_UNIT": 1}, stage


def test_a_file_that_moves_alone_leaves_those_it_waited_with(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    land(paths, "one.jsonl", line(*readings(2), record(value=-1)), source="cei_api", age=60)
    land(paths, "two.jsonl", line(*readings(3), record(value=-2)), source="cei_api", age=30)
    errors = {"INVALID_VALUE": 2}
    assert feeds(accepted)[0]["mill", "main"].error_counts == errors
    (paths.landing("cei_api") / "two.jsonl").rename(paths.root / "two.jsonl")
    take_all(paths, source="cei_api")
    (paths.root / "two.jsonl").rename(paths.landing("cei_api") / "two.jsonl")
    main = feeds(accepted)[0]["mill", "main"]
    assert (main.received_points, main.error_counts) == (3, errors)


def test_csv_drops_count_from_their_receipt_on(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    text = rows(*(f"mill,main,{hour:%Y-%m-%dT%H:%M:%SZ},2.25,kWh" for hour in HOURS))
    land(paths, "day.csv", text)
    assert summary(accepted).points == 0
    take_all(paths)
    assert summary(accepted).total_kwh == Decimal(54)
    judge_all(accepted)
    assert summary(accepted).total_kwh == Decimal(54)


def test_the_same_bytes_dropped_again_do_not_bring_an_old_value_back(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    for number, value in enumerate(("1", "2", "1")):
        land(paths, "hour.csv", rows(f"mill,main,2026-11-21T00:00:00Z,{value},kWh"), age=60)
        take_all(paths, at=AS_OF - timedelta(minutes=9 - number))
    assert summary(accepted).total_kwh == Decimal(2)
    judge_all(accepted)
    assert summary(accepted).total_kwh == Decimal(2)


def test_a_sidecar_gives_the_zone_of_a_drop(accepted: Accepted) -> None:
    paths = accepted.settings.paths
    land(paths, "local.csv", rows("mill,main,2026-11-21 01:00,1,kWh"))
    land(paths, "local.csv" + SIDECAR_SUFFIX, '{"timezone": "Europe/Rome"}')
    take_all(paths)
    assert summary(accepted).first_interval_utc == at("2026-11-21T00:00")


def test_files_of_large_receipts_are_read_where_they_lie(
    accepted: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cei_assets.storage.reading_back.judged.LARGE_BYTES", 0)
    drop = Drop(accepted, line(*readings()))
    for step in STEPS.values():
        step(drop)
    assert summary(accepted).total_kwh == Decimal(36)
    assert feeds(accepted)[0]["mill", "main"].last_received_at_utc == at("2026-11-21T12:00")


VERSIONS = tuple(
    Version(start=HOURS[0], kwh=kwh, received=at(received))
    for kwh, received in (
        ("1", "2026-11-20T14:00"),
        ("2", "2026-11-20T18:00"),
        ("3.000000001", "2026-11-21T08:00"),
    )
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Accepted:
    """An interval that was revised twice; nothing waits."""
    accepted = accepted_in(tmp_path_factory.mktemp("published") / "data")
    accepted.publish(VERSIONS)
    return accepted


@pytest.mark.parametrize(
    ("as_of", "known"),
    [
        ("2026-11-20T13:59:59", None),
        ("2026-11-20T14:00:00", Decimal(1)),
        ("2026-11-20T17:59:59", Decimal(1)),
        ("2026-11-20T18:00:00", Decimal(2)),
        ("2026-11-21T07:59:59", Decimal(2)),
        ("2026-11-21T08:00:00", Decimal("3.000000001")),
    ],
)
def test_what_is_published_is_read_as_it_was_known(
    published: Accepted, as_of: str, known: Decimal | None
) -> None:
    assert summary(published, as_of=as_of).total_kwh == known


@pytest.mark.parametrize(
    ("received_at", "as_of", "known"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T08:59:59", Decimal("3.000000001")),
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00", Decimal(9)),
        # received before what is published, judged after it: the later value holds
        ("2026-11-20T20:00:00Z", "2026-11-21T12:00:00", Decimal("3.000000001")),
        ("2026-11-20T20:00:00Z", "2026-11-21T07:00:00", Decimal(9)),
    ],
    ids=["before", "after", "late_judged", "late_judged_then"],
)
def test_unbuilt_and_published_versions_are_ordered_by_receipt(
    published: Accepted, received_at: str, as_of: str, known: Decimal
) -> None:
    drop = Drop(accepted_again(published), line(*readings(1, value=9), received_at=received_at))
    drop.write()
    assert summary(drop.accepted, drop.journals, as_of=as_of).total_kwh == known


def test_a_published_receipt_is_no_longer_looked_at(accepted: Accepted) -> None:
    drop = Drop(accepted, line(*readings(), record(value=-1)))
    for step in STEPS.values():
        step(drop)
    (receipt,) = (accepted.settings.paths.raw("outcomes")).glob("*/*.parquet")
    accepted.publish(
        [
            Version(start=HOURS[0], kwh="7", received=at("2026-11-21T12:00"), receipt=receipt.stem),
        ]
    )
    found = summary(accepted)
    assert (found.points, found.total_kwh) == (1, Decimal(7))
    assert feeds(accepted)[0]["mill", "main"].error_counts == {}


def test_old_days_of_receipts_are_not_listed_again(accepted: Accepted) -> None:
    """What a reader costs depends on what waits, not on the years before it."""
    paths = accepted.settings.paths
    text = rows("mill,main,2026-11-09T00:00:00Z,1,kWh")
    land(paths, "old.csv", text, age=timedelta(days=12).total_seconds())
    assert len(take_all(paths, at=at("2026-11-10T00:30"))) == 1
    accepted.publish([Version(start=HOURS[0], kwh="7", received=at("2026-11-20T13:00"))])
    assert summary(accepted, hours=480).points == 1
    # unless a mark says that the next build takes it in
    judge_all(accepted)
    assert summary(accepted, hours=480).points == 1 + 1


def test_an_export_taken_in_again_changes_nothing(accepted: Accepted) -> None:
    """Every value and interval as it is held, whatever the meter's label and interval."""
    kwh = ("0.000000001", "1000000", "0", "12.5", "999999.999999999")
    drop = Drop(
        accepted,
        line(
            *(
                record(
                    meter_id=meter, timestamp_utc=f"2026-11-21T0{hour}:00:00Z", value=float(hour)
                )
                for meter in ("main", "line", "press", "mute")
                for hour in range(9)
            ),
            record(site_id="plant", timestamp_utc="2026-11-20T18:30:00Z", value=0.1),
        ),
    )
    drop.write()
    accepted.publish(
        [
            Version(meter="press", start=start, kwh=text, received=at("2026-11-21T10:00"))
            for start, text in zip(HOURS, kwh, strict=False)
        ]
    )
    exported = export(accepted, drop.journals)
    assert len(exported.splitlines()) == 1 + 4 * 9 + 1 + len(kwh)
    verdict = judged_under(accepted, exported)
    assert verdict.rows_rejected == 0
    assert held(accepted, drop.journals) == {
        tuple(row[name] for name in ("site_id", "meter_id", "interval_start_utc", "usage_kwh"))
        for row in verdict.readings.table().to_pylist()
    }
    land(accepted.settings.paths, "export.csv", exported)
    take_all(accepted.settings.paths)
    judge_all(accepted)
    assert export(accepted, drop.journals) == exported


@pytest.mark.parametrize("piece_rows", [1, 2, 1000])
def test_an_export_is_the_same_in_pieces_of_any_size(accepted: Accepted, piece_rows: int) -> None:
    drop = Drop(accepted, line(*readings()))
    drop.write()
    whole = export(accepted, drop.journals)
    assert export(accepted, drop.journals, piece_rows=piece_rows) == whole
    assert len(whole.splitlines()) == 25


def test_a_perfect_feed_is_complete_and_a_silent_meter_is_not_absent(accepted: Accepted) -> None:
    quarters = [FIRST + timedelta(minutes=15 * number) for number in range(96)]
    accepted.publish(
        [
            *(Version(start=hour, kwh="1", received=at("2026-11-21T12:01")) for hour in HOURS),
            *(
                Version(meter="line", start=start, kwh="1", received=at("2026-11-21T12:01"))
                for start in quarters
            ),
        ]
    )
    by_meter, _ = feeds(accepted)
    assert list(by_meter) == [(meter.site_id, meter.meter_id) for meter in accepted.meters()]
    for meter, points in (("main", 24), ("line", 96)):
        feed = by_meter["mill", meter]
        assert (feed.expected_points, feed.received_points) == (points, points)
        assert (feed.completeness_percent, feed.gap_hours, feed.longest_gap_hours) == (100, 0, 0)
    mute = by_meter["mill", "mute"]
    assert (mute.completeness_percent, mute.gap_hours, mute.longest_gap_hours) == (0, 24, 24)
    assert (mute.last_interval_utc, mute.last_received_at_utc) == (None, None)
    assert feeds(accepted, organization="other")[0].keys() == {("works", "main")}


def test_gaps_are_runs_of_missing_intervals(accepted: Accepted) -> None:
    missing = {2, 3, 4, 10, 23}
    accepted.publish(
        [
            Version(start=hour, kwh="1", received=at("2026-11-21T12:01"))
            for number, hour in enumerate(HOURS)
            if number not in missing
        ]
    )
    feed = feeds(accepted)[0]["mill", "main"]
    assert (feed.received_points, feed.gap_hours, feed.longest_gap_hours) == (19, 5, 3)
    assert feed.last_interval_utc == HOURS[22]


def test_refused_rows_count_with_their_sender_alone(accepted: Accepted) -> None:
    """A foreign token that names a site of acme leaves no trace there."""
    records = [record(), record(meter_id="none"), record(value=None)]
    foreign = batch_line(*records, organization_id="other", received_at="2026-11-21T12:00:00Z")
    drop = Drop(accepted, line(*records) + foreign + "\n")
    drop.write()
    by_meter, unassigned = feeds(accepted, drop.journals)
    assert by_meter["mill", "main"].error_counts == {"INVALID_VALUE": 1}
    assert unassigned == {"UNKNOWN_METER": 1}
    by_meter, unassigned = feeds(accepted, drop.journals, organization="other")
    assert by_meter["works", "main"].error_counts == {}
    assert unassigned == {"ORG_MISMATCH": 3}


def test_a_meter_was_last_seen_with_its_latest_interval_and_receipt(accepted: Accepted) -> None:
    """Also when that is long ago, and when what came lately is of old."""
    old, older, lately = at("2026-03-01T10:00"), at("2026-02-01T10:00"), at("2026-11-21T09:00")
    accepted.publish(
        [
            Version(start=HOURS[3], kwh="1", received=lately),
            Version(start=older, kwh="1", received=at("2026-11-21T09:30")),
            Version(meter="mute", start=old, kwh="1", received=old + timedelta(hours=1)),
            Version(meter="press", start=old, kwh="1", received=old + timedelta(hours=1)),
            Version(meter="press", start=older, kwh="1", received=lately),
            Version(meter="press", start=older, kwh="2", received=at("2026-11-21T12:11")),
        ]
    )
    by_meter, _ = feeds(accepted)
    assert {
        meter: (feed.last_interval_utc, feed.last_received_at_utc)
        for (site, meter), feed in by_meter.items()
        if site == "mill"
    } == {
        "main": (HOURS[3], at("2026-11-21T09:30")),
        "mute": (old, old + timedelta(hours=1)),
        "press": (old, lately),
        "line": (None, None),
    }


def refused(code: str, received_at: str, **fields: str | None) -> dict[str, object]:
    """A row of the mart of rejects."""
    return {
        "receipt_id": "0" * 32,
        "upload_source": "csv_drop",
        "received_at_utc": at(received_at),
        "received_date": at(received_at).date(),
        "line_number": 2,
        "code": code,
        "detail": "as found",
        **fields,
    }


@pytest.mark.parametrize("has_organizations", [True, False], ids=["now", "before_upgrade"])
def test_published_errors_count_where_they_were_received_in_the_window(
    accepted: Accepted, has_organizations: bool
) -> None:
    main = {"organization_id": "acme", "site_id_text": " mill", "meter_id_text": "main"}
    stray = {"organization_id": "acme", "site_id_text": "mill", "meter_id_text": "none"}
    foreign = {"organization_id": "other", "site_id_text": "mill", "meter_id_text": "main"}
    rejects = [
        refused("INVALID_VALUE", "2026-11-20T12:10:00", **main),
        refused("INVALID_VALUE", "2026-11-20T12:10:01", **main),
        refused("INVALID_UNIT", "2026-11-21T12:10:00", **main),
        refused("INVALID_UNIT", "2026-11-21T12:10:01", **main),
        refused("UNKNOWN_METER", "2026-11-21T12:00:00", **stray),
        refused("ORG_MISMATCH", "2026-11-21T12:00:00", **foreign),
    ]
    accepted.publish([], rejects=rejects)
    if not has_organizations:
        with duckdb.connect(str(accepted.settings.paths.published)) as connection:
            connection.execute("ALTER TABLE marts.fct_rejects DROP COLUMN organization_id")
    by_meter, unassigned = feeds(accepted)
    assert by_meter["mill", "main"].error_counts == {"INVALID_VALUE": 1, "INVALID_UNIT": 1}
    assert unassigned == {"UNKNOWN_METER": 1}


def test_verdicts_given_on_receipt_hold(accepted: Accepted) -> None:
    """What the sender was told was skipped or refused is not in; the rest is."""
    told = (
        line(*readings(4))[:-2]
        + ',"verdict":{"skipped":[0],"failed":[{"index":1,"code":"DUPLICATE_IDEMPOTENCY_KEY",'
        '"detail":"the key is stored with another value"}]}}\n'
    )
    drop = Drop(accepted, told)
    drop.write()
    assert summary(accepted, drop.journals).points == 2
    errors = feeds(accepted, drop.journals)[0]["mill", "main"].error_counts
    assert errors == {"DUPLICATE_IDEMPOTENCY_KEY": 1}


def test_expected_from_inside_the_window(accepted: Accepted) -> None:
    found = summary(accepted, as_of="2026-01-01T11:00")
    assert (found.expected_points, found.completeness_percent) == (12, 0)
    assert summary(accepted, as_of="2025-06-01T11:00").completeness_percent is None


def test_an_edited_register_is_judged_by_at_once(accepted: Accepted) -> None:
    drop = Drop(accepted, line(*readings(2, meter="new")))
    drop.write()
    assert feeds(accepted, drop.journals)[1] == {"UNKNOWN_METER": 2}
    register = accepted.settings.paths.register / "meters.csv"
    added = "mill,new,New,submeter,main,3600,start,2026-01-01,\n"
    register.write_text(register.read_text(encoding="utf-8") + added, encoding="utf-8")
    changed = replace(accepted, register=accepted.reload())
    by_meter, unassigned = feeds(changed, drop.journals)
    assert by_meter["mill", "new"].received_points == 2
    assert unassigned == {}
