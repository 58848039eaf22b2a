"""Schedules of CDS customer data: pulls by day, week and month, hourly build, nightly reconcile."""

import os
from collections.abc import Sequence

import dagster as dg
from dagster import ScheduleEvaluationContext

from cei_assets.defs.jobs import BUILD_CDS, JUDGE_CDS, PULL_CDS
from cei_assets.defs.pulling import CDS_SERVERS, PULL_OP
from cei_assets.defs.resources import Platform
from cei_assets.defs.schedules import reconcile
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.cds_layout import cds_in_use

NO_CDS = "No customer data have ever come."
_SERVERS_NAME = CDS_SERVERS.name or ""


def _pulls(
    context: ScheduleEvaluationContext, platform: Platform, window: str
) -> list[dg.RunRequest] | dg.SkipReason:
    """A run for every server that has a secret."""
    from cei_assets.pull.servers import SERVERS_FILE, secret_variable, server_names

    file = platform.settings.paths.register / SERVERS_FILE
    names = server_names(file)
    if not names:
        return dg.SkipReason(f"No server is named in register/{SERVERS_FILE}.")
    ready = [name for name in names if os.environ.get(secret_variable(name), "").strip()]
    without = sorted(set(names) - set(ready))
    if without:
        variables = ", ".join(secret_variable(name) for name in without)
        context.log.warning("%s skipped: set %s", ", ".join(without), variables)
    if not ready:
        return dg.SkipReason(f"No server has its secret in the environment: {', '.join(without)}.")
    context.instance.add_dynamic_partitions(_SERVERS_NAME, ready)
    return _requests(context, ready, window)


def _requests(
    context: ScheduleEvaluationContext, servers: Sequence[str], window: str
) -> list[dg.RunRequest]:
    day = context.scheduled_execution_time.date().isoformat()
    return [
        dg.RunRequest(
            run_key=f"{day}:{window}:{server}",
            partition_key=server,
            run_config={"ops": {PULL_OP: {"config": {"window": window}}}},
        )
        for server in servers
    ]


@dg.schedule(
    job=PULL_CDS,
    cron_schedule="0 1 * * *",
    description="Every day: the last 45 days of usage and bills, and what changed of the rest.",
)
def daily_cds_pull(
    context: ScheduleEvaluationContext, platform: Platform
) -> list[dg.RunRequest] | dg.SkipReason:
    """A hot run for every server."""
    return _pulls(context, platform, "hot")


@dg.schedule(
    job=PULL_CDS,
    cron_schedule="0 14 * * 6",
    description="Every Saturday: the last 13 months, and all other lists whole.",
)
def weekly_cds_pull(
    context: ScheduleEvaluationContext, platform: Platform
) -> list[dg.RunRequest] | dg.SkipReason:
    """A warm run for every server."""
    return _pulls(context, platform, "warm")


@dg.schedule(
    job=PULL_CDS,
    cron_schedule="0 18 1 * *",
    description="On the first of the month: all that the servers have.",
)
def monthly_cds_pull(
    context: ScheduleEvaluationContext, platform: Platform
) -> list[dg.RunRequest] | dg.SkipReason:
    """A full run for every server."""
    return _pulls(context, platform, "full")


@dg.schedule(
    job=BUILD_CDS,
    cron_schedule="0 * * * *",
    description="Every hour, before the readings: what was judged of customer data.",
)
def hourly_cds_build(
    context: ScheduleEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run where customer data are in use."""
    if not cds_in_use(platform.settings.paths):
        return dg.SkipReason(NO_CDS)
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())


@dg.schedule(
    job=JUDGE_CDS,
    cron_schedule="50 0 * * *",
    description="Every night: judges customer data that a failed run left without a verdict.",
)
def nightly_cds_reconcile(
    context: ScheduleEvaluationContext, platform: Platform
) -> dg.RunRequest | dg.SkipReason:
    """One run over the days that have receipts without an outcome."""
    return reconcile(context, unjudged_dates(platform.settings.paths))


CDS_SCHEDULES = [
    daily_cds_pull,
    weekly_cds_pull,
    monthly_cds_pull,
    hourly_cds_build,
    nightly_cds_reconcile,
]
