from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import AVOIDABLE_HOURS, COUNTERFACTUAL_HOURLY
from cei_assets.core.analysis import AnalysisSettings, annualise
from tests.example_meters import SITE, meter_rows

HOURS = pd.date_range("2025-01-06", periods=26 * 168, freq="h")
METERS = meter_rows({"main": None, "press": "main"})


def judged(meter: str = "main", level: float = 100.0) -> pa.Table:
    size = len(HOURS)
    return pa.table(
        {
            "site_id": [SITE] * size,
            "meter_id": [meter] * size,
            "hour_start_utc": HOURS.to_numpy().astype("M8[us]"),
            "usage_month": [date(2025, 1, 1)] * size,
            "model_id": ["model"] * size,
            "level_kwh": np.full(size, level),
            "counterfactual_kwh": np.full(size, level),
            "residual_kwh": np.zeros(size),
            "residual_scale_kwh": np.ones(size),
        }
    ).cast(arrow_schema(COUNTERFACTUAL_HOURLY))


def waste(rule: str, at: np.ndarray, kwh: float = 5.0, spread: float = 0.2) -> pa.Table:
    hours = HOURS[at]
    size = len(hours)
    return pa.table(
        {
            "site_id": [SITE] * size,
            "meter_id": ["press"] * size,
            "rule": [rule] * size,
            "hour_start_utc": hours.to_numpy().astype("M8[us]"),
            "usage_month": [date(2025, 1, 1)] * size,
            "counted_kwh": np.full(size, kwh),
            "counted_low_kwh": np.full(size, kwh * (1 - spread)),
            "counted_high_kwh": np.full(size, kwh * (1 + spread)),
        }
    ).cast(arrow_schema(AVOIDABLE_HOURS))


def annual(avoidable: pa.Table, counterfactual: pa.Table | None = None) -> dict[str, float]:
    rows = annualise(
        avoidable_hours=avoidable,
        counterfactual_hourly=judged() if counterfactual is None else counterfactual,
        meters=METERS,
        settings=AnalysisSettings(),
        rng=np.random.default_rng(0),
    ).to_pylist()
    assert len(rows) == 1
    return dict(rows[0])


NIGHTS = np.asarray(HOURS.hour < 5)


def test_use_and_recurring_waste_are_scaled_to_a_year() -> None:
    row = annual(waste("night_load", NIGHTS))
    assert row["judged_hours"] == len(HOURS)
    assert row["metered_kwh"] == pytest.approx(100.0 * len(HOURS))
    assert row["annual_use_kwh"] == pytest.approx(876_000)
    assert row["annual_mid_kwh"] == pytest.approx(5.0 * 365 * 5)


def test_even_waste_has_the_interval_of_its_excess_alone() -> None:
    row = annual(waste("night_load", NIGHTS, spread=0.2))
    assert row["annual_low_kwh"] == pytest.approx(0.8 * row["annual_mid_kwh"])
    assert row["annual_high_kwh"] == pytest.approx(1.2 * row["annual_mid_kwh"])


def test_uneven_weeks_widen_the_interval() -> None:
    uneven = NIGHTS & ((np.arange(len(HOURS)) // 168) % 2 == 0)
    row = annual(waste("night_load", uneven, spread=0.0))
    assert row["annual_low_kwh"] < 0.9 * row["annual_mid_kwh"] < row["annual_mid_kwh"]
    assert row["annual_high_kwh"] > 1.1 * row["annual_mid_kwh"]


def test_a_spike_counts_as_seen_and_no_more() -> None:
    once = np.arange(len(HOURS)) == 1000
    assert annual(waste("spike", once, kwh=300.0))["annual_mid_kwh"] == pytest.approx(300.0)


def test_a_change_that_is_over_counts_as_seen() -> None:
    early = np.arange(len(HOURS)) < 14 * 24
    row = annual(waste("baseline_deviation", early))
    assert row["annual_mid_kwh"] == pytest.approx(5.0 * 14 * 24)


def test_a_change_that_goes_on_is_scaled() -> None:
    late = np.arange(len(HOURS)) >= len(HOURS) - 14 * 24
    row = annual(waste("baseload_drift", late))
    assert row["annual_mid_kwh"] == pytest.approx(5.0 * 14 * 24 * 8760 / len(HOURS))


def test_no_waste_is_an_interval_of_zeros() -> None:
    row = annual(arrow_schema(AVOIDABLE_HOURS).empty_table())
    assert row["annual_low_kwh"] == row["annual_mid_kwh"] == row["annual_high_kwh"] == 0.0


def test_without_a_judged_incomer_the_meters_nearest_the_root_stand_for_the_site() -> None:
    row = annual(waste("night_load", NIGHTS), judged("press", level=40.0))
    assert row["annual_use_kwh"] == pytest.approx(40.0 * 8760)


def test_the_incomer_alone_is_the_sites_use() -> None:
    both = pa.concat_tables([judged("main"), judged("press", level=40.0)])
    assert annual(waste("night_load", NIGHTS), both)["annual_use_kwh"] == pytest.approx(876_000)


def test_a_site_that_was_never_judged_has_no_row() -> None:
    rows = annualise(
        avoidable_hours=arrow_schema(AVOIDABLE_HOURS).empty_table(),
        counterfactual_hourly=arrow_schema(COUNTERFACTUAL_HOURLY).empty_table(),
        meters=METERS,
        settings=AnalysisSettings(),
        rng=np.random.default_rng(0),
    )
    assert rows.num_rows == 0
