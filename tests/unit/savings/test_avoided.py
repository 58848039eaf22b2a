from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from cei_assets.core.analysis import AnalysisSettings, avoided_energy
from cei_assets.core.savings.avoided import ashrae_uncertainty
from cei_assets.core.savings.settings import SavingsSettings
from tests.example_meters import SITE, between, calendar, single_shift, tables

HOURS = calendar(days=600)
LOAD = single_shift(HOURS, np.random.default_rng(4))
AFTER = between(HOURS, "2025-02-01", "2026-12-31")
AS_OF = datetime(2025, 6, 1, tzinfo=UTC)


def measure(day: str = "2025-02-01", meter: str = "main") -> pa.Table:
    return pa.table(
        {
            "measure_id": ["led"],
            "site_id": [SITE],
            "meter_id": [meter],
            "description": ["LED"],
            "implemented_on": pa.array([date.fromisoformat(day)]),
        }
    )


def avoided(
    load: np.ndarray, measures: pa.Table | None = None, as_of: datetime = AS_OF
) -> list[dict[str, object]]:
    given = tables(HOURS, {"main": load})
    return avoided_energy(
        measures=measure() if measures is None else measures,
        usage=given.usage,
        site_hours=given.site_hours,
        meters=given.meters,
        as_of=as_of,
        settings=AnalysisSettings(),
    ).to_pylist()


def test_a_measure_that_saves_a_fifth_is_found() -> None:
    [row] = avoided(np.where(AFTER, 0.8 * LOAD, LOAD))
    assert row["avoided_kwh"] / row["counterfactual_kwh"] == pytest.approx(0.2, abs=0.02)
    assert row["avoided_low_kwh"] < row["avoided_kwh"] < row["avoided_high_kwh"]
    assert row["is_detectable"]
    assert row["is_sufficient"]
    assert str(row["reporting_start_utc"]) == "2025-01-31 23:00:00"
    assert str(row["reporting_end_utc"]) == "2025-06-01 00:00:00"
    assert row["baseline_end_utc"] == row["reporting_start_utc"]


def test_a_placebo_saves_nothing() -> None:
    [row] = avoided(LOAD)
    assert row["avoided_low_kwh"] < 0 < row["avoided_high_kwh"]
    assert not row["is_detectable"]


def test_use_that_rises_is_a_negative_saving() -> None:
    [row] = avoided(np.where(AFTER, 1.2 * LOAD, LOAD))
    assert row["avoided_kwh"] < 0
    assert row["is_detectable"]


def test_missing_hours_save_nothing() -> None:
    march = between(HOURS, "2025-03-01", "2025-03-31")
    [whole] = avoided(LOAD)
    [gappy] = avoided(np.where(march, np.nan, LOAD))
    assert gappy["reporting_hours"] == whole["reporting_hours"] - march.sum()
    assert abs(gappy["avoided_kwh"]) < 0.02 * whole["counterfactual_kwh"]
    assert not gappy["is_sufficient"]
    assert "hours of the reporting period are complete" in gappy["sufficiency_reasons"]


def test_a_short_baseline_claims_nothing() -> None:
    [row] = avoided(LOAD, measure("2024-06-01"))
    assert not row["is_sufficient"]
    assert "baseline spans 152 days" in row["sufficiency_reasons"]


def test_without_placebo_months_nothing_is_detectable() -> None:
    [row] = avoided(np.where(AFTER, LOAD, 2 * LOAD), measure("2024-02-15"))
    assert not row["is_detectable"]
    assert "months of the baseline could be left out" in row["sufficiency_reasons"]


def test_a_measure_that_is_not_yet_in_place_has_no_row() -> None:
    assert avoided(LOAD, as_of=datetime(2025, 1, 1, tzinfo=UTC)) == []


def test_a_measure_on_an_unknown_meter_is_named() -> None:
    with pytest.raises(ValueError, match="measure 'led' is on meter 'ghost'"):
        avoided(LOAD, measure(meter="ghost"))


def test_ashrae_uncertainty_follows_guideline_14() -> None:
    found = ashrae_uncertainty(
        avoided_share=0.1,
        cv_rmse=0.2,
        autocorrelation=0.5,
        baseline_hours=9000,
        parameters=200,
        reporting_hours=4000,
        settings=SavingsSettings(),
    )
    effective = 9000 * 0.5 / 1.5
    expected = 1.645 * 1.26 * 0.2 * np.sqrt(9000 / effective * (1 + 2 / effective) / 4000) / 0.1
    assert found == pytest.approx(expected, rel=1e-3)
