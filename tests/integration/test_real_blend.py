"""The public Fox buildings: the blended baseline holds what the decision says of it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cei_assets.core.backtest.coverage import CALIBRATED, coverage_rows, placebo_years
from cei_assets.core.backtest.models import BLEND, TOWT, own_models
from cei_assets.core.backtest.portfolio import PortfolioRow, portfolio_rows
from cei_assets.core.backtest.run import compare
from cei_assets.core.backtest.splits import Direction, Scheme
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.savings.settings import SavingsSettings
from tests.baseline_frames import site_frame

SHARED = Path(os.environ.get("CEI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
FOX = SHARED / "bdg2_fox" / "fox_hourly_2016_2017.parquet"

pytestmark = pytest.mark.skipif(
    not FOX.exists(), reason=f"no {FOX.name}: set CEI_SHARED_DATA to the folder with bdg2_fox"
)


@pytest.fixture(scope="module")
def frame() -> SiteFrame:
    data = pd.read_parquet(FOX)
    warm = data.pop("temp_c").to_numpy(dtype=float)
    usage = data.where(data > 0).to_numpy(dtype=float).T
    return site_frame(usage, first="2016-01-01", temperature=warm, zone="America/Phoenix")


@pytest.fixture(scope="module")
def rows(frame: SiteFrame) -> dict[tuple[str, str], PortfolioRow]:
    comparison = compare(
        [frame],
        own_models(BlendSettings()),
        calendars=(False,),
        schemes=(Scheme.YEAR_AHEAD,),
        cpu_clock=lambda: 0.0,
    )
    found = portfolio_rows(comparison, TOWT)
    return {(row.setting.direction, row.model): row for row in found}


@pytest.mark.parametrize("direction", [Direction.FORWARD, Direction.BACKWARD])
def test_the_blend_beats_towt_year_ahead_by_hours_days_and_months(
    rows: dict[tuple[str, str], PortfolioRow], direction: Direction
) -> None:
    blend = rows[direction, BLEND]
    assert blend.meters >= 41
    assert blend.cv_rmse_hourly < 0.143
    assert blend.ratio < 0.97
    assert blend.wins > 0.7
    assert blend.ratio_daily < 0.97
    assert blend.ratio_monthly < 1.0


def test_intervals_of_placebo_years_hold_about_as_often_as_they_say(frame: SiteFrame) -> None:
    years = placebo_years(
        [frame], calendars=(False,), blend=BlendSettings(), savings=SavingsSettings()
    )
    found = {
        row.setting.direction: row for row in coverage_rows(years) if row.interval == CALIBRATED
    }
    shares = np.array([found[direction].covered for direction in found])
    assert len(shares) == 2
    assert (shares >= 0.82).all()
    assert 0.85 <= shares.mean() <= 0.95
    assert all(row.half_width < 0.14 for row in found.values())
