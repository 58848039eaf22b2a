"""The whole chain in one process: take in, build, analyse, report."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from cei_assets.cli.manifest import ensure_manifest
from cei_assets.settings import Settings
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.cds_layout import cds_in_use
from cei_assets.storage.csi_build import csi_in_use, readings_in_use
from cei_assets.storage.layout import ensure_layout

if TYPE_CHECKING:
    from cei_assets.cli.runner import Runner


def run_everything(settings: Settings) -> None:
    """Take in what waits, build the marts, judge the months that changed, write the reports.

    An installation that only takes part in the CSI-Thermal programme has no readings to build.
    """
    ensure_manifest()
    ensure_layout(settings.paths)
    from cei_assets.cli.runner import runner

    with runner(settings) as jobs:
        today = settings.now().date()
        days = _span([today, *unjudged_dates(settings.paths)])
        takes_readings = readings_in_use(settings.paths)
        jobs.run("take_in" if takes_readings else "take_in_csi", partitions=days)
        # What is wrong with customer data does not hold back what comes from elsewhere.
        try:
            _take_customer_data(jobs, settings, days=days)
        finally:
            if takes_readings:
                _build_and_report(jobs, settings, days=days)
            else:
                _close_csi(jobs, settings)
                jobs.run("validate")


def _build_and_report(jobs: "Runner", settings: Settings, *, days: tuple[str, str]) -> None:
    """From judged rows to reports: facts, analysis, and the CSI programme where it is in use."""
    from cei_assets.core.analysis import AnalysisSettings
    from cei_assets.storage.analysis_state import months_to_judge, newest_month

    jobs.run("build")
    # The newest month at least: prices may have changed, and a lost warehouse has no episodes.
    months = months_to_judge(settings=settings, analysis=AnalysisSettings()) or [
        newest_month(settings=settings) or settings.now().date().replace(day=1)
    ]
    jobs.run("analyse", partitions=_span(months))
    # What is wrong with the programme does not hold back the reports on the readings.
    try:
        if csi_in_use(settings.paths):
            jobs.run("judge_csi", partitions=days)
            _close_csi(jobs, settings)
    finally:
        jobs.run("report")


def _take_customer_data(
    jobs: "Runner", settings: Settings, *, days: tuple[str, str], force: bool = False
) -> None:
    """Judge files of customer data and build their tables, where such files have come.

    A file that was archived and not judged leaves its day among the unjudged ones.
    """
    if not (force or cds_in_use(settings.paths) or unjudged_dates(settings.paths)):
        return
    jobs.run(
        "take_in_cds",
        partitions=days,
        run_config={"ops": {"cds_intake": {"config": {"force": force}}}},
    )
    if cds_in_use(settings.paths):
        jobs.run("build_cds")


def _close_csi(jobs: "Runner", settings: Settings) -> None:
    """Bring the application months that changed, payments and reports up to date."""
    from cei_assets.storage.csi_ledger import months_to_write

    months = months_to_write(settings.paths) or [settings.now().date().replace(day=1)]
    jobs.run("close_csi", partitions=_span(months))


def backfill_days(settings: Settings, *, first: date, last: date, force: bool) -> None:
    """Judge the receipts of a range of days again, in one run, and build what follows."""
    ensure_manifest()
    ensure_layout(settings.paths)
    from cei_assets.cli.runner import runner

    with runner(settings) as jobs:
        if readings_in_use(settings.paths):
            jobs.run(
                "take_in",
                partitions=_span([first, last]),
                run_config={"ops": {"intake": {"config": {"force": force}}}},
            )
        if cds_in_use(settings.paths):
            _take_customer_data(jobs, settings, days=_span([first, last]), force=force)
        if readings_in_use(settings.paths):
            jobs.run("build")
        if csi_in_use(settings.paths):
            jobs.run(
                "judge_csi",
                partitions=_span([first, last]),
                run_config={"ops": {"csi_intake": {"config": {"force": force}}}},
            )
            _close_csi(jobs, settings)


def backfill_months(settings: Settings, *, first: date, last: date) -> None:
    """Judge a range of months again, in one run."""
    ensure_manifest()
    ensure_layout(settings.paths)
    from cei_assets.cli.runner import runner

    with runner(settings) as jobs:
        jobs.run("analyse", partitions=_span([first.replace(day=1), last.replace(day=1)]))


def _span(days: Sequence[date]) -> tuple[str, str]:
    return min(days).isoformat(), max(days).isoformat()
