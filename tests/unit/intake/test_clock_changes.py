"""Local times around every change of the clock lead back to the instants they were written at."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import tests.intake_drops as drops
from tests.intake_drops import accepted, codes, judged

QUARTER = timedelta(minutes=15)
METERS = {"hour": (3600, "start"), "hour_end": (3600, "end"), "quarter": (900, "start"),
          "quarter_end": (900, "end")}  # fmt: skip
ZONES = [
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Antarctica/Troll",
]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ZoneInfo:
    """A zone, and a register whose one site has it."""
    register = {
        "sites": pa.table(
            {
                "site_id": ["plant"],
                "organization_id": ["acme"],
                "timezone": [request.param],
                "station_id": pa.nulls(1, pa.string()),
            }
        ),
        "meters": pa.table(
            {
                "site_id": ["plant"] * len(METERS),
                "meter_id": list(METERS),
                "interval_seconds": pa.array(
                    [seconds for seconds, _ in METERS.values()], pa.int32()
                ),
                "interval_label": [label for _, label in METERS.values()],
            }
        ),
    }
    monkeypatch.setattr(drops, "REGISTER", register)
    return ZoneInfo(request.param)


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _quarters_around_changes(zone: ZoneInfo) -> list[list[datetime]]:
    """The quarter hours of a day before and after each change in the year before `NOW`, UTC."""
    first = datetime(2025, 11, 22)  # noqa: DTZ001 - naive UTC
    every = [first + n * QUARTER for n in range(4 * 24 * 362)]
    offset = [_local(instant, zone) - instant for instant in every]
    changes = [n for n in range(1, len(every)) if offset[n] != offset[n - 1]]
    return [every[n - 96 : n + 96] for n in changes]


@pytest.mark.parametrize("meter", METERS)
def test_local_times_lead_back_to_their_instants(zone: ZoneInfo, meter: str) -> None:
    """On Lord Howe Island one hour ends at a half hour that the clock shows twice."""
    seconds, label = METERS[meter]
    step = timedelta(seconds=seconds)
    around = _quarters_around_changes(zone)
    assert len(around) >= 2
    for quarters in around:
        starts = [start for start in quarters if seconds == 900 or _local(start, zone).minute == 0]
        written = [_local(start + (step if label == "end" else 0 * step), zone) for start in starts]
        verdict = judged(
            "site,meter,ts,value\n"
            + "".join(f"plant,{meter},{time.isoformat(sep=' ')},1\n" for time in written),
            sidecar=f'{{"timezone": "{zone.key}"}}',
        )
        found = [start for (start,) in accepted(verdict, "interval_start_utc")]
        alone = [line - 2 for line, _ in codes(verdict)]
        assert found == [start for n, start in enumerate(starts) if n not in alone]
        assert len(alone) <= (zone.key == "Australia/Lord_Howe" and meter == "hour_end")
