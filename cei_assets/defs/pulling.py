"""Layer pull: pages of CDS servers, landed whole by a run or not at all, a partition a server.

The servers stand in a file that people edit, so the partitions are not known when the definitions
are loaded: schedules add those that they find.
"""

import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING

import dagster as dg

from cei_assets.defs.metadata import OWNER
from cei_assets.defs.resources import Platform
from cei_assets.settings import Settings

if TYPE_CHECKING:
    from cei_assets.pull.run import PullReport
    from cei_assets.pull.staging import Arrived

PULLED_KEY = dg.AssetKey(["pull", "cds", "batches"])
PULL_OP = "cds_pull"
CDS_SERVERS = dg.DynamicPartitionsDefinition(name="cds_servers")
_PAGES_BETWEEN_LINES = 50


class PullConfig(dg.Config):
    """How far back a run asks: `hot` (45 days), `warm` (13 months) or `full`."""

    window: str = "hot"


@dg.multi_asset(
    name=PULL_OP,
    specs=[
        dg.AssetSpec(
            PULLED_KEY,
            group_name="pull",
            kinds={"json"},
            owners=[OWNER],
            skippable=True,
            description=(
                "Customer data of a server of register/cds_servers.toml, as it sent them, in "
                "landing/cds: all pages of a run or none. An interrupted run goes on where it "
                "stopped."
            ),
        )
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "grants",
            asset=PULLED_KEY,
            description="No grant of the server's entry has lost its access.",
        )
    ],
    partitions_def=CDS_SERVERS,
    # What a server refuses for good is not asked again; see `_failure`.
    retry_policy=dg.RetryPolicy(max_retries=2, delay=300, backoff=dg.Backoff.EXPONENTIAL),
    pool="pull",
)
def pull_cds(
    context: dg.AssetExecutionContext, config: PullConfig, platform: Platform
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Pull from one server into landing/cds; its sensor has the files judged."""
    from cei_assets.pull.problem import PullError
    from cei_assets.pull.servers import secret_variable

    server = context.partition_key
    if not os.environ.get(secret_variable(server), "").strip():
        said = f"{server} is skipped: set {secret_variable(server)} in the environment of Dagster"
        context.log.warning(said)
        yield _grants_check(said, passed=False)
        return
    try:
        report = _pull(platform.settings, server=server, window=config.window, log=context.log)
    except PullError as error:
        raise _failure(server, error) from None
    metadata: dict[str, str | int] = {
        "batch_id": report.batch_id or "nothing to read",
        "pages": len(report.files),
        "pages_of_an_interrupted_run": report.resumed_pages,
    }
    metadata |= {f"objects/{kind}": count for kind, count in report.items.items()}
    yield dg.MaterializeResult(asset_key=PULLED_KEY, metadata=metadata)
    said = "; ".join(report.complaints) or "every grant can be read, or will be"
    yield _grants_check(said, passed=not report.complaints)


def _grants_check(said: str, *, passed: bool) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=PULLED_KEY,
        check_name="grants",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
    )


def _failure(server: str, error: Exception) -> dg.Failure:
    """What a person reads; only what may mend itself is tried again."""
    from cei_assets.pull.problem import BusyError, UnreachableError

    passes = isinstance(error, BusyError | UnreachableError)
    text = " ".join(str(error).split())
    return dg.Failure(description=f"{server}: {text}", allow_retries=passes)


def _pull(settings: Settings, *, server: str, window: str, log: logging.Logger) -> "PullReport":
    from cei_assets.pull.planning import plan_pull
    from cei_assets.pull.problem import PullError
    from cei_assets.pull.run import pull
    from cei_assets.pull.servers import SERVERS_FILE, load_server
    from cei_assets.pull.web import Timing, Web
    from cei_assets.pull.windows import WindowName
    from cei_assets.pull.windows import window as window_of

    if window not in set(WindowName):
        raise PullError(
            f"no window {window!r}", where="config window", fix=f"one of {', '.join(WindowName)}"
        )
    entry = load_server(settings.paths.register / SERVERS_FILE, server, environment=os.environ)
    now = settings.now().replace(tzinfo=UTC)
    timing = Timing(
        now=settings.wall_clock,
        monotonic=time.monotonic,
        sleep=time.sleep,
        random=random.Random().random,  # noqa: S311  # spreads pauses, guards nothing
    )
    with Web(timing=timing) as web:
        plan = plan_pull(
            web, entry, make_window=lambda zone: window_of(WindowName(window), now=now, zone=zone)
        )
        asked = plan.window.as_json()
        log.info("%s: from %s to %s", asked["name"], asked["since"], asked["until"])
        for state in (*(s for one in plan.identities for s in one.grants), *plan.skipped):
            log.info("%s", state)
        return pull(plan, paths=settings.paths, on_page=_told(log))


def _told(log: logging.Logger) -> "Callable[[Arrived], None]":
    """Says how far a run is: at the first page of every list, and every 50 pages."""
    pages = size = 0

    def arrived(page: "Arrived") -> None:
        nonlocal pages, size
        pages, size = pages + 1, size + page.size
        if page.number == 1 or pages % _PAGES_BETWEEN_LINES == 0:
            log.info(
                "%s, page %d; so far: pages %d, %.1f MB",
                page.about["object"], page.number, pages, size / 1e6,
            )  # fmt: skip

    return arrived


PULL_ASSETS: list[dg.AssetsDefinition] = [pull_cds]
