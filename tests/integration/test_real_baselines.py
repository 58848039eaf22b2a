"""The public Fox buildings: the baseline predicts another year as well as the literature says."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import month_number, site_frames
from cei_assets.core.baseline.settings import BaselineSettings
from tests.example_meters import SITE, Calendar, Tables, meter_rows, usage_rows

SHARED = Path(os.environ.get("CEI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
FOX = SHARED / "bdg2_fox" / "fox_hourly_2016_2017.parquet"

pytestmark = pytest.mark.skipif(
    not FOX.exists(), reason=f"no {FOX.name}: set CEI_SHARED_DATA to the folder with bdg2_fox"
)


def fox() -> Tables:
    data = pd.read_parquet(FOX)
    warm = data.pop("temp_c").to_numpy()
    index = pd.DatetimeIndex(data.index).tz_localize("America/Phoenix")
    hours = Calendar(index=index, temperature=warm)
    positive = data.where(data > 0)
    parents: dict[str, str | None] = dict.fromkeys(data.columns, data.columns[0])
    parents[data.columns[0]] = None
    return Tables(
        usage=pa.concat_tables(
            usage_rows(hours, name, positive[name].to_numpy(dtype=float)) for name in data.columns
        ),
        site_hours=hours.table(),
        meters=meter_rows(parents),
    )


@pytest.fixture(scope="module")
def fit() -> SiteFit:
    given = fox()
    [frame] = site_frames(usage=given.usage, site_hours=given.site_hours, meters=given.meters)
    assert frame.site_id == SITE
    start = int(np.searchsorted(frame.month, month_number(date(2017, 1, 1))))
    return fit_site(frame, start=start, stop=len(frame.hours), settings=BaselineSettings())


def cv_rmse(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    both = np.isfinite(actual) & np.isfinite(expected)
    squares = np.where(both, (actual - expected) ** 2, 0).sum(axis=1)
    count = np.maximum(both.sum(axis=1), 1)
    mean = np.where(both, actual, 0).sum(axis=1) / count
    return np.asarray(np.sqrt(squares / count)[count > 24 * 180] / mean[count > 24 * 180])


def test_the_year_ahead_error_is_that_of_the_published_model(fit: SiteFit) -> None:
    actual = fit.window.usage[:, fit.split :]
    found = cv_rmse(actual, fit.expected[:, fit.split :])
    assert len(found) == 41
    assert np.median(found) < 0.16


def test_left_out_months_are_harder_than_the_fit_and_near_the_year_ahead(fit: SiteFit) -> None:
    usage = fit.window.usage[:, : fit.split]
    inside = np.median(cv_rmse(usage, fit.expected[:, : fit.split]))
    outside = np.median(cv_rmse(usage, fit.left_out[:, : fit.split]))
    assert inside < outside < 0.17
