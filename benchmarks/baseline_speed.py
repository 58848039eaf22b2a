"""Seconds per meter-year of the baseline: the closed form beside statsmodels, same run, same hours.

Run `OPENBLAS_NUM_THREADS=1 python benchmarks/baseline_speed.py` from the repository. The closed
form is timed as it is used: fit with robust pass, left-out months and prediction of the judged
month, for single sites and for one site with all meters; detection and the errors of the
coefficients apart. statsmodels fits the full dummy design once, without and with HAC errors. CPU
seconds of this process, so that a busy machine does not count.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from real_data import FOX_OFFSET_HOURS, batch, fox, fox_usage

from cei_assets.core.baseline.errors import published_coefficients
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import SiteFrame, month_number, site_frames
from cei_assets.core.baseline.reference import reference_of
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.detection.rules import detect
from cei_assets.core.detection.settings import DetectionSettings

MONTH = date(2017, 3, 1)
SETTINGS = BaselineSettings()
REFERENCE_METERS = 8
ROUNDS = 3


def cpu_seconds(work: Callable[[], object]) -> float:
    """Best of some rounds."""
    best = np.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return float(best)


def fit_month(frame: SiteFrame) -> SiteFit:
    """The fit before `MONTH`, and the month predicted."""
    at = np.flatnonzero(frame.month == month_number(MONTH))
    return fit_site(frame, start=int(at[0]), stop=int(at[-1]) + 1, settings=SETTINGS)


def main() -> None:
    """Prints milliseconds of CPU per meter-year and the agreement with the reference."""
    data = fox()
    frames = list(site_frames(usage=data.usage, site_hours=data.site_hours, meters=data.meters))
    usage, temperature = fox_usage()
    together = batch(
        usage=usage,
        temperature=temperature,
        utc=pd.DatetimeIndex(usage.index) + pd.Timedelta(hours=FOX_OFFSET_HOURS),
        country="US",
        single_site=True,
    )
    [shared] = site_frames(
        usage=together.usage, site_hours=together.site_hours, meters=together.meters
    )
    fits = [fit_month(frame) for frame in frames]
    meters = len(frames)
    lags = SETTINGS.hac_max_lags
    some = [fit for fit in fits if fit.terms[0] is not None][:REFERENCE_METERS]
    reference_of(some[0], 0, lags)
    rows = {
        "closed form, one meter a site": cpu_seconds(lambda: [fit_month(f) for f in frames])
        / meters,
        "closed form, all meters one site": cpu_seconds(lambda: fit_month(shared)) / meters,
        "HAC errors of the closed form": cpu_seconds(
            lambda: [published_coefficients(fit, 0, lags) for fit in fits]
        )
        / meters,
        "detection, one meter a site": cpu_seconds(
            lambda: [detect(fit, DetectionSettings()) for fit in fits]
        )
        / meters,
        "statsmodels OLS, full design, HAC": cpu_seconds(
            lambda: [reference_of(fit, 0, lags) for fit in some]
        )
        / len(some),
    }
    print("milliseconds of CPU per meter and judged month (baseline of one year)")
    for name, seconds in rows.items():
        print(f"  {name:36s} {1e3 * seconds:8.2f}")
    worst = max(
        float(
            np.max(np.abs(fit.expected[0, fit.fitted[0]] - np.maximum(fitted, 0))) / fitted.mean()
        )
        for fit, fitted in ((fit, reference_of(fit, 0, lags).fitted) for fit in some)
    )
    print(f"largest difference of fitted values to statsmodels, over their mean: {worst:.1e}")


if __name__ == "__main__":
    main()
