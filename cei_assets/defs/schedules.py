"""Schedules: hourly build, nightly reconcile, daily analysis and quality, monthly refit."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import dagster as dg
from dagster import ScheduleEvaluationContext

from cei_assets.contracts.csi_vocabulary import PROGRAMME_ZONE
from cei_assets.defs.jobs import ANALYSE, BUILD, CLOSE_CSI, JUDGE_CSI, REPORT, TAKE_IN
from cei_assets.defs.resources import Platform
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.csi_build import csi_in_use

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
NO_CSI = "No CSI-Thermal application is registered, and no upload has arrived."


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags that make one run cover the partitions `first` to `last`, both included."""
    return {RANGE_START_TAG: first, RANGE_END_TAG: last}


def _month_key(day: date) -> str:
    return day.replace(day=1).isoformat()


def _previous_month(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _tick(context: ScheduleEvaluationContext) -> datetime:
    return context.scheduled_execution_time


hourly_build = dg.ScheduleDefinition(
    name="hourly_build",
    job=BUILD,
    cron_schedule="10 * * * *",
    description="Ten past every hour: what was judged becomes facts, and is published.",
)
daily_quality = dg.ScheduleDefinition(
    name="daily_quality",
    job=REPORT,
    cron_schedule="0 5 * * *",
    description="Every day: Great Expectations over the published marts, and the reports.",
)


@dg.schedule(
    job=TAKE_IN,
    cron_schedule="30 0 * * *",
    description="Every night: judges receipts that a failed run left without a verdict.",
)
def nightly_reconcile(
    context: ScheduleEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run over the days that have receipts without an outcome."""
    return reconcile(context, unjudged_dates(platform.settings.paths))


@dg.schedule(
    job=JUDGE_CSI,
    cron_schedule="40 0 * * *",
    description="Every night: judges CSI uploads that a failed run left without a verdict.",
)
def nightly_csi_reconcile(
    context: ScheduleEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run over the days that have receipts without an outcome, where CSI is in use."""
    paths = platform.settings.paths
    if not csi_in_use(paths):
        return dg.SkipReason(NO_CSI)
    return reconcile(context, unjudged_dates(paths))


def reconcile(
    context: ScheduleEvaluationContext, left: Sequence[date]
) -> dg.RunRequest | dg.SkipReason:
    """One run over the days that are left, or why there is none."""
    if not left:
        return dg.SkipReason("Every receipt has an outcome.")
    first, last = min(left).isoformat(), max(left).isoformat()
    return dg.RunRequest(
        run_key=f"{_tick(context).date().isoformat()}:{first}:{last}", tags=range_tags(first, last)
    )


@dg.schedule(
    job=ANALYSE,
    cron_schedule="30 3 * * *",
    description="Every day: judges the running month again, with all that has arrived.",
)
def daily_analysis(context: ScheduleEvaluationContext) -> dg.RunRequest:
    """One run for the month of the tick."""
    tick = _tick(context)
    key = _month_key(tick.date())
    return dg.RunRequest(run_key=f"{tick.date().isoformat()}:{key}", tags=range_tags(key, key))


@dg.schedule(
    job=ANALYSE,
    cron_schedule="30 4 2 * *",
    description="On the second of the month: fits and judges the month that has ended.",
)
def monthly_refit(context: ScheduleEvaluationContext) -> dg.RunRequest:
    """One run for the month before the tick's."""
    tick = _tick(context)
    key = _month_key(_previous_month(tick.date()))
    return dg.RunRequest(run_key=f"refit:{key}", tags=range_tags(key, key))


@dg.schedule(
    job=CLOSE_CSI,
    cron_schedule="30 0 2 * *",
    execution_timezone=PROGRAMME_ZONE,
    description="On the second of the month, after the deadline: the CSI months that were due.",
)
def monthly_csi_close(
    context: ScheduleEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run for the application month whose deadline has passed the evening before."""
    if not csi_in_use(platform.settings.paths):
        return dg.SkipReason(NO_CSI)
    key = _month_key(_previous_month(_previous_month(_tick(context).date())))
    return dg.RunRequest(run_key=f"csi:{key}", tags=range_tags(key, key))


SCHEDULES = [
    hourly_build,
    nightly_reconcile,
    daily_analysis,
    monthly_refit,
    daily_quality,
    nightly_csi_reconcile,
    monthly_csi_close,
]
