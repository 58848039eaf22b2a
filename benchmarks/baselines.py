"""Baselines year ahead and by left-out months, beside opendsm and naive models of the same run.

Run `OPENBLAS_NUM_THREADS=1 python benchmarks/baselines.py [--opendsm PYTHON] [--blocked]` from the
repository; PYTHON is that of an environment with opendsm (`pip install opendsm==1.2.7
'multimethod<2' pyarrow`). The Fox buildings, each a site of its own, both directions, with and
without public holidays, the same hours for every model. Ratios and wins are against opendsm, or
TOWT without it. The milliseconds are CPU per meter-year fitted and predicted, with the frames of
each site compared to find those that share a design; `--speed N` runs N meter-years (the buildings
over and over, 504 sites a batch) instead and prints the peak memory of this process.
"""

import argparse
import platform
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from real_data import fox

from cei_assets.adapters.opendsm_model import OPENDSM, opendsm_model, opendsm_version
from cei_assets.core.backtest.coverage import coverage_rows, placebo_years
from cei_assets.core.backtest.models import TOWT, own_models
from cei_assets.core.backtest.portfolio import PortfolioRow, portfolio_rows
from cei_assets.core.backtest.run import compare
from cei_assets.core.backtest.splits import Scheme, cases_of
from cei_assets.core.baseline.batch import fit_batch, predict_batch
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame, site_frames
from cei_assets.core.baseline.shared import Training
from cei_assets.core.savings.settings import SavingsSettings

SITES_PER_BATCH = 504
COLUMNS = "model  meters failed  hourly daily monthly |NMBE|  ratio wins  daily monthly  ms  MiB"


def fox_frames() -> list[SiteFrame]:
    """The buildings, each its own site."""
    data = fox()
    return list(site_frames(usage=data.usage, site_hours=data.site_hours, meters=data.meters))


def shown(row: PortfolioRow) -> str:
    """One line of the table."""
    peak = "" if row.peak_mib is None else f"{row.peak_mib:5.0f}"
    return (
        f"  {row.model:20s} {row.meters:3d} {row.failures:2d}  {row.cv_rmse_hourly:.4f} "
        f"{row.cv_rmse_daily:.4f} {row.cv_rmse_monthly:.4f} {row.absolute_nmbe:.4f}  "
        f"{row.ratio:.3f} {row.wins:4.0%}  {row.ratio_daily:.3f} {row.ratio_monthly:.3f}  "
        f"{row.milliseconds:8.2f} {peak}"
    )


def accuracy(frames: list[SiteFrame], *, opendsm: Path | None, is_blocked: bool) -> None:
    """Prints the table of every setting."""
    models = list(own_models(BlendSettings()))
    if opendsm is not None:
        print(f"opendsm {opendsm_version(opendsm)}")
        zones = {frame.site_id: "America/Phoenix" for frame in frames}
        models.append(opendsm_model(opendsm, zones))
    schemes = [Scheme.YEAR_AHEAD, *([Scheme.BLOCKED] if is_blocked else [])]
    comparison = compare(
        frames, models, calendars=(True, False), schemes=schemes, cpu_clock=time.process_time
    )
    setting = None
    for row in portfolio_rows(comparison, TOWT if opendsm is None else OPENDSM):
        if row.setting != setting:
            setting = row.setting
            calendar = "with" if setting.with_holidays else "without"
            print(f"{setting.scheme}, {setting.direction}, {calendar} holidays\n  {COLUMNS}")
        print(shown(row))


def coverage(frames: list[SiteFrame]) -> None:
    """Prints how often the interval of a placebo year holds, nominal 90 %."""
    years = placebo_years(
        frames, calendars=(True, False), blend=BlendSettings(), savings=SavingsSettings()
    )
    print("placebo years: share inside the nominal 90 % interval, median half-width and error")
    for row in coverage_rows(years):
        calendar = "with" if row.setting.with_holidays else "without"
        print(
            f"  {row.setting.direction:8s} {calendar:7s} holidays  {row.interval:10s} {row.meters}"
            f" meters  {row.covered:4.0%}  {row.half_width:.3f}  {row.error:.3f}"
        )


def speed(frames: list[SiteFrame], meter_years: int) -> None:
    """Fits the first and predicts the second year of many meters, in batches of sites."""
    forward = cases_of(frames[0])[0].splits[0]
    judged = np.flatnonzero(forward.judged)
    fit_seconds = predict_seconds = 0.0
    done = 0
    while done < meter_years:
        count = min(SITES_PER_BATCH, meter_years - done)
        sites = [
            replace(frames[(done + number) % len(frames)], site_id=str(done + number))
            for number in range(count)
        ]
        start = time.process_time()
        fits = fit_batch([Training(frame=site, train=forward.train) for site in sites])
        between = time.process_time()
        predict_batch(fits, [site.part(int(judged[0]) - 72, len(site.hours)) for site in sites])
        fit_seconds += between - start
        predict_seconds += time.process_time() - between
        done += count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{done} meter-years: fitted in {1e3 * fit_seconds / done:.2f} ms, predicted in "
        f"{1e3 * predict_seconds / done:.2f} ms of CPU each; peak of this process {peak:.0f} MiB"
    )


def main() -> None:
    """Prints the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opendsm", type=Path)
    parser.add_argument("--blocked", action="store_true")
    parser.add_argument("--speed", type=int, default=0)
    chosen = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}")
    frames = fox_frames()
    if chosen.speed:
        speed(frames, chosen.speed)
        return
    accuracy(frames, opendsm=chosen.opendsm, is_blocked=chosen.blocked)
    coverage(frames)


if __name__ == "__main__":
    main()
