"""Files of customer data from receipt to raw Parquet: rows once, sightings always, none lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cei_assets.checks.intake import conservation
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.cds import (
    CDS_INTERVALS,
    CDS_REJECTS,
    CDS_RELATIONS,
    CDS_SEGMENTS,
)
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.contracts.tables.cds_objects import CDS_METER_DEVICES
from cei_assets.contracts.tables.intake import OUTCOMES, REJECTS
from cei_assets.core.cds.judge import CdsLimits
from cei_assets.storage import cds_intake, intake
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.build_state import pending_receipts, remove_pending
from cei_assets.storage.cds_intake import cds_judgement_id, judge_cds_date
from cei_assets.storage.cds_layout import CDS_INTAKE_TABLES, cds_in_use, ensure_cds_layout
from cei_assets.storage.cds_versions import VersionIndex
from cei_assets.storage.intake import Outcome
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError
from tests.cds_drops import envelope, pulled, stored, take_file, take_pages
from tests.cds_mock_bodies import customer
from tests.cds_segments import net, segment, text_of
from tests.intake_drops import DAY, NOW

Row = dict[str, Any]


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """An empty data folder."""
    return DataPaths(root=tmp_path)


def _judge(
    paths: DataPaths, *, force: bool = False, limits: CdsLimits | None = None
) -> list[Outcome]:
    judged = judge_cds_date(DAY, paths=paths, force=force, limits=limits)
    assert judged.errors == ()
    assert conservation([DAY], paths=paths).passed, conservation([DAY], paths=paths).found
    return list(judged.outcomes)


def _counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return (
        outcome.rows_read,
        outcome.rows_accepted,
        outcome.rows_rejected,
        outcome.rows_exact_duplicate,
    )


def _rows(paths: DataPaths, table: Table) -> list[Row]:
    return stored(paths, table).to_pylist()


def _month(number: int = 1, *amounts: object, **members: object) -> Row:
    return segment(*net(*(amounts or (1, None, 2.5))), cds_usagesegment_id=f"s-{number}", **members)


def test_a_file_gives_its_slots_and_segments(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1), _month(2)))
    (outcome,) = _judge(paths)
    assert (outcome.status, _counts(outcome)) == ("accepted", (6, 6, 0, 0))
    assert stored(paths, CDS_SEGMENTS).num_rows == 2
    assert stored(paths, CDS_INTERVALS).num_rows == 6
    assert {row["cds_server"] for row in _rows(paths, CDS_SEGMENTS)} == {"file"}
    assert unjudged_dates(paths) == []


def test_every_table_keeps_its_contract_whatever_arrives(paths: DataPaths) -> None:
    take_file(paths, text_of(customer("C")), name="all.json", sidecar=pulled())
    take_file(paths, text_of(customer("A")), name="old.json")
    take_file(paths, envelope(_month(1, "x", 1), {"cds_usagesegment_id": "s"}), name="odd.json")
    take_file(paths, b"\x00", name="nothing.json")
    take_file(paths, envelope(), name="bad.json", sidecar="{")
    statuses = [outcome.status for outcome in _judge(paths)]
    assert sorted(statuses) == ["accepted", "accepted", "partial", "rejected", "rejected"]
    for table in (*CDS_INTAKE_TABLES, REJECTS, OUTCOMES):
        assert validate_arrow(table, stored(paths, table)) == [], table.name


def test_what_is_refused_has_a_reason_in_both_tables(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1, "x", 1, None), {"cds_usagesegment_id": "s"}))
    (outcome,) = _judge(paths)
    assert (outcome.status, _counts(outcome)) == ("partial", (4, 2, 2, 0))
    assert outcome.detail is not None
    assert outcome.detail.endswith("(and 1 more)")
    own = _rows(paths, CDS_REJECTS)
    assert [(row["reject_number"], row["cds_code"]) for row in own] == [
        (1, "BAD_VALUE"),
        (2, "MISSING_FIELD"),
    ]
    common = _rows(paths, REJECTS)
    assert [(row["line_number"], row["code"]) for row in common] == [
        (1, "MALFORMED_ROW"),
        (2, "MALFORMED_ROW"),
    ]
    assert common[0]["detail"].startswith("BAD_VALUE: /usage_segments/0/values/0/0/eu: ")
    assert (common[0]["value_text"], common[0]["upload_source"]) == ("x", "cds")


def test_a_file_that_cannot_be_used_counts_as_one_row(paths: DataPaths) -> None:
    take_file(paths, '{"usage_segments": [')
    (outcome,) = _judge(paths)
    assert (outcome.status, _counts(outcome)) == ("rejected", (1, 0, 1, 0))
    (row,) = _rows(paths, REJECTS)
    assert (row["code"], row["detail"][:18]) == ("MALFORMED_FILE", "NOT_JSON: the file")
    assert cds_in_use(paths)


def test_markers_without_slots_and_objects_count_one_each(paths: DataPaths) -> None:
    marker = segment(formats=(), end="2026-04-01T00:00:00Z")
    unknown = _month(2, 1, formats=({"id": "x", "type": "moon_phase"},))
    body = {"usage_segments": [marker, unknown], "meter_devices": customer("C")["meter_devices"]}
    take_file(paths, text_of(body))
    (outcome,) = _judge(paths)
    assert (outcome.status, _counts(outcome)) == ("accepted", (5, 5, 0, 0))
    assert stored(paths, CDS_METER_DEVICES).num_rows == 3


def test_conservation_fails_when_a_file_of_rows_is_lost(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1)))
    _judge(paths)
    next(iter(paths.raw_partition(CDS_INTERVALS.name, DAY).glob("*.parquet"))).unlink()
    assert not conservation([DAY], paths=paths).passed


def test_a_pulled_page_is_told_with_its_listing_and_time(paths: DataPaths) -> None:
    take_pages(paths, [envelope(_month(1)), envelope(_month(2))])
    _judge(paths)
    listings = _rows(paths, CDS_LISTINGS)
    assert sorted((row["page_number"], row["page_count"]) for row in listings) == [(0, 2), (1, 2)]
    assert len({row["listing_number"] for row in listings}) == 1
    seen = {row["observed_at_utc"] for row in _rows(paths, CDS_SEGMENTS)}
    assert seen == {datetime.fromisoformat(f"2026-04-02T09:30:0{second}") for second in (0, 1)}
    days = {row["received_date"] for row in (*listings, *_rows(paths, CDS_SEGMENTS))}
    assert days == {DAY}


def test_nothing_is_seen_after_it_was_received(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1)), sidecar=pulled(observed_at="2099-01-01T00:00:00Z"))
    (outcome,) = _judge(paths)
    assert outcome.warnings == "observed_at is later than the receipt, whose time counts"
    for table in (CDS_SEGMENTS, CDS_LISTINGS):
        assert [row["observed_at_utc"] for row in _rows(paths, table)] == [NOW]


@pytest.mark.parametrize(
    "sidecar", ["{", "[1]", pulled(page="one"), {"server": ""}], ids=["json", "list", "page", "own"]
)
def test_a_bad_sidecar_is_a_verdict(paths: DataPaths, sidecar: str | dict[str, Any]) -> None:
    take_file(paths, envelope(_month(1)), sidecar=sidecar)
    (outcome,) = _judge(paths)
    assert (outcome.status, _counts(outcome)) == ("rejected", (1, 0, 1, 0))
    assert [row["cds_code"] for row in _rows(paths, CDS_REJECTS)] == ["BAD_SIDECAR"]
    assert "of the sidecar" in str(outcome.detail) or "the sidecar" in str(outcome.detail)
    assert _rows(paths, CDS_LISTINGS) == []


def test_a_version_is_stored_by_the_first_and_seen_in_all(paths: DataPaths) -> None:
    first = take_file(paths, envelope(_month(1)), sidecar=pulled(), age=90)
    synced = _month(1, cds_synced="2026-04-09T00:00:00Z")
    again = take_file(
        paths,
        envelope(synced, _month(2, 7)),
        sidecar=pulled(observed_at="2026-04-09T09:30:00Z"),
        name="again.json",
    )
    outcomes = {outcome.receipt_id: _counts(outcome) for outcome in _judge(paths)}
    assert outcomes == {first.receipt_id: (3, 3, 0, 0), again.receipt_id: (4, 1, 0, 3)}
    sightings = _rows(paths, CDS_SEGMENTS)
    assert {(row["receipt_id"], row["cds_usagesegment_id"]) for row in sightings} == {
        (first.receipt_id, "s-1"),
        (again.receipt_id, "s-1"),
        (again.receipt_id, "s-2"),
    }
    for table in (CDS_INTERVALS, CDS_RELATIONS):
        owners = {row["segment_version_id"]: row["receipt_id"] for row in _rows(paths, table)}
        assert sorted(owners.values()) == sorted([first.receipt_id, again.receipt_id])


def test_a_sighting_tells_what_a_full_read_tells(tmp_path: Path) -> None:
    odd = [
        _month(1, "x", 1, None),
        _month(2, 1, values=[[{"eu": 1}, {"eu": 2}]]),
        segment(formats=(), end="2026-04-01T00:00:00Z"),
        _month(4, 1, formats=({"id": "x", "type": "moon_phase"},)),
    ]
    # Written otherwise, it is known by its version; as it was, by its text.
    pages = [envelope(*odd), envelope(*odd).replace('"interval":', '"interval" :'), envelope(*odd)]
    found = []
    for name, sidecars in (("once", pages[2:]), ("thrice", pages)):
        paths = DataPaths(root=tmp_path / name)
        for number, page in enumerate(sidecars):
            take_file(paths, page, name=f"{number}.json")
            _judge(paths)
        rows = stored(paths, CDS_SEGMENTS).to_pylist()
        facts = [
            tuple(value for column, value in row.items() if column != "receipt_id") for row in rows
        ]
        found.append(set(facts))
        assert len(rows) == 4 * len(sidecars)
    assert found[0] == found[1]


def test_the_same_file_again_is_a_sighting(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1)), age=90)
    take_file(paths, envelope(_month(1)), age=60)
    assert [_counts(outcome) for outcome in _judge(paths)] == [(3, 3, 0, 0), (3, 0, 0, 3)]
    assert stored(paths, CDS_SEGMENTS).num_rows == 2


def test_a_version_twice_in_a_file_is_stored_once(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1), _month(1)))
    (outcome,) = _judge(paths)
    assert _counts(outcome) == (6, 3, 0, 3)
    assert outcome.warnings == "DUPLICATE_SEGMENT 1"
    assert stored(paths, CDS_SEGMENTS).num_rows == 1


def test_what_had_to_be_ignored_is_counted(paths: DataPaths) -> None:
    body = [_month(1, moon="full"), _month(2, 1, formats=({"id": "x", "type": "moon_phase"},))]
    take_file(paths, envelope(*body))
    (outcome,) = _judge(paths)
    assert outcome.warnings == "unknown_fields 1; unknown_types 1"


def test_ids_count_within_their_server(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1)), sidecar=pulled(), name="a.json")
    take_file(paths, envelope(_month(1)), sidecar=pulled(server="lakeside"), name="b.json")
    assert {_counts(outcome) for outcome in _judge(paths)} == {(3, 3, 0, 0)}


def test_without_the_index_rows_are_stored_twice_and_say_the_same(paths: DataPaths) -> None:
    take_file(paths, envelope(_month(1)), name="a.json")
    _judge(paths)
    for file in paths.state.glob("cds_versions.sqlite*"):
        file.unlink()
    take_file(paths, envelope(_month(1)), name="b.json")
    _judge(paths)
    rows = stored(paths, CDS_INTERVALS).drop_columns(["receipt_id"]).to_pylist()
    assert len(rows) == 6
    assert rows[:3] == rows[3:]


def test_judging_again_stores_the_same(paths: DataPaths) -> None:
    for number in range(3):
        take_file(paths, envelope(_month(1), _month(number)), name=f"{number}.json")
    _judge(paths)
    before = {table.name: _rows(paths, table) for table in CDS_INTAKE_TABLES}
    assert _judge(paths) == []
    assert len(_judge(paths, force=True)) == 3
    assert {table.name: _rows(paths, table) for table in CDS_INTAKE_TABLES} == before


def test_rows_that_move_between_receipts_ask_for_a_new_build(paths: DataPaths) -> None:
    first = take_file(paths, envelope(_month(1)), name="a.json")
    second = take_file(paths, envelope(_month(1)), name="b.json", at=NOW + timedelta(days=1))
    _judge(paths)
    remove_pending(paths, tuple(pending_receipts(paths, paths.pending_cds)), paths.pending_cds)
    for file in paths.state.glob("cds_versions.sqlite*"):
        file.unlink()
    days = (second.received_date, DAY)
    for day in days:
        judge_cds_date(day, paths=paths, force=True)
    owners = stored(paths, CDS_INTERVALS, days=days)["receipt_id"].to_pylist()
    assert set(owners) == {second.receipt_id}
    marked = pending_receipts(paths, paths.pending_cds)
    assert {one.receipt_id: one.is_rejudged for one in marked} == {
        first.receipt_id: True,
        second.receipt_id: False,
    }


def test_other_rules_judge_again_and_say_so(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_file(paths, envelope(_month(1)), name="a.json")
    take_file(paths, envelope(_month(1)), name="b.json")
    _judge(paths)
    for folder in (paths.pending, paths.pending_cds):
        assert [one.is_rejudged for one in pending_receipts(paths, folder)] == [False, False]
        remove_pending(paths, tuple(pending_receipts(paths, folder)), folder)
    monkeypatch.setattr(cds_intake, "READER_VERSION", "2")
    assert sorted(_counts(outcome) for outcome in _judge(paths)) == [(3, 0, 0, 3), (3, 3, 0, 0)]
    assert [one.is_rejudged for one in pending_receipts(paths, paths.pending_cds)] == [True, True]
    assert [one.is_rejudged for one in pending_receipts(paths)] == [False, False]


def test_what_one_receipt_had_another_stores_when_rules_refuse_it(paths: DataPaths) -> None:
    first = take_file(paths, envelope(_month(1, 1, 2, 3, 4), _month(2)), name="a.json")
    _judge(paths)
    take_file(paths, envelope(_month(2)), name="b.json", at=NOW + timedelta(seconds=1))
    assert _judge(paths)[0].rows_exact_duplicate == 3
    # Now the first file's second segment is over the limit; the second file has all of it.
    assert [_counts(one)[1] for one in _judge(paths, limits=CdsLimits(max_rows=6))] == [4, 3]
    owners = {row["receipt_id"] for row in _rows(paths, CDS_INTERVALS)}
    assert len(owners) == 2
    # Back under the first rules, whichever is judged first, nothing is missing.
    with VersionIndex(paths) as index:
        known = index.others(first, judgement_id=cds_judgement_id())
        (version,) = {
            row["segment_version_id"]
            for row in _rows(paths, CDS_INTERVALS)
            if row["receipt_id"] != first.receipt_id
        }
        assert known.by_version(version) is None
    assert [_counts(one)[1] for one in _judge(paths)] == [7, 0]


def test_the_limit_of_rows_holds_for_what_is_known(paths: DataPaths) -> None:
    small = CdsLimits(max_rows=5)
    take_file(paths, envelope(_month(1)), name="a.json")
    take_file(paths, envelope(_month(1), _month(2)), name="b.json")
    outcomes = {o.original_filename: _counts(o) for o in _judge(paths, limits=small)}
    assert sorted(outcomes.values()) == sorted([(3, 3, 0, 0), (4, 0, 1, 3)])


def test_a_receipt_that_cannot_be_read_waits_and_the_others_go_on(paths: DataPaths) -> None:
    lost = take_file(paths, envelope(_month(1)), name="a.json")
    take_file(paths, envelope(_month(2)), name="b.json")
    paths.archived(lost.sha256).unlink()
    judged = judge_cds_date(DAY, paths=paths)
    assert [outcome.original_filename for outcome in judged.outcomes] == ["b.json"]
    assert [type(error) for error in judged.errors] == [IntakeError]
    assert unjudged_dates(paths) == [DAY]


def test_a_day_without_customer_data_leaves_no_trace(paths: DataPaths) -> None:
    assert judge_cds_date(DAY, paths=paths).outcomes == ()
    assert not paths.state.exists()
    ensure_cds_layout(paths)
    assert not cds_in_use(paths)


def test_a_waiting_file_means_that_customer_data_are_taken(paths: DataPaths) -> None:
    folder = paths.landing("cds")
    folder.mkdir(parents=True)
    (folder / "a.json.drop.json").touch()
    assert not cds_in_use(paths)
    (folder / "a.json").touch()
    assert cds_in_use(paths)


class KilledError(BaseException):
    """Stands for the process ending at this instant."""


_STEPS = [
    (cds_intake, "write_parquet"),
    (cds_intake, "add_pending"),
    (intake, "write_parquet"),
    (VersionIndex, "remember"),
    (VersionIndex, "forget"),
]
"""Everything that leaves a trace, in no particular order."""


def _dies(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """The process ends before the step that follows `after` others."""
    done: list[str] = []

    def dying(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def step(*given: object, **named: object) -> object:
            if len(done) == after:
                raise KilledError
            done.append(name)
            return original(*given, **named)

        monkeypatch.setattr(owner, name, step)

    for owner, name in _STEPS:
        dying(owner, name)


def _all_rows(paths: DataPaths) -> dict[str, list[Row]]:
    tables: Sequence[Table] = (*CDS_INTAKE_TABLES, REJECTS, OUTCOMES)
    return {table.name: _rows(paths, table) for table in tables}


def _dropped(paths: DataPaths) -> None:
    """Two pages that share a version, with something to refuse, and an object."""
    meters = customer("C", meters=1)["meter_devices"]
    take_file(paths, envelope(_month(1), _month(2, "x", 2)), sidecar=pulled(), name="a.json")
    take_file(
        paths,
        envelope(_month(1), _month(3), meter_devices=meters),
        sidecar=pulled(page=2),
        name="b.json",
        at=NOW + timedelta(seconds=1),
    )


@pytest.mark.parametrize("is_again", [False, True], ids=["first", "again"])
def test_killed_at_any_step_and_repeated_gives_the_same(tmp_path: Path, is_again: bool) -> None:
    whole = DataPaths(root=tmp_path / "whole")
    _dropped(whole)
    _judge(whole)
    expected = _all_rows(whole)
    step = 0
    while True:
        paths = DataPaths(root=tmp_path / str(step))
        _dropped(paths)
        with pytest.MonkeyPatch.context() as patched:
            if is_again:
                patched.setattr(cds_intake, "READER_VERSION", "0")
                _judge(paths)
                patched.setattr(cds_intake, "READER_VERSION", "1")
            _dies(patched, after=step)
            try:
                judge_cds_date(DAY, paths=paths)
                is_killed = False
            except KilledError:
                is_killed = True
        _judge(paths)
        assert _all_rows(paths) == expected, step
        marks = [pending_receipts(paths, folder) for folder in (paths.pending, paths.pending_cds)]
        assert [len(found) for found in marks] == [2, 2]
        if not is_killed:
            break
        step += 1
    assert step > 20
