"""opendsm in its own environment, where there is one: CEI_OPENDSM_PYTHON names its Python."""

import os
from pathlib import Path

import numpy as np
import pytest

from cei_assets.adapters.opendsm_model import opendsm_model, opendsm_version
from cei_assets.core.backtest.splits import cases_of
from tests.baseline_frames import factory, site_frame, weather

PYTHON = os.environ.get("CEI_OPENDSM_PYTHON")

pytestmark = pytest.mark.skipif(
    PYTHON is None, reason="no opendsm: set CEI_OPENDSM_PYTHON to the Python of its environment"
)


def test_opendsm_predicts_the_year_it_has_not_seen_and_its_failures_are_named() -> None:
    python = Path(str(PYTHON))
    assert opendsm_version(python)
    warm = weather(728 * 24)
    load = factory(warm, np.random.default_rng(0))
    frame = site_frame(np.array([load, np.full(len(load), np.nan)]), temperature=warm)
    split = cases_of(frame)[0].splits[0]
    found = opendsm_model(python, {"site": "UTC"}).predict([frame], [split])
    error = load[split.judged] - found.usage[0][0, split.judged]
    assert np.sqrt(np.mean(error**2)) < 0.2 * load.mean()
    assert set(found.errors) == {(0, 1)}
    assert found.peak_mib > 0
