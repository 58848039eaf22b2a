"""Intervals lie on the grid of their site's clock, also where it moves by half an hour."""

from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

import tests.intake_drops as drops
from cei_assets.core.intake.grids import clock_grid
from tests.intake_drops import accepted, at, codes, judged

HOWE = "Australia/Lord_Howe"
REGISTER = {
    "sites": pa.table(
        {
            "site_id": ["howe", "kathmandu", "caracas"],
            "organization_id": ["acme"] * 3,
            "timezone": [HOWE, "Asia/Kathmandu", "America/Caracas"],
            "station_id": pa.nulls(3, pa.string()),
        }
    ),
    "meters": pa.table(
        {
            "site_id": ["howe", "howe", "howe", "kathmandu", "caracas"],
            "meter_id": ["hour", "ending", "quarter", "hour", "hour"],
            "interval_seconds": pa.array([3600, 3600, 900, 3600, 3600], pa.int32()),
            "interval_label": ["start", "end", "start", "start", "start"],
        }
    ),
}
HEADER = "site,meter,ts,value\n"


@pytest.fixture(autouse=True)
def _far_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drops, "REGISTER", REGISTER)


@pytest.mark.parametrize(
    ("meter", "time", "is_taken"),
    [
        ("howe,hour", "2026-01-10T00:00:00Z", True),
        ("howe,hour", "2026-01-10T00:30:00Z", False),
        ("howe,hour", "2026-07-10T00:30:00Z", True),
        ("howe,hour", "2026-07-10T00:00:00Z", False),
        ("howe,quarter", "2026-07-10T00:00:00Z", True),
        ("howe,quarter", "2026-01-10T00:45:00Z", True),
        ("kathmandu,hour", "2026-07-10T00:15:00Z", True),
        ("kathmandu,hour", "2026-07-10T00:00:00Z", False),
        ("caracas,hour", "2017-01-10T00:00:00Z", True),
        ("caracas,hour", "2017-01-10T00:30:00Z", False),
    ],
)
def test_an_hour_begins_when_the_site_s_clock_begins_one(
    meter: str, time: str, is_taken: bool
) -> None:
    verdict = judged(f"{HEADER}{meter},{time},1\n")
    assert verdict.rows_accepted == is_taken
    if not is_taken:
        assert codes(verdict) == [(2, "INVALID_TIMESTAMP")]


def test_a_label_at_the_end_is_judged_by_the_hour_s_start() -> None:
    """Lord Howe's clock goes from 02:00 back to 01:30 at 15:00 UTC."""
    times = ("14:00", "15:00", "15:30", "16:30")
    verdict = judged(HEADER + "".join(f"howe,ending,2026-04-04T{time}:00Z,1\n" for time in times))
    assert [start for (start,) in accepted(verdict, "interval_start_utc")] == [
        at("2026-04-04T13:00"), at("2026-04-04T14:00"), at("2026-04-04T15:30"),
    ]  # fmt: skip
    assert codes(verdict) == [(4, "INVALID_TIMESTAMP")]


def test_quarter_hours_of_the_repeated_half_hour_are_resolved_by_order() -> None:
    times = ["01:15", "01:30", "01:45", "01:30", "01:45", "02:00"]
    verdict = judged(
        HEADER + "".join(f"howe,quarter,2026-04-05 {time},1\n" for time in times),
        sidecar=f'{{"timezone": "{HOWE}"}}',
    )
    starts = [start for (start,) in accepted(verdict, "interval_start_utc")]
    assert starts == [at(f"2026-04-04T{time}") for time in (
        "14:15", "14:30", "14:45", "15:00", "15:15", "15:30"
    )]  # fmt: skip


def test_the_half_hour_that_spring_leaves_out_is_refused() -> None:
    times = ("01:45", "02:15", "02:30")
    verdict = judged(
        HEADER + "".join(f"howe,quarter,2026-10-04 {time},1\n" for time in times),
        sidecar=f'{{"timezone": "{HOWE}"}}',
    )
    assert codes(verdict) == [(3, "INVALID_TIMESTAMP")]


@pytest.mark.parametrize(
    "zone", [HOWE, "America/Caracas", "Asia/Pyongyang", "Europe/Rome", "Pacific/Chatham"]
)
def test_a_grid_agrees_with_the_clock_at_every_half_hour(zone: str) -> None:
    first = int(at("2014-01-01").replace(tzinfo=ZoneInfo("UTC")).timestamp())
    instants = np.arange(first, first + 13 * 365 * 86_400, 900, np.int64)
    grid = clock_grid(zone, interval_seconds=3600, label_shift=0, year=2026)
    half_hours = instants[:: 2 * 7]
    clock = [at("1970-01-01").fromtimestamp(int(t), tz=ZoneInfo(zone)).minute for t in half_hours]
    assert (~grid.is_off(half_hours * 1_000_000)).tolist() == [minute == 0 for minute in clock]
