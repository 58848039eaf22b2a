"""What a build of the CDS tables takes in, when it is done, and what an interrupted one leaves."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cei_assets.storage.build_state import add_pending, pending_receipts
from cei_assets.storage.cds_build import (
    CdsBuildPlan,
    begin_cds_build,
    finish_cds_build,
    needs_full_hand_over,
    plan_cds_build,
    remember_cds_built,
)
from cei_assets.storage.paths import DataPaths

DAY = date(2026, 3, 1)
AS_OF = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """A data folder with a warehouse file."""
    found = DataPaths(root=tmp_path)
    found.warehouse.parent.mkdir()
    found.warehouse.touch()
    return found


def plan(
    paths: DataPaths, *, register: str = "r", project: str = "p", hours: int = 0
) -> CdsBuildPlan:
    return plan_cds_build(
        paths,
        as_of=AS_OF + timedelta(hours=hours),
        register_fingerprint=register,
        project_fingerprint=project,
    )


def build(paths: DataPaths, planned: CdsBuildPlan) -> None:
    """A build from its begin to its hand-over."""
    begin_cds_build(paths, planned)
    remember_cds_built(paths, planned)
    finish_cds_build(paths)


def judged(paths: DataPaths, receipt_id: str, *, is_rejudged: bool = False) -> None:
    add_pending(
        paths,
        receipt_id=receipt_id,
        received_date=DAY,
        is_rejudged=is_rejudged,
        folder=paths.pending_cds,
    )


def waiting(paths: DataPaths) -> list[str]:
    return [receipt.receipt_id for receipt in plan(paths, hours=99).receipts]


def told(paths: DataPaths) -> tuple[dict[str, object], list[str]]:
    (parameters,) = json.loads((paths.build / "cds_parameters.json").read_text())
    receipts = json.loads((paths.build / "cds_pending_receipts.json").read_text())
    return parameters, [receipt["receipt_id"] for receipt in receipts]


def test_the_first_build_is_a_full_one_and_dbt_is_told(paths: DataPaths) -> None:
    judged(paths, "a")
    begin_cds_build(paths, plan(paths))
    assert plan(paths).reasons == ("no record of a build",)
    assert told(paths) == (
        {"as_of_utc": "2026-03-05 00:00:00", "previous_as_of_utc": None, "is_full_refresh": True},
        ["a"],
    )


def test_a_later_build_takes_in_what_is_pending(paths: DataPaths) -> None:
    judged(paths, "a")
    build(paths, plan(paths))
    assert not plan(paths).has_work
    judged(paths, "b")
    later = plan(paths, hours=1)
    assert (later.is_full_refresh, later.has_work) == (False, True)
    begin_cds_build(paths, later)
    assert told(paths)[1] == ["b"]
    assert told(paths)[0]["previous_as_of_utc"] == "2026-03-05 00:00:00"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"register": "other"}, "the register of CDS changed"),
        ({"project": "other"}, "the dbt project changed"),
        ({"hours": -1}, "the clock went back"),
    ],
    ids=["mapping", "project", "clock"],
)
def test_other_grounds_make_all_anew(
    paths: DataPaths, changed: dict[str, object], reason: str
) -> None:
    build(paths, plan(paths))
    assert plan(paths, **changed).reasons == (reason,)  # type: ignore[arg-type]  # of one test


def test_a_file_judged_again_and_a_lost_warehouse_make_all_anew(paths: DataPaths) -> None:
    build(paths, plan(paths))
    judged(paths, "a", is_rejudged=True)
    assert plan(paths).reasons == ("a file was judged again",)
    paths.warehouse.unlink()
    assert "no warehouse" in plan(paths).reasons


def test_a_build_is_done_only_when_it_was_handed_over(paths: DataPaths) -> None:
    judged(paths, "a")
    planned = plan(paths)
    begin_cds_build(paths, planned)
    remember_cds_built(paths, planned)
    # Killed here: the next build knows of no build before it and has the same files.
    assert plan(paths).reasons == ("no record of a build",)
    assert waiting(paths) == ["a"]
    finish_cds_build(paths)
    assert waiting(paths) == []
    assert plan(paths).reasons == ()


def test_a_build_that_dbt_did_not_finish_ends_nothing(paths: DataPaths) -> None:
    judged(paths, "a")
    planned = plan(paths)
    begin_cds_build(paths, planned)
    remember_cds_built(paths, planned)
    # Begun once more and failed: what the first left must not end it.
    begin_cds_build(paths, plan(paths))
    finish_cds_build(paths)
    assert waiting(paths) == ["a"]


def test_a_file_judged_again_meanwhile_waits_for_the_next_build(paths: DataPaths) -> None:
    judged(paths, "a")
    planned = plan(paths)
    begin_cds_build(paths, planned)
    judged(paths, "a", is_rejudged=True)
    judged(paths, "b")
    remember_cds_built(paths, planned)
    finish_cds_build(paths)
    after = plan(paths, hours=1)
    assert [receipt.receipt_id for receipt in after.receipts] == ["a", "b"]
    assert after.reasons == ("a file was judged again",)


def test_an_interrupted_build_that_begins_again_keeps_what_was_judged_meanwhile(
    paths: DataPaths,
) -> None:
    build(paths, plan(paths))
    judged(paths, "a")
    begin_cds_build(paths, plan(paths))
    judged(paths, "a", is_rejudged=True)
    again = plan(paths)
    assert again.reasons == ("a file was judged again",)
    build(paths, again)
    assert waiting(paths) == ["a"], "once more, and harmless"
    build(paths, plan(paths))
    assert waiting(paths) == []


def test_all_months_are_compared_after_a_full_build_and_without_one(paths: DataPaths) -> None:
    assert needs_full_hand_over(paths)
    planned = plan(paths)
    begin_cds_build(paths, planned)
    remember_cds_built(paths, planned)
    assert needs_full_hand_over(paths)
    finish_cds_build(paths)
    judged(paths, "a")
    later = plan(paths)
    begin_cds_build(paths, later)
    remember_cds_built(paths, later)
    assert not needs_full_hand_over(paths)
    # It was not handed over: what it changed without a file's doing is not touched once more.
    repeated = plan(paths)
    begin_cds_build(paths, repeated)
    remember_cds_built(paths, repeated)
    assert needs_full_hand_over(paths)


def test_marks_of_the_readings_are_others(paths: DataPaths) -> None:
    add_pending(paths, receipt_id="x", received_date=DAY, is_rejudged=False)
    build(paths, plan(paths))
    assert [receipt.receipt_id for receipt in pending_receipts(paths)] == ["x"]
