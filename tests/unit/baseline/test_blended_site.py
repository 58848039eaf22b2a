"""The blend where the monthly analysis takes it: nothing judged is seen, short histories stay."""

from dataclasses import replace

import numpy as np
import pytest

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.blended_site import fit_site_blended
from cei_assets.core.baseline.fit import fit_site
from cei_assets.core.baseline.frame import SiteFrame
from tests.baseline_frames import factory, site_frame, weather

SETTINGS = BlendSettings()
START = 200 * 24
STOP = 228 * 24


@pytest.fixture(scope="module")
def frame() -> SiteFrame:
    warm = weather(STOP)
    rng = np.random.default_rng(0)
    long, short = factory(warm, rng), factory(warm, rng)
    short[: START - 20 * 24] = np.nan
    return site_frame(np.array([long, short]), temperature=warm)


def test_only_meters_with_a_regression_change(frame: SiteFrame) -> None:
    plain = fit_site(frame, start=START, stop=STOP, settings=SETTINGS.baseline)
    blended = fit_site_blended(frame, start=START, stop=STOP, settings=SETTINGS)
    assert blended.kinds == (ModelKind.TOWT, ModelKind.ROBUST_PROFILE)
    for name in ("expected", "left_out", "scale"):
        new, old = getattr(blended, name), getattr(plain, name)
        np.testing.assert_array_equal(new[1], old[1])
        assert not np.array_equal(new[0], old[0], equal_nan=True)
    np.testing.assert_array_equal(blended.supported, plain.supported)
    assert np.isfinite(blended.expected[0, START:]).all()


def test_judged_hours_are_not_seen(frame: SiteFrame) -> None:
    changed = frame.usage.copy()
    changed[:, START:] *= 5
    one, other = (
        fit_site_blended(given, start=START, stop=STOP, settings=SETTINGS)
        for given in (frame, replace(frame, usage=changed))
    )
    np.testing.assert_array_equal(one.expected, other.expected)
    np.testing.assert_array_equal(one.left_out, other.left_out)


def test_a_left_out_month_does_not_know_itself(frame: SiteFrame) -> None:
    month = np.unique(frame.month)[2]
    own = frame.month == month
    changed = frame.usage.copy()
    changed[:, own] += 100.0
    plain, waste = (
        fit_site_blended(given, start=START, stop=STOP, settings=SETTINGS)
        for given in (frame, replace(frame, usage=changed))
    )
    at = own[: plain.split]
    left_out = (plain.left_out[0, : plain.split][at], waste.left_out[0, : plain.split][at])
    np.testing.assert_allclose(*left_out, rtol=1e-6)


def test_a_driver_reaches_the_blend(frame: SiteFrame) -> None:
    pieces = np.repeat(np.random.default_rng(1).uniform(0, 100, len(frame.hours) // 24), 24)
    driven = replace(frame, usage=frame.usage + pieces)
    fit = fit_site_blended(
        driven, start=START, stop=STOP, settings=SETTINGS, drivers=pieces[:, None]
    )
    error = driven.usage[0, START:STOP] - fit.expected[0, START:]
    blind = fit_site_blended(driven, start=START, stop=STOP, settings=SETTINGS)
    unexplained = driven.usage[0, START:STOP] - blind.expected[0, START:]
    assert error.std() < 0.3 * unexplained.std()
