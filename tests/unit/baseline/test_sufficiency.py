import numpy as np
import pandas as pd
import pytest

from cei_assets.core.analysis import AnalysisSettings, judge_months
from tests.example_meters import Calendar, between, calendar, months, single_shift, tables

HOURS = calendar()
LOAD = single_shift(HOURS, np.random.default_rng(1))


def model_row(hours: Calendar, load: np.ndarray, month: str = "2025-01") -> pd.Series:
    given = tables(hours, {"main": load})
    found = judge_months(
        usage=given.usage,
        site_hours=given.site_hours,
        meters=given.meters,
        months=months(month),
        settings=AnalysisSettings(),
    )
    return found.baseline_models.to_pandas().iloc[0]


def test_a_full_year_with_temperature_suffices() -> None:
    row = model_row(HOURS, LOAD)
    assert row["is_sufficient"]
    assert row["sufficiency_reasons"] is None or pd.isna(row["sufficiency_reasons"])
    assert row["model_kind"] == "towt"
    assert row["baseline_coverage"] == 1.0
    assert row["cv_rmse"] < row["cv_rmse_out_of_sample"] < 0.1
    assert abs(row["nmbe"]) < 1e-9
    assert row["baseline_start_utc"] == pd.Timestamp("2024-01-01 23:00")
    assert row["baseline_end_utc"] == pd.Timestamp("2024-12-31 23:00")


def test_a_short_baseline_is_named() -> None:
    row = model_row(HOURS, np.where(between(HOURS, "2024-01-01", "2024-06-30"), np.nan, LOAD))
    assert not row["is_sufficient"]
    assert "baseline spans 184 days, 329 needed" in row["sufficiency_reasons"]


def test_missing_hours_are_named() -> None:
    gap = between(HOURS, "2024-05-01", "2024-06-30")
    row = model_row(HOURS, np.where(gap, np.nan, LOAD))
    assert "83.3% of the baseline's hours are complete, 90% needed" in row["sufficiency_reasons"]


def test_zeros_of_a_main_incomer_are_missing_and_named() -> None:
    gap = between(HOURS, "2024-05-01", "2024-06-30")
    row = model_row(HOURS, np.where(gap, 0.0, LOAD))
    assert row["baseline_coverage"] == pytest.approx(1 - 61 / 365, abs=1e-4)
    assert "1464 zero hours of the main incomer" in row["sufficiency_reasons"]


def test_missing_temperature_is_named() -> None:
    warm = np.where(between(HOURS, "2024-05-01", "2024-06-30"), np.nan, HOURS.temperature)
    row = model_row(Calendar(index=HOURS.index, temperature=warm), LOAD)
    assert row["model_kind"] == "hour_of_week_seasonal"
    assert "temperature for 83.3%" in row["sufficiency_reasons"]


def test_warming_up_is_a_row_without_judgement() -> None:
    row = model_row(HOURS, LOAD, month="2024-01")
    assert row["model_kind"] == "warming_up"
    assert row["baseline_hours"] == 0
    assert "needed before anything is judged" in row["sufficiency_reasons"]
    assert pd.isna(row["cv_rmse"])
