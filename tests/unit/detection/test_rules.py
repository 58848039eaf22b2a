from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cei_assets.core.analysis import AnalysisSettings, judge_months
from tests.example_meters import (
    Calendar,
    between,
    calendar,
    months,
    single_shift,
    tables,
    with_closures,
)

HOURS = calendar(opens=6, closes=14)
UNREGISTERED = calendar()
LOAD = single_shift(HOURS, np.random.default_rng(2))
HOUR = HOURS.index.hour.to_numpy()
IS_NIGHT = HOURS.is_working_day & ((HOUR < 5) | (HOUR >= 16))


def flagged(
    hours: Calendar, load: np.ndarray, judged: Sequence[str] = ("2024-11",)
) -> pd.DataFrame:
    given = tables(hours, {"main": load})
    found = judge_months(
        usage=given.usage,
        site_hours=given.site_hours,
        meters=given.meters,
        months=months(*judged),
        settings=AnalysisSettings(),
    )
    rows = found.flagged_hours.to_pandas()
    local = rows["hour_start_utc"].dt.tz_localize("UTC").dt.tz_convert("Europe/Rome")
    return rows.assign(local=local.dt.tz_localize(None))


def of(rows: pd.DataFrame, rule: str) -> pd.DataFrame:
    return rows[rows["rule"] == rule]


def estimated(rows: pd.DataFrame) -> float:
    return float(rows.groupby("hour_start_utc")["excess_kwh"].max().sum())


@pytest.mark.parametrize("hours", [HOURS, UNREGISTERED], ids=["registered", "inferred"])
def test_a_run_of_nights_left_on_is_night_load(hours: Calendar) -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-11-11", "2024-11-22"))
    rows = of(flagged(hours, LOAD + added), "night_load")
    assert rows["local"].dt.date.nunique() == 10
    assert rows["local"].min() >= pd.Timestamp("2024-11-11")
    assert rows["excess_kwh"].sum() == pytest.approx(added.sum(), rel=0.15)
    assert (rows["reference_kwh"] < 25).all()


def test_two_nights_are_no_run() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-11-12", "2024-11-13"))
    assert of(flagged(HOURS, LOAD + added), "night_load").empty


def test_a_run_of_nights_goes_on_from_the_month_before() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-10-30", "2024-11-01"))
    rows = of(flagged(HOURS, LOAD + added), "night_load")
    assert set(rows["local"].dt.date.astype(str)) == {"2024-11-01"}


def test_compressors_left_on_every_working_night_are_found_by_the_weekends() -> None:
    added = 15.0 * IS_NIGHT
    rows = of(flagged(HOURS, LOAD + added), "night_load")
    november = added[between(HOURS, "2024-11-01", "2024-11-30")]
    assert rows["excess_kwh"].sum() == pytest.approx(november.sum(), rel=0.2)


def test_waste_on_most_nights_of_the_year_is_found_by_the_nights_without_it() -> None:
    day = (HOURS.index.day_of_year.to_numpy() // 5) % 4 > 0
    rows = of(flagged(UNREGISTERED, LOAD + 15.0 * (IS_NIGHT & day)), "night_load")
    november = 15.0 * (IS_NIGHT & day & between(HOURS, "2024-11-01", "2024-11-30"))
    assert rows["excess_kwh"].sum() == pytest.approx(november.sum(), rel=0.25)


def test_a_weekend_left_on_is_weekend_load() -> None:
    weekend = between(HOURS, "2024-11-16", "2024-11-17") & (HOUR >= 8) & (HOUR < 20)
    rows = of(flagged(HOURS, LOAD + 25.0 * weekend), "weekend_load")
    assert set(rows["local"].dt.date.astype(str)) == {"2024-11-16", "2024-11-17"}
    assert rows["excess_kwh"].sum() == pytest.approx(25.0 * weekend.sum(), rel=0.15)


def test_a_holiday_left_on_is_weekend_load() -> None:
    hours = replace(HOURS, holidays=(pd.Timestamp("2024-11-13").date(),))
    rng = np.random.default_rng(2)
    load = single_shift(hours, rng) + 25.0 * between(HOURS, "2024-11-13", "2024-11-13")
    rows = of(flagged(hours, load), "weekend_load")
    assert set(rows["local"].dt.date.astype(str)) == {"2024-11-13"}


def test_a_short_outburst_is_a_spike() -> None:
    burst = between(HOURS, "2024-11-19", "2024-11-19") & (HOUR >= 9) & (HOUR < 11)
    rows = flagged(HOURS, LOAD + 150.0 * burst)
    assert set(rows["rule"]) == {"spike"}
    assert rows["local"].dt.hour.tolist() == [9, 10]
    assert rows["excess_kwh"].sum() == pytest.approx(300, rel=0.1)


def test_two_weeks_above_the_counterfactual_are_a_deviation() -> None:
    operating = HOURS.is_operating & between(HOURS, "2024-11-11", "2024-11-24")
    added = 30.0 * operating
    rows = of(flagged(HOURS, LOAD + added), "baseline_deviation")
    assert rows["local"].min() < pd.Timestamp("2024-11-13")
    assert rows["excess_kwh"].sum() == pytest.approx(added.sum(), rel=0.2)


def test_a_lasting_rise_of_the_baseload_is_a_drift() -> None:
    added = 8.0 * between(HOURS, "2024-11-04", "2024-11-30")
    rows = of(flagged(UNREGISTERED, LOAD + added), "baseload_drift")
    assert rows["local"].dt.date.nunique() >= 15
    assert rows["excess_kwh"].mean() == pytest.approx(8.0, rel=0.2)


def test_overlapping_rules_do_not_overstate_the_waste() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-11-04", "2024-11-29"))
    assert estimated(flagged(HOURS, LOAD + added)) == pytest.approx(added.sum(), rel=0.25)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_low_use_is_never_waste(share: float) -> None:
    low = np.where(between(HOURS, "2024-11-04", "2024-11-24"), share * LOAD + 0.01, LOAD)
    assert flagged(HOURS, low).empty


def test_only_hours_of_the_judged_month_are_flagged() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-10-21", "2024-12-13"))
    rows = flagged(HOURS, LOAD + added)
    assert set(rows["local"].dt.strftime("%Y-%m")) == {"2024-11"}
    assert set(rows["usage_month"].astype(str)) == {"2024-11-01"}


def test_a_closure_is_judged_like_a_sunday() -> None:
    closed = with_closures(HOURS, "2024-11-11", "2024-11-15")
    load = single_shift(closed, np.random.default_rng(2))
    left_on = 25.0 * between(HOURS, "2024-11-13", "2024-11-13")
    assert flagged(closed, load).empty
    rows = of(flagged(closed, load + left_on), "weekend_load")
    assert set(rows["local"].dt.date.astype(str)) == {"2024-11-13"}


def test_a_months_verdict_does_not_depend_on_later_months() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-11-11", "2024-11-22"))
    load = LOAD + added
    shorter = np.where(HOURS.index >= pd.Timestamp("2024-12-01", tz="Europe/Rome"), np.nan, load)
    pd.testing.assert_frame_equal(flagged(HOURS, load), flagged(HOURS, shorter))


def test_interval_and_level_bound_the_excess() -> None:
    added = 15.0 * (IS_NIGHT & between(HOURS, "2024-11-04", "2024-11-29"))
    rows = flagged(HOURS, LOAD + added)
    assert (rows["excess_low_kwh"] <= rows["excess_kwh"]).all()
    assert (rows["excess_kwh"] <= rows["excess_high_kwh"]).all()
    assert (rows["excess_high_kwh"] <= rows["level_kwh"]).all()
    np.testing.assert_allclose(rows["level_kwh"] - rows["reference_kwh"], rows["excess_kwh"])
