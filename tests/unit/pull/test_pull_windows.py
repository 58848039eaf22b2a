from datetime import UTC, date, datetime

import pytest

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.pull.problem import PullError
from cei_assets.pull.servers import UsageBy
from cei_assets.pull.windows import (
    Window,
    WindowName,
    filters,
    months_before,
    narrowed,
    window,
)

NOW = datetime(2026, 4, 10, 22, 30, tzinfo=UTC)
ROME = "Europe/Rome"


def edges(name: WindowName, **asked: str) -> tuple[str | None, str | None]:
    made = window(name, now=NOW, zone=ROME, **asked).as_json()
    return made["since"], made["until"]


def test_hot_begins_at_local_midnight_45_days_before_the_local_day() -> None:
    # In Rome it is 11 April; 25 February is winter time.
    assert edges(WindowName.HOT) == ("2026-02-24T23:00:00Z", "2026-04-10T22:30:00Z")


def test_warm_is_13_calendar_months() -> None:
    assert edges(WindowName.WARM) == ("2025-03-10T23:00:00Z", "2026-04-10T22:30:00Z")


def test_full_is_open_on_both_sides() -> None:
    assert edges(WindowName.FULL) == (None, None)


def test_dates_are_whole_local_days_and_instants_are_themselves() -> None:
    asked = {"since": "2026-03-29", "until": "2026-03-29"}
    assert edges(WindowName.HOT, **asked) == ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
    assert edges(WindowName.FULL, since="2026-01-01T00:00:00+01:00")[0] == "2025-12-31T23:00:00Z"


def test_own_edges_make_a_custom_window() -> None:
    assert window(WindowName.HOT, now=NOW, zone=ROME, since="2026-01-01").name == "custom"
    assert window(WindowName.HOT, now=NOW, zone=ROME).name == "hot"


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01T00:00:00", "2026-13-01"])
def test_an_edge_that_is_no_date_and_no_instant_with_offset_is_refused(text: str) -> None:
    with pytest.raises(PullError, match="--since"):
        edges(WindowName.HOT, since=text)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PullError, match="before it begins"):
        edges(WindowName.FULL, since="2026-03-02", until="2026-03-01")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 4, 10), 13, date(2025, 3, 10)),
        (date(2026, 3, 31), 13, date(2025, 2, 28)),
        (date(2025, 3, 31), 13, date(2024, 2, 29)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
    ids=str,
)
def test_months_before_stays_within_the_month(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_bills_are_asked_for_by_local_dates_and_lists_without_window_by_none() -> None:
    hot = window(WindowName.HOT, now=NOW, zone=ROME)
    usage = filters(CdsObjectKind.USAGE_SEGMENTS, window=hot, zone=ROME)
    bills = filters(CdsObjectKind.BILL_SECTIONS, window=hot, zone=ROME)
    assert usage == {"after": "2026-02-24T23:00:00Z", "before": "2026-04-10T22:30:00Z"}
    assert bills == {"after": "2026-02-25", "before": "2026-04-11"}
    assert filters(CdsObjectKind.METER_DEVICES, window=hot, zone=ROME) == {}


def test_an_open_edge_is_no_filter() -> None:
    assert filters(CdsObjectKind.EACS, window=Window(name="full"), zone=ROME) == {}


def test_usage_is_narrowed_by_chunks_of_ids() -> None:
    assert narrowed(UsageBy.NONE, ("a",), size=2) == [{}]
    assert narrowed(UsageBy.METER, ("a", "b", "c"), size=2) == [
        {"cds_meterdevice_ids": "a b"},
        {"cds_meterdevice_ids": "c"},
    ]
    assert narrowed(UsageBy.CONTRACT, (), size=2) == []


def test_a_window_survives_its_manifest() -> None:
    hot = window(WindowName.HOT, now=NOW, zone=ROME)
    again = Window.from_json(hot.as_json())
    assert (again.name, again.since, again.until) == (hot.name, hot.since, hot.until)
