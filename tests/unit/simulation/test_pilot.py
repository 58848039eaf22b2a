"""The simulated pilot: repeatable, on the site's clock, exact sums, known truth."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.register.verdict import judge_register
from cei_assets.simulation.design import (
    HVAC,
    MAIN,
    QUARTER_HOUR_METER,
    SITES,
    SUBMETERS,
    TURIN,
    ZONE,
    closures,
)
from cei_assets.simulation.pilot import READINGS_SCHEMA, default_first_day, simulate_pilot
from cei_assets.simulation.register_text import register_texts
from cei_assets.simulation.truth import truth_of
from cei_assets.simulation.waste import MEASURE, measure_day
from tests.simulated_pilot import END_DAY, FIRST_DAY, of_meter, pilot

SITE_IDS = [design.site_id for design in SITES]


def bytes_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()


def hourly(readings: pa.Table) -> np.ndarray:
    step = 3600 // readings["interval_seconds"][0].as_py()
    return readings["usage_wh"].to_numpy().reshape(-1, step).sum(axis=1)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    again = simulate_pilot(seed=7, first_day=FIRST_DAY)
    assert bytes_of(again.readings) == bytes_of(pilot().readings)
    assert bytes_of(again.temperatures) == bytes_of(pilot().temperatures)
    other = simulate_pilot(seed=8, first_day=FIRST_DAY)
    assert bytes_of(other.readings) != bytes_of(pilot().readings)
    assert bytes_of(other.temperatures) != bytes_of(pilot().temperatures)


def test_a_pilot_is_whole_months_long_enough_for_every_injection() -> None:
    assert (pilot().first_day, pilot().end_day) == (FIRST_DAY, END_DAY)
    with pytest.raises(ValueError, match="found 10 months from 2025-10-01, expected 11 or more"):
        simulate_pilot(seed=7, first_day=FIRST_DAY, months=10)
    with pytest.raises(ValueError, match="expected 11 or more from the first of a month"):
        simulate_pilot(seed=7, first_day=date(2025, 10, 2))


@pytest.mark.parametrize(
    ("as_of", "first_day"),
    [
        (date(2026, 11, 21), date(2025, 10, 1)),
        (date(2026, 1, 31), date(2024, 12, 1)),
        (date(2026, 2, 1), date(2025, 1, 1)),
    ],
)
def test_the_default_period_ends_before_the_month_of_the_clock(
    as_of: date, first_day: date
) -> None:
    assert default_first_day(as_of) == first_day


def test_readings_have_every_interval_of_every_meter_in_order() -> None:
    assert pilot().readings.schema.equals(READINGS_SCHEMA)
    start = datetime.combine(FIRST_DAY, datetime.min.time(), ZoneInfo(ZONE))
    end = datetime.combine(END_DAY, datetime.min.time(), ZoneInfo(ZONE))
    hours = (end.timestamp() - start.timestamp()) / 3600
    for site_id in SITE_IDS:
        for meter_id in (MAIN, *SUBMETERS):
            rows = of_meter(pilot().readings, site_id, meter_id)
            seconds = 900 if meter_id == QUARTER_HOUR_METER else 3600
            assert pc.unique(rows["interval_seconds"]).to_pylist() == [seconds]
            assert rows.num_rows == hours * 3600 / seconds
            starts = rows["interval_start_utc"].to_numpy()
            assert set(np.diff(starts)) == {np.timedelta64(seconds, "s")}


def test_local_days_have_23_24_or_25_hours() -> None:
    rows = of_meter(pilot().readings, TURIN.site_id, MAIN)
    hours = Counter(start.date() for start in rows["interval_start_local"].to_pylist())
    assert {day: count for day, count in hours.items() if count != 24} == {
        date(2025, 10, 26): 25,
        date(2026, 3, 29): 23,
        date(2026, 10, 25): 25,
    }
    assert len(hours) == (END_DAY - FIRST_DAY).days


def test_local_clock_is_the_zone_of_the_utc_clock() -> None:
    rows = of_meter(pilot().readings, TURIN.site_id, MAIN)
    zoned = pc.assume_timezone(rows["interval_start_utc"], "UTC").cast(pa.timestamp("us", ZONE))
    assert pc.local_timestamp(zoned).equals(rows["interval_start_local"])


@pytest.mark.parametrize("site_id", SITE_IDS)
def test_the_main_incomer_is_the_sum_of_its_submeters_and_of_loads_without_one(
    site_id: str,
) -> None:
    rows = pilot().readings
    main = of_meter(rows, site_id, MAIN)
    used = sum(hourly(of_meter(rows, site_id, meter)) for meter in SUBMETERS)
    other = hourly(main) - used
    assert other.min() > 0
    clean = sum(
        of_meter(rows, site_id, meter)["clean_wh"].to_numpy().reshape(len(other), -1).sum(axis=1)
        for meter in SUBMETERS
    )
    # The same unmetered loads are in both: what was injected at a sub-meter is in the main.
    assert np.array_equal(main["clean_wh"].to_numpy() - clean, other)


def test_the_truth_is_usage_less_clean_over_what_was_delivered() -> None:
    truth = truth_of(pilot())
    assert len({(waste.site_id, waste.meter_id) for waste in truth}) == len(truth)
    for site_id in SITE_IDS:
        for meter_id in SUBMETERS:
            rows = of_meter(pilot().readings, site_id, meter_id)
            arrived = rows.filter(rows["is_delivered"])
            added = pc.sum(pc.subtract(arrived["usage_wh"], arrived["clean_wh"])).as_py() or 0
            told = {
                waste.name: waste.kwh
                for waste in truth
                if (waste.site_id, waste.meter_id) == (site_id, meter_id)
            }
            assert sum(told.values()) == pytest.approx(added / 1000), told


def test_every_rule_of_waste_is_injected_once_and_adds_energy() -> None:
    waste = [injected for injected in truth_of(pilot()) if injected.rule != MEASURE]
    assert sorted(injected.rule for injected in waste) == sorted(EpisodeRule)
    assert all(injected.kwh > 100 for injected in waste)
    assert all(injected.hours > 0 for injected in waste)


@pytest.mark.parametrize(("month", "months"), [(2, 11), (4, 11), (7, 13), (12, 13)])
def test_every_injection_lies_in_a_pilot_of_any_season(month: int, months: int) -> None:
    truth = truth_of(simulate_pilot(seed=7, first_day=date(2025, month, 1), months=months))
    assert len(truth) == len(EpisodeRule) + 1
    assert all((waste.kwh < 0) == (waste.rule == MEASURE) for waste in truth)
    assert min(abs(waste.kwh) for waste in truth) > 500


def test_the_measure_saves_from_its_day_to_the_end() -> None:
    (measure,) = (injected for injected in truth_of(pilot()) if injected.rule == MEASURE)
    assert measure.kwh < 0
    day = measure_day(FIRST_DAY, END_DAY)
    assert measure.first_local.date() == day
    assert day.weekday() == 0
    assert timedelta(0) < datetime.combine(END_DAY, datetime.min.time()) - measure.last_local
    assert measure.last_local.date() == END_DAY - timedelta(days=1)


def test_injections_lie_after_five_months_of_history() -> None:
    for injected in truth_of(pilot()):
        assert injected.first_local.date() >= date(2026, 3, 1), injected.name


def test_single_readings_short_gaps_and_one_long_gap_do_not_arrive() -> None:
    rows = of_meter(pilot().readings, TURIN.site_id, HVAC)
    missing = ~rows["is_delivered"].to_numpy(zero_copy_only=False)
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False]))
    runs = edges[1::2] - edges[::2]
    assert runs.max() == 76
    assert (runs == 1).any()
    share = 1 - pc.mean(pilot().readings["is_delivered"].cast(pa.float64())).as_py()
    assert 0.001 < share < 0.02


def test_usage_is_never_negative_and_temperatures_are_of_the_region() -> None:
    assert pc.min(pilot().readings["usage_wh"]).as_py() >= 0
    observed = pilot().temperatures
    assert observed.num_rows == 2 * of_meter(pilot().readings, TURIN.site_id, MAIN).num_rows
    assert -20 < pc.min(observed["temperature_c"]).as_py() < 5
    assert 28 < pc.max(observed["temperature_c"]).as_py() < 45


def test_closures_are_two_weeks_in_august_and_christmas() -> None:
    assert closures(FIRST_DAY, END_DAY) == (
        (date(2025, 12, 24), date(2026, 1, 6), "Christmas closure"),
        (date(2026, 8, 10), date(2026, 8, 23), "August closure"),
    )


@pytest.mark.parametrize("months", [11, 13, 25])
def test_the_register_of_any_period_is_valid(months: int) -> None:
    last_month = FIRST_DAY.year * 12 + FIRST_DAY.month - 1 + months
    end_day = date(last_month // 12, last_month % 12 + 1, 1)
    verdict = judge_register(register_texts(first_day=FIRST_DAY, end_day=end_day))
    assert [str(finding) for finding in verdict.findings] == []
    assert verdict.tables["meters"].num_rows == 12
