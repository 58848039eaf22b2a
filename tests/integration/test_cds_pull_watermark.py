"""Daily pulls of lists without a window stop where an earlier run has read everything."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cei_assets.pull.windows import WindowName
from tests.cds_mock_bodies import START, contract, instant, meter
from tests.cds_mock_server import CdsMock, Grant
from tests.cds_pulls import NAME, Site

METERS = 12


@pytest.fixture
def mock() -> Iterator[CdsMock]:
    """A server with meters that were modified a day apart, the newest first; four to a page."""
    with CdsMock(page_size=4) as server:
        server.store["meter_devices"] = [_meter(number) for number in range(METERS)]
        yield server


@pytest.fixture
def site(mock: CdsMock, tmp_path: Path) -> Site:
    return Site(mock=mock, root=tmp_path)


def _meter(number: int, *, days: int | None = None) -> dict[str, Any]:
    moment = START + timedelta(days=METERS - number if days is None else days)
    return meter("C", number) | {"cds_modified": instant(moment)}


def _pages(site: Site, item: str = "meter_devices") -> list[dict[str, Any]]:
    """Sidecars of the newest batch's pages of a list."""
    mine = [told for told in site.sidecars() if told["object"] == item]
    newest = max(told["batch_id"] for told in mine)
    return [told for told in mine if told["batch_id"] == newest]


def _pull_again(site: Site, name: WindowName = WindowName.HOT) -> list[dict[str, Any]]:
    site.clock.pass_by(3600)
    site.pull(name)
    return _pages(site)


def test_a_daily_run_stops_behind_what_has_landed(site: Site) -> None:
    site.pull(WindowName.HOT)
    assert [told["page"] for told in _pages(site)] == [1, 2, 3]
    assert {told["watermark"] for told in _pages(site)} == {None}
    pages = _pull_again(site)
    # Two days before the newest of twelve days lies within the first page.
    assert [(told["page"], told["pages"]) for told in pages] == [(1, 1)]
    told = pages[0]["watermark"]
    assert datetime.fromisoformat(told) == START + timedelta(days=METERS)


def test_what_is_newer_moves_the_watermark(site: Site, mock: CdsMock) -> None:
    site.pull(WindowName.HOT)
    added = [_meter(METERS + number, days=40 - number) for number in range(5)]
    mock.store["meter_devices"] = added + mock.store["meter_devices"]
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3], "until it meets the old ones"
    assert [told["page"] for told in _pull_again(site)] == [1]


@pytest.mark.parametrize("name", [WindowName.WARM, WindowName.FULL])
def test_weekly_and_monthly_runs_read_the_whole_list(site: Site, name: WindowName) -> None:
    site.pull(WindowName.HOT)
    pages = _pull_again(site, name)
    assert [told["page"] for told in pages] == [1, 2, 3]
    assert {told["watermark"] for told in pages} == {None}


def test_a_list_in_another_order_is_read_to_its_end(
    site: Site, mock: CdsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pull(WindowName.HOT)
    monkeypatch.setattr("tests.cds_mock_server.listed", _as_stored)
    mock.store["meter_devices"].reverse()
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3]


def _as_stored(store: dict[str, list[dict[str, Any]]], table: str, _query: object) -> list[Any]:
    return store[table]


def test_an_object_without_a_time_is_no_order(site: Site, mock: CdsMock) -> None:
    site.pull(WindowName.HOT)
    mock.hidden_fields.add("cds_modified")
    site.clock.pass_by(3600)
    site.pull(WindowName.HOT)
    assert [told["page"] for told in _pages(site)] == [1, 2, 3]
    mock.violations.clear()


def test_an_entry_that_changed_begins_anew(site: Site) -> None:
    site.pull(WindowName.HOT)
    site.write(timezone="Europe/Paris")
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3]


def test_contracts_come_whole_when_usage_is_asked_by_contract(site: Site, mock: CdsMock) -> None:
    mock.store["service_contracts"] = [
        contract("C", number) | {"cds_modified": instant(START + timedelta(days=METERS - number))}
        for number in range(METERS)
    ]
    site.write(usage_by="contract")
    site.pull(WindowName.HOT)
    _pull_again(site)
    assert [told["page"] for told in _pages(site, "service_contracts")] == [1, 2, 3]
    assert [told["page"] for told in _pages(site)] == [1]


def test_under_a_grant_whose_data_are_still_coming_lists_come_whole(
    site: Site, mock: CdsMock
) -> None:
    mock.grants["g-1"] = Grant(status="partial")
    site.write(grants=["g-1"], grant_scope="grant_admin", scopes=["cds_query_usage_1"])
    site.pull(WindowName.HOT)
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3]


def test_a_run_that_fails_moves_no_watermark(site: Site, mock: CdsMock) -> None:
    mock.always["usage_segments"] = "not a list"
    with pytest.raises(Exception, match="is no list"):
        site.pull(WindowName.HOT)
    assert not (site.paths.state / "cds_watermarks" / f"{NAME}.json").exists()
    mock.always.clear()
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3]


def test_a_lost_watermark_costs_a_whole_list_only(site: Site) -> None:
    site.pull(WindowName.HOT)
    file = site.paths.state / "cds_watermarks" / f"{NAME}.json"
    marks = json.loads(file.read_bytes())["marks"]
    assert marks["meter_devices//0"].startswith("2026-01-13T00:00:00")
    file.write_bytes(b"{")
    assert [told["page"] for told in _pull_again(site)] == [1, 2, 3]
    assert [told["page"] for told in _pull_again(site)] == [1]
