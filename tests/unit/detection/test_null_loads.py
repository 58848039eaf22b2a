"""Loads in which nothing is wrong must raise nothing."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cei_assets.core.analysis import AnalysisSettings, judge_months
from tests.example_meters import Calendar, calendar, months, single_shift, tables, with_holidays

HOLIDAYS = (
    "2024-01-01",
    "2024-04-01",
    "2024-04-25",
    "2024-05-01",
    "2024-08-15",
    "2024-11-01",
    "2024-12-25",
    "2024-12-26",
    "2025-01-01",
    "2025-01-06",
)
JUDGED = ("2024-03", "2024-07", "2024-10", "2025-01")
SEEDS = range(6)

Load = Callable[[Calendar, np.random.Generator], np.ndarray]


def flat(hours: Calendar, rng: np.random.Generator) -> np.ndarray:
    return 80 * (1 + rng.normal(0, 0.03, len(hours.index)))


def tidy(hours: Calendar, rng: np.random.Generator) -> np.ndarray:
    return single_shift(hours, rng)


def weathered(hours: Calendar, rng: np.random.Generator) -> np.ndarray:
    cooling = 3 * np.maximum(hours.temperature - 20, 0)
    heating = 2 * np.maximum(8 - hours.temperature, 0)
    return single_shift(hours, rng) + (cooling + heating) * (1 + rng.normal(0, 0.1, len(cooling)))


def pure_noise(hours: Calendar, rng: np.random.Generator) -> np.ndarray:
    return np.maximum(rng.normal(50, 15, len(hours.index)), 1)


@pytest.mark.parametrize("load", [flat, tidy, weathered, pure_noise])
@pytest.mark.parametrize("is_registered", [False, True])
def test_nothing_is_flagged(load: Load, is_registered: bool) -> None:
    hours = with_holidays(calendar(), *HOLIDAYS)
    if is_registered:
        hours = replace(hours, opens=6, closes=14)
    given = tables(
        hours, {f"seed{seed}": load(hours, np.random.default_rng(seed)) for seed in SEEDS}
    )
    found = judge_months(
        usage=given.usage,
        site_hours=given.site_hours,
        meters=given.meters,
        months=months(*JUDGED),
        settings=AnalysisSettings(),
    )
    assert found.counterfactual_hourly.num_rows > 0
    assert found.flagged_hours.to_pylist() == []
