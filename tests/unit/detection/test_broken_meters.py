import warnings

import numpy as np
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import FLAGGED_HOURS
from cei_assets.core.analysis import (
    AnalysisSettings,
    annualise,
    attribute_avoidable,
    judge_months,
)
from tests.example_meters import Calendar, calendar, months, single_shift, tables

HOURS = calendar()
SIZE = len(HOURS.index)
RNG = np.random.default_rng(0)
SHIFT = single_shift(HOURS, RNG)


def sparse() -> np.ndarray:
    return np.where(RNG.random(SIZE) < 0.01, SHIFT, np.nan)


def with_impossible_values() -> np.ndarray:
    return np.where(RNG.random(SIZE) < 0.02, np.inf, np.where(RNG.random(SIZE) < 0.02, -5, SHIFT))


def last_hour_only() -> np.ndarray:
    return np.where(np.arange(SIZE) == SIZE - 1, 5.0, np.nan)


def huge() -> np.ndarray:
    return np.where(RNG.random(SIZE) < 0.001, 1e6, 1e-9)


BROKEN = {
    "constant": np.full(SIZE, 7.0),
    "empty": np.full(SIZE, np.nan),
    "zero": np.zeros(SIZE),
    "sparse": sparse(),
    "impossible": with_impossible_values(),
    "sundays": np.where(HOURS.index.day_of_week == 6, SHIFT, np.nan),
    "one hour a day": np.where(HOURS.index.hour == 3, SHIFT, np.nan),
    "last hour": last_hour_only(),
    "huge": huge(),
    "two values": np.where(RNG.random(SIZE) < 0.5, 1.0, 2.0),
    "starts late": np.where(np.arange(SIZE) < SIZE - 24 * 40, np.nan, SHIFT),
    "stops early": np.where(np.arange(SIZE) < 24 * 300, SHIFT, np.nan),
}


@pytest.mark.parametrize(
    "temperature",
    [HOURS.temperature, np.full(SIZE, np.nan), np.full(SIZE, 20.0)],
    ids=["weather", "no weather", "constant weather"],
)
def test_no_meter_however_broken_crashes_the_batch(temperature: np.ndarray) -> None:
    parents: dict[str, str | None] = dict.fromkeys(BROKEN, "constant")
    parents["constant"] = None
    given = tables(Calendar(index=HOURS.index, temperature=temperature), BROKEN, parents=parents)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judge_months(
            usage=given.usage,
            site_hours=given.site_hours,
            meters=given.meters,
            months=months("2024-01", "2024-02", "2024-06", "2025-02"),
            settings=AnalysisSettings(),
        )
        counted = attribute_avoidable(flagged_hours=found.flagged_hours, meters=given.meters)
        annualise(
            avoidable_hours=counted,
            counterfactual_hourly=found.counterfactual_hourly,
            meters=given.meters,
            settings=AnalysisSettings(),
            rng=np.random.default_rng(0),
        )
    assert found.baseline_models.num_rows == 4 * len(BROKEN)
    expected = found.counterfactual_hourly.to_pandas()
    numbers = expected.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()
    assert (expected["counterfactual_kwh"] >= 0).all()


def test_nothing_to_judge_gives_empty_tables_with_their_schema() -> None:
    given = tables(HOURS, {"constant": BROKEN["constant"]})
    found = judge_months(
        usage=given.usage,
        site_hours=given.site_hours,
        meters=given.meters,
        months=months("2030-01"),
        settings=AnalysisSettings(),
    )
    assert found.baseline_models.num_rows == 0
    assert found.flagged_hours.schema.equals(arrow_schema(FLAGGED_HOURS))
    counted = attribute_avoidable(flagged_hours=found.flagged_hours, meters=given.meters)
    assert counted.num_rows == 0
