"""What a build takes in, and when everything is rebuilt."""

import json
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from cei_assets.storage.build_state import (
    BuildPlan,
    add_pending,
    finish_build,
    pending_receipts,
    prepare_build,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError
from tests.intake_drops import DAY, NOW

MOMENT = NOW.replace(tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """A data folder with a warehouse file."""
    found = DataPaths(root=tmp_path)
    found.warehouse.parent.mkdir()
    found.warehouse.touch()
    return found


def _prepare(paths: DataPaths, *, hours: int = 0, register: str = "r", project: str = "p",
             full_refresh: bool = False) -> BuildPlan:  # fmt: skip
    return prepare_build(
        paths,
        as_of=MOMENT + timedelta(hours=hours),
        register_fingerprint=register,
        project_fingerprint=project,
        full_refresh=full_refresh,
    )


def _told(paths: DataPaths) -> tuple[object, object]:
    parameters = json.loads((paths.build / "parameters.json").read_text())
    return parameters, json.loads((paths.build / "pending_receipts.json").read_text())


def test_the_first_build_is_a_full_one_and_dbt_is_told(paths: DataPaths) -> None:
    plan = _prepare(paths)
    assert plan.reasons == ("no record of a build",)
    assert _told(paths) == (
        [
            {
                "as_of_utc": "2026-11-21 12:00:00",
                "previous_as_of_utc": None,
                "is_full_refresh": True,
            }
        ],
        [],
    )


def test_a_later_build_takes_in_what_is_pending(paths: DataPaths) -> None:
    finish_build(paths, _prepare(paths))
    add_pending(paths, receipt_id="b", received_date=DAY, is_rejudged=False)
    add_pending(paths, receipt_id="a", received_date=DAY, is_rejudged=False)
    plan = _prepare(paths, hours=1)
    assert not plan.is_full_refresh
    assert _told(paths) == (
        [
            {
                "as_of_utc": "2026-11-21 13:00:00",
                "previous_as_of_utc": "2026-11-21 12:00:00",
                "is_full_refresh": False,
            }
        ],
        [
            {"receipt_id": "a", "received_date": "2026-11-21"},
            {"receipt_id": "b", "received_date": "2026-11-21"},
        ],
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"register": "other"}, "the register changed"),
        ({"project": "other"}, "the dbt project changed"),
        ({"hours": -1}, "the clock went back"),
        ({"full_refresh": True}, "asked for"),
    ],
)
def test_what_leads_to_a_full_refresh(
    paths: DataPaths, change: dict[str, object], reason: str
) -> None:
    finish_build(paths, _prepare(paths))
    assert _prepare(paths).reasons == ()
    assert _prepare(paths, **change).reasons == (reason,)  # type: ignore[arg-type]  # as listed


def test_a_missing_warehouse_leads_to_a_full_refresh(paths: DataPaths) -> None:
    finish_build(paths, _prepare(paths))
    paths.warehouse.unlink()
    assert _prepare(paths).reasons == ("no warehouse",)


def test_a_receipt_judged_again_leads_to_a_full_refresh(paths: DataPaths) -> None:
    finish_build(paths, _prepare(paths))
    add_pending(paths, receipt_id="a", received_date=DAY, is_rejudged=True)
    assert _prepare(paths).reasons == ("a receipt was judged again",)


def test_a_record_that_cannot_be_read_leads_to_a_full_refresh(paths: DataPaths) -> None:
    finish_build(paths, _prepare(paths))
    (paths.state / "build.json").write_text("{")
    assert _prepare(paths).reasons == ("no record of a build",)


def test_finishing_removes_the_marks_of_its_own_plan_only(paths: DataPaths) -> None:
    add_pending(paths, receipt_id="a", received_date=DAY, is_rejudged=False)
    plan = _prepare(paths)
    add_pending(paths, receipt_id="b", received_date=DAY, is_rejudged=False)
    finish_build(paths, plan)
    assert [receipt.receipt_id for receipt in pending_receipts(paths)] == ["b"]


def test_a_build_that_did_not_finish_is_planned_again(paths: DataPaths) -> None:
    finish_build(paths, _prepare(paths))
    add_pending(paths, receipt_id="a", received_date=DAY, is_rejudged=False)
    first = _prepare(paths, hours=1)
    again = _prepare(paths, hours=2)
    assert again.receipts == first.receipts
    assert again.previous_as_of_utc == first.previous_as_of_utc == NOW


def test_a_mark_that_cannot_be_read_is_named(paths: DataPaths) -> None:
    paths.pending.mkdir(parents=True)
    (paths.pending / "abc").write_text("x")
    with pytest.raises(IntakeError, match="abc"):
        _prepare(paths)
