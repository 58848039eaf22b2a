import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cei_assets.core.baseline.frame import SiteFrame, site_frames
from tests.example_meters import Calendar, calendar, tables, with_closures, with_holidays


def frame_of(hours: Calendar, load: np.ndarray, parents: dict[str, str | None]) -> SiteFrame:
    loads = dict.fromkeys(parents, load)
    given = tables(hours, loads, parents=parents)
    frames = list(site_frames(usage=given.usage, site_hours=given.site_hours, meters=given.meters))
    assert len(frames) == 1
    return frames[0]


def test_zero_means_missing_on_a_main_incomer_only() -> None:
    hours = calendar(days=3)
    load = np.full(len(hours.index), 5.0)
    load[7] = 0.0
    frame = frame_of(hours, load, {"main": None, "sub": "main"})
    assert np.isnan(frame.usage[0, 7])
    assert frame.usage[1, 7] == 0.0
    assert frame.zero.sum() == 1


@pytest.mark.parametrize("bad", [np.inf, -np.inf, -1.0])
def test_impossible_values_are_missing(bad: float) -> None:
    hours = calendar(days=3)
    load = np.full(len(hours.index), 5.0)
    load[3] = bad
    frame = frame_of(hours, load, {"main": None})
    assert np.isnan(frame.usage[0, 3])
    assert np.isfinite(frame.usage).sum() == len(load) - 1


def test_incomplete_hours_are_missing() -> None:
    hours = calendar(days=3)
    given = tables(hours, {"main": np.full(len(hours.index), 5.0)})
    complete = np.ones(len(hours.index), dtype=bool)
    complete[10] = False
    usage = given.usage.set_column(5, "is_complete", pa.array(complete))
    [frame] = site_frames(usage=usage, site_hours=given.site_hours, meters=given.meters)
    assert np.flatnonzero(np.isnan(frame.usage[0])).tolist() == [10]


def test_decimal_energy_is_read_exactly_as_float() -> None:
    hours = calendar(days=2)
    given = tables(hours, {"main": np.full(len(hours.index), 5.25)})
    energy = pc.cast(given.usage["hour_usage_kwh"], pa.decimal128(38, 9))
    usage = given.usage.set_column(3, "hour_usage_kwh", energy)
    [frame] = site_frames(usage=usage, site_hours=given.site_hours, meters=given.meters)
    assert (frame.usage == 5.25).all()


def test_holidays_and_closures_count_as_sundays() -> None:
    plain = calendar(days=14)
    hours = with_closures(with_holidays(plain, "2024-01-03"), "2024-01-09", "2024-01-09")
    frame = frame_of(hours, np.ones(len(hours.index)), {"main": None})
    weekday = frame.hour_of_week // 24
    assert weekday[::24].tolist() == [0, 1, 6, 3, 4, 5, 6, 0, 6, 2, 3, 4, 5, 6]


def test_the_repeated_autumn_hour_has_one_hour_of_week_and_two_places() -> None:
    hours = calendar(first="2024-10-26", days=3)
    frame = frame_of(hours, np.ones(len(hours.index)), {"main": None})
    sunday_two = frame.hour_of_week == 6 * 24 + 2
    assert sunday_two.sum() == 2
    assert (np.diff(frame.hours) == 1).all()
    assert len(frame.hours) == 73


def test_usage_of_an_unregistered_meter_is_named() -> None:
    hours = calendar(days=2)
    given = tables(hours, {"main": np.ones(48), "ghost": np.ones(48)})
    registered = given.meters.filter(pc.equal(given.meters["meter_id"], "main"))
    with pytest.raises(ValueError, match="'ghost', not in meters"):
        list(site_frames(usage=given.usage, site_hours=given.site_hours, meters=registered))


def test_usage_outside_the_calendar_is_named_with_its_hour() -> None:
    hours = calendar(days=2)
    given = tables(hours, {"main": np.ones(48)})
    with pytest.raises(ValueError, match="2024-01-01T23 UTC"):
        list(
            site_frames(
                usage=given.usage, site_hours=given.site_hours.slice(0, 24), meters=given.meters
            )
        )


def test_a_registered_meter_without_readings_has_an_empty_row() -> None:
    hours = calendar(days=2)
    given = tables(hours, {"main": np.ones(48), "silent": np.full(48, np.nan)})
    [frame] = site_frames(usage=given.usage, site_hours=given.site_hours, meters=given.meters)
    assert frame.meter_ids == ("main", "silent")
    assert np.isnan(frame.usage[1]).all()
